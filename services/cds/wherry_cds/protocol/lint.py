"""Our own prefetch templates become a list of what a 2.0 client could not do with them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import parse_qsl

from wherry.errors import Failure, Kind
from wherry_cds.protocol.catalogue import Key, Service
from wherry_cds.protocol.hooks import USER_TOKENS, Field, Fields

_TOKEN = re.compile(r"\{\{([^{}]*)\}\}")
_READ = re.compile(r"[A-Z][A-Za-z]+/\{\{[^{}]+\}\}")
_SEARCH = re.compile(r"[A-Z][A-Za-z]+\?(.+)")
_PARAMETER = re.compile(r"(?P<name>[a-z][a-z0-9-]*|_count|_sort|_id)(?P<modifier>:[A-Za-z]+)?")
_DATE = re.compile(r"(?P<prefix>[a-z]{2})?\d{4}(-\d\d(-\d\d(T\S+)?)?)?")
_PREFIXES = frozenset({None, "eq", "lt", "gt", "ge", "le"})


def refuse(services: Sequence[Service], contexts: Mapping[str, Fields]) -> None:
    """Return when clients can use every template. Raises: Failure(FAULT), naming all that is wrong.

    Source: CDS Hooks 2.0, Prefetch Template, Prefetch Tokens, Prefetch Query Restrictions.
    """
    found = [text for service in services for text in problems(service, contexts)]
    pairs = [(service.id, service.hook) for service in services]
    found += [f"{id_} is there twice on {hook}" for id_, hook in _doubles(pairs)]
    if found:
        raise Failure(Kind.FAULT, "; ".join(found), at="cds-services")


def problems(service: Service, contexts: Mapping[str, Fields]) -> list[str]:
    """What is wrong with the hook and the templates of one service."""
    where = f"{service.id} on {service.hook}"
    if service.hook not in contexts:
        return [f"{where}: no such hook"]
    fields = {field.name: field for field in contexts[service.hook]}
    return [
        f"{where}, {key.name}: {text}"
        for key in service.keys
        for text in (*_tokens(key, fields), *_query(key))
    ]


def _tokens(key: Key, fields: Mapping[str, Field]) -> Iterator[str]:
    for token in _TOKEN.findall(key.template):
        field = fields.get("userId" if token in USER_TOKENS else token.removeprefix("context."))
        if field is None or (token not in USER_TOKENS and not token.startswith("context.")):
            yield f"the hook has no token {token}"
        elif not field.token:
            yield f"{token} is no simple value and cannot be a token"
        elif key.required and (not field.required or token in USER_TOKENS):
            yield f"a required key cannot depend on {token}, which a client may leave out"
    if "{{" in _TOKEN.sub("", key.template):
        yield "a token is not closed"


def _query(key: Key) -> Iterator[str]:
    if not key.template.startswith((f"{key.type}/", f"{key.type}?")):
        yield f"it does not ask for {key.type}"
    if _READ.fullmatch(key.template):
        if key.many:
            yield "a read by id answers no Bundle"
        return
    search = _SEARCH.fullmatch(key.template)
    if search is None:
        yield "it is neither a read by id nor a search of one type"
        return
    if not key.many:
        yield "a search answers a Bundle"
    for name, value in parse_qsl(search[1], keep_blank_values=True):
        yield from _parameter(name, value)


def _parameter(name: str, value: str) -> Iterator[str]:
    found = _PARAMETER.fullmatch(name)
    if found is None or found["modifier"] not in (None, ":in"):
        yield f"{name} is outside the searches that 2.0 clients do"
    if not value:
        yield f"{name} is empty"
    date = _DATE.fullmatch(value)
    if date and date["prefix"] not in _PREFIXES:
        yield f"{name} compares dates in a way that 2.0 clients do not"


def _doubles(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted({pair for pair in pairs if pairs.count(pair) > 1})
