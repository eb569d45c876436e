"""A resource becomes the JSON text that is stored, and a digest of what the client said."""

import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from wherry.codec import decode
from wherry.errors import Failure, Kind
from wherry_ehr.ask import Version
from wherry_ehr.write.told import Element, Told, written

# A link is a whole string, in a narrative between escaped quotes. Both patterns begin with fixed
# text, which makes looking for it twenty times faster.
_URN = re.compile(r'"(urn:(?:uuid|oid):[^"\\]+)')
_SEARCH = re.compile(r'"reference":"([A-Z][A-Za-z]+\?(?:[^"\\]|\\.)+)"')
_CONDITIONAL = re.compile(rb'"reference"\s*:\s*"([A-Z][A-Za-z]+\?(?:[^"\\]|\\.)+)"')
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_SERVERS = frozenset({"resourceType", "id", "meta"})
_STAMP = frozenset({"versionId", "lastUpdated"})


class Content(NamedTuple):
    """What a client said about a resource, without the parts that are the server's."""

    meta: str
    rest: str
    digest: str

    def body(self, version: Version) -> str:
        """The stored text: the server's id, version and time first."""
        mine = f'"versionId":"{version.vid}","lastUpdated":"{version.instant}"'
        meta = f"{mine},{self.meta[1:]}" if self.meta != "{}" else f"{mine}}}"
        rest = f",{self.rest[1:]}" if self.rest != "{}" else "}"
        return f'{{"resourceType":"{version.type}","id":"{version.id}","meta":{{{meta}{rest}'


def content(
    told: Told, links: Mapping[str, str], *, at: str = "", done: dict[str, str] | None = None
) -> Content:
    """The content of a resource with its links put in.

    `done` keeps what the same links made of a text: the resources of a Bundle repeat most of them.
    Raises: Failure(INVALID) when a reference by urn or search leads nowhere.
    Source: FHIR R4 http, 3.1.0.11.2 (transaction rules for links).
    """
    every, done = told.elements, {} if done is None else done
    texts = []
    for name in _own(tuple(every)):
        text = every[name].text
        if not every[name].plain:
            if text not in done:
                done[text] = _linked(text, links, at)
            text = done[text]
        texts.append(text)
    rest = f"{{{','.join(texts)}}}"
    meta = _meta(told.elements["meta"]) if "meta" in told.elements else "{}"
    return Content(meta, rest, blake2b(f"{meta}{rest}".encode(), digest_size=16).hexdigest())


def conditional_references(text: bytes) -> set[str]:
    """Every `Type?search` that stands as a reference in this JSON text."""
    return {_meant(found.decode()) for found in _CONDITIONAL.findall(text)}


def _meant(text: str) -> str:
    """A JSON string without its escapes: a comma that is no separator has a backslash before it."""
    return str(decode(f'"{text}"')) if "\\" in text else text


@lru_cache(1024)
def _own(names: tuple[str, ...]) -> tuple[str, ...]:
    """The client's elements in the order of their texts."""
    return tuple(sorted(name for name in names if name not in _SERVERS))


def _meta(meta: Element) -> str:
    if _STAMP.isdisjoint(meta.value):
        return meta.text.removeprefix('"meta":')
    return written({name: meta.value[name] for name in meta.value if name not in _STAMP})


def _linked(text: str, links: Mapping[str, str], at: str) -> str:
    if "\\u0000" in text and _NUL.search(text):
        raise Failure(Kind.INVALID, "a text holds a NUL character", at=at)
    if '"urn:' in text:
        text = _with_urns(text, links, at)
    if "?" in text:
        text = _SEARCH.sub(lambda found: _reference(found[1], links, at), text)
    return text


def _with_urns(text: str, links: Mapping[str, str], at: str) -> str:
    parts = _URN.split(text)
    for n in range(1, len(parts), 2):
        before = parts[n - 1]
        if before.endswith('"reference":') and parts[n].startswith("urn:uuid:"):
            parts[n] = _target(parts[n], links, at)
        elif _may_link(before):
            parts[n] = links.get(parts[n], parts[n])
        parts[n] = f'"{parts[n]}'
    return "".join(parts)


def _may_link(before: str) -> bool:
    if before.endswith("\\"):  # a quote inside a text: a link only in a narrative
        return before.endswith(("href=\\", "src=\\"))
    return not before.endswith('"value":')  # Identifier.value names a thing, it is no link to it


def _reference(search: str, links: Mapping[str, str], at: str) -> str:
    return f'"reference":"{_target(_meant(search), links, at)}"'


def _target(link: str, links: Mapping[str, str], at: str) -> str:
    if link not in links:
        raise Failure(Kind.INVALID, "a reference leads to nothing in this Bundle", at=at)
    return links[link]
