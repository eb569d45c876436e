"""An Observation that several messages say in parts: of each part the newest word counts.

The result is the same in whatever order the messages come and however often. A part is a component;
which message it came from stands with it as long as not all came from one. Source: FHIR R4
Observation.component.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from wherry.fhir.interval import BEFORE_ALL, interval
from wherry.fhir.systems import DATA_ABSENT, DEVICE_QUALITY, SOURCE_TIME
from wherry.resource import Resource

PARTS = "component"
"""What is said of a resource that messages say in parts, among its `weak` elements."""

VERSIONED = "version"
"""Beside it: the time of what is said is its source's own version and not when it was received."""

_VOID = "entered-in-error"
_MARKS = frozenset({SOURCE_TIME, DEVICE_QUALITY})
_SERVER_SET = ("versionId", "lastUpdated")
_UNKNOWN = {"coding": [{"system": DATA_ABSENT, "code": "unknown"}]}
# What one message says of another resource, or by which name it knows this one, the next keeps.
_GROWING = ("identifier", "derivedFrom")


@dataclass(frozen=True, slots=True)
class _Part:
    """A component without its marks; `said_at` is empty for one that nobody has said yet."""

    component: Resource
    said_at: str
    tags: tuple[str, ...]
    apart: bool

    @property
    def at(self) -> int:
        return interval(self.said_at)[0] if self.said_at else BEFORE_ALL


_Parts = Mapping[str, _Part]


def joined(stored: Resource, incoming: Resource) -> Resource:
    """What both say, but for what a server says of the stored one; the newer one's words lead.

    A component that is unknown is a gap, which any message fills, however old. A whole message
    takes back what an older whole one said; what came apart stays. A newer deletion takes back all.
    """
    older = _said_at(incoming) < _said_at(stored)
    first, second = (stored, incoming) if older else (incoming, stored)
    out = {**first}
    if "id" in stored:
        out["id"] = stored["id"]
    for name in _GROWING:
        if both := _union(first.get(name, ()), second.get(name, ())):
            out[name] = both
    parts: dict[str, _Part] = {}
    if first.get("status") != _VOID:
        parts = _chosen(_parts(first), _parts(second), second_is_stored=not older)
        if second.get("status") == _VOID:
            parts = _without(parts, second)
    if parts:
        out[PARTS] = _components(parts, out)
    out["meta"] = _meta(first, second, parts)
    return out


def _chosen(first: _Parts, second: _Parts, second_is_stored: bool) -> dict[str, _Part]:
    """The newest of each part: those that both have, then what only one has, by its name."""
    whole = all(part.said_at for part in first.values())
    both = {
        key: _newest(part, second[key], second_is_stored)
        for key, part in first.items()
        if key in second
    }
    one = {key: part for key, part in first.items() if key not in second}
    one |= {
        key: part for key, part in second.items() if key not in first and (part.apart or not whole)
    }
    return both | {key: one[key] for key in sorted(one)}


def _newest(first: _Part, second: _Part, second_is_stored: bool) -> _Part:
    """The newer one; of two that say the same the one that is stored."""
    if (first.component, first.tags) == (second.component, second.tags):
        kept, other = (second, first) if second_is_stored else (first, second)
        return kept if kept.said_at else other
    return second if second.at > first.at else first


def _without(parts: Mapping[str, _Part], deletion: Resource) -> dict[str, _Part]:
    """The parts after an older deletion: what it took back, nothing older says again."""
    at, gone_at = _said_at(deletion), _time(deletion)
    return {
        key: part
        if part.at > at
        else _Part(
            {"code": part.component["code"], "dataAbsentReason": _UNKNOWN}, gone_at, (), True
        )
        for key, part in parts.items()
    }


def _components(parts: Mapping[str, _Part], out: Resource) -> list[Resource]:
    """The parts, each with its marks unless all came from one message."""
    alone = _of_itself(out) or len(_messages(parts)) == 1
    return [
        part.component
        if not part.said_at or (alone and not (_of_itself(out) and part.apart))
        else _marked(part)
        for part in parts.values()
    ]


def _messages(parts: Mapping[str, _Part]) -> set[tuple[str, tuple[str, ...]]]:
    return {(part.said_at, part.tags) for part in parts.values() if part.said_at}


def _meta(first: Resource, second: Resource, parts: Mapping[str, _Part]) -> dict[str, Any]:
    """What is said of the whole: our tags are those of the messages that it still says."""
    meta = {**second.get("meta", {}), **first.get("meta", {})}
    for name in _SERVER_SET:
        meta.pop(name, None)
    both = [one.get("meta", {}) for one in (first, second)]
    tags = [
        tag for one in both for tag in one.get("tag", ()) if tag.get("system") != DEVICE_QUALITY
    ]
    lists = {
        "tag": [*_union(tags, ()), *map(_tag, _tags(first, parts))],
        "security": _union(*(one.get("security", ()) for one in both)),
    }
    for name, said in lists.items():
        meta.pop(name, None)
        if said:
            meta[name] = said
    return meta


def _tags(first: Resource, parts: Mapping[str, _Part]) -> Iterable[str]:
    """The tags of one message as they stand, those of several in the order of the alphabet."""
    each = {tags for _, tags in _messages(parts)}
    if _of_itself(first) or not each:
        return _resource_tags(first)
    return next(iter(each)) if len(each) == 1 else sorted({tag for tags in each for tag in tags})


def _parts(resource: Resource) -> dict[str, _Part]:
    components = resource.get(PARTS, ())
    partial = any(_gap(one) and not _time(one) for one in components)
    return {_key(one): _part(one, resource, partial) for one in components}


def _part(component: Resource, resource: Resource, partial: bool) -> _Part:
    own = _time(component)
    others = [one for one in component.get("extension", ()) if one.get("url") not in _MARKS]
    bare = {name: value for name, value in component.items() if name != "extension"}
    if others:
        bare["extension"] = others
    if own:
        return _Part(bare, own, tuple(_own_tags(component)), True)
    if _gap(component):
        return _Part(bare, "", (), partial)
    return _Part(bare, _time(resource), tuple(_resource_tags(resource)), partial)


def _marked(part: _Part) -> Resource:
    """A component with the time and the tags of the message that said it."""
    marks: list[Resource] = [{"url": SOURCE_TIME, "valueDateTime": part.said_at}]
    marks += [{"url": DEVICE_QUALITY, "valueCode": tag} for tag in part.tags]
    rest = {name: value for name, value in part.component.items() if name != "extension"}
    return {"extension": [*part.component.get("extension", ()), *marks], **rest}


def marked(component: Resource, said_at: str) -> Resource:
    """A component that is always said apart from the rest, with the time when it was said."""
    return _marked(_Part(component, said_at, (), True))


def _key(component: Resource) -> str:
    code = component.get("code", {})
    codings = [
        f"{one.get('system', '')}|{one.get('code', '')}" for one in code.get("coding", ())[:1]
    ]
    return codings[0] if codings else str(code.get("text", ""))


def _gap(component: Resource) -> bool:
    return component.get("dataAbsentReason") == _UNKNOWN


def _of_itself(resource: Resource) -> bool:
    """Whether it has a value of its own, so that its tags are about that and not about parts."""
    return any(name.startswith("value") or name == "dataAbsentReason" for name in resource)


def _time(element: Resource) -> str:
    for one in element.get("extension", ()):
        if one.get("url") == SOURCE_TIME:
            return str(one.get("valueDateTime", ""))
    return ""


def _said_at(resource: Resource) -> int:
    said = _time(resource)
    return interval(said)[0] if said else BEFORE_ALL


def _own_tags(component: Resource) -> Iterable[str]:
    return (
        str(one.get("valueCode", ""))
        for one in component.get("extension", ())
        if one.get("url") == DEVICE_QUALITY
    )


def _resource_tags(resource: Resource) -> Iterable[str]:
    return (
        str(one.get("code", ""))
        for one in resource.get("meta", {}).get("tag", ())
        if one.get("system") == DEVICE_QUALITY
    )


def _tag(code: str) -> Resource:
    return {"system": DEVICE_QUALITY, "code": code}


def _union(kept: Iterable[Any], said: Iterable[Any]) -> list[Any]:
    out: list[Any] = []
    for one in (*kept, *said):
        if one not in out:
            out.append(one)
    return out
