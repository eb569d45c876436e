"""GET or POST Patient/[id]/$everything: the patient's compartment, with what it refers to."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from wherry.codec import decode
from wherry.errors import Failure, Kind
from wherry.fhir.interval import interval
from wherry_ehr.ask import Answer, Ask
from wherry_ehr.deps import Deps
from wherry_ehr.interactions.allowed import must, sees, unknown
from wherry_ehr.interactions.history import instant_in
from wherry_ehr.interactions.includes import MAX_INCLUDED, included
from wherry_ehr.interactions.pages import PAGE, address, kept, promised
from wherry_ehr.interactions.search import searchset
from wherry_ehr.interactions.shape import LENIENT
from wherry_ehr.search.query import DEFAULT_COUNT, MAX_COUNT
from wherry_ehr.search.results import ANY, Asked, Include, check_format
from wherry_ehr.search.types import types
from wherry_ehr.search.values import safe
from wherry_ehr.store.everything import Scope, compartment_of, is_of_compartment
from wherry_ehr.store.sql_store import View

_ALONG = Asked(includes=(Include(ANY, ANY),))


@dataclass(frozen=True, slots=True)
class _Wanted:
    scope: Scope
    count: int = DEFAULT_COUNT


def everything(ask: Ask, deps: Deps) -> Answer:
    """A searchset Bundle. Source: FHIR R4 patient-operation-everything."""
    with deps.store.view() as view:
        return everything_in(view, ask, deps)


def everything_in(view: View, ask: Ask, deps: Deps) -> Answer:
    """One page of it in this view. Raises: Failure(NOT_FOUND) without such a patient."""
    if ask.type != "Patient":
        raise Failure(Kind.NOT_FOUND, "only a Patient has $everything", at=ask.type)
    must(ask, "r")
    patient = view.read("Patient", ask.id)
    if patient is None or patient.gone or not sees(ask.limits, patient, "r", view):
        raise unknown("Patient")
    here, after = address(ask), 0
    if state := kept(view, ask):
        wanted = _read(replace(ask, params=tuple((n, v) for n, v in state["used"])))
        here, after = f"{here}?{PAGE}={dict(ask.params)[PAGE]}", state["after"]
    else:
        wanted = _read(ask)
        here += f"?{urlencode(ask.params)}" if ask.params else ""
    limit = wanted.count + 1
    found = list(compartment_of(view.connection, ask.id, wanted.scope, after, limit))
    page = found[: wanted.count]
    next_link = ""
    if 0 < wanted.count < len(found):
        used = state["used"] if state else ask.params
        next_link = promised(view, ask, deps, {"used": used, "after": page[-1].rid})
    shown = [one for one in page if sees(ask.limits, one, "s", view)]
    along = included(view, shown, _ALONG, base=ask.base, limits=ask.limits)
    others = [one for one in along.found if not is_of_compartment(one.type)]
    if wanted.scope.types:
        others = [one for one in others if one.type in wanted.scope.types]
    bundle = searchset(
        ask.base,
        shown,
        total=None,
        self_link=here,
        next_link=next_link,
        along=replace(along, found=tuple(others)),
    )
    return Answer(200, bytes(bundle).decode())


def _read(ask: Ask) -> _Wanted:
    """The operation's parameters, from the address or out of a Parameters resource."""
    wanted = _Wanted(Scope())
    for name, value in (*ask.params, *_posted(ask)):
        if read := _PARAMETERS.get(name):
            wanted = read(wanted, value)
        elif name not in {PAGE, "_pretty"} and LENIENT not in ask.prefer:
            text = f"parameter {safe(name)} is not supported"
            raise Failure(Kind.INVALID, text, at="$everything")
    return wanted


def _posted(ask: Ask) -> list[tuple[str, str]]:
    if not ask.text:
        return []
    body = decode(ask.text)
    if not isinstance(body, dict) or body.get("resourceType") != "Parameters":
        raise Failure(Kind.INVALID, "a Parameters resource is needed", at="resourceType")
    listed = body.get("parameter", [])
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise Failure(Kind.INVALID, "a list is needed", at="Parameters.parameter")
    return [_parameter(one) for one in listed]


def _parameter(one: dict[str, Any]) -> tuple[str, str]:
    values = [str(value) for name, value in one.items() if name.startswith("value")]
    if not isinstance(one.get("name"), str) or len(values) != 1:
        raise Failure(Kind.INVALID, "a name and a value are needed", at="Parameters.parameter")
    return one["name"], values[0]


def _count(wanted: _Wanted, value: str) -> _Wanted:
    if not (value.isascii() and value.isdigit() and 0 < len(value) < 9 and int(value)):
        raise Failure(Kind.INVALID, "a number of resources is needed", at="_count")
    return replace(wanted, count=min(int(value), MAX_COUNT, MAX_INCLUDED))


def _types(wanted: _Wanted, value: str) -> _Wanted:
    names = frozenset(value.split(","))
    if not names <= types():
        raise Failure(Kind.INVALID, "no such resource type", at="_type")
    return replace(wanted, scope=replace(wanted.scope, types=wanted.scope.types | names))


def _since(wanted: _Wanted, value: str) -> _Wanted:
    return replace(wanted, scope=replace(wanted.scope, since=instant_in(value, "_since")))


def _start(wanted: _Wanted, value: str) -> _Wanted:
    return replace(wanted, scope=replace(wanted.scope, start=instant_in(value, "start")))


def _end(wanted: _Wanted, value: str) -> _Wanted:
    instant_in(value, "end")
    return replace(wanted, scope=replace(wanted.scope, end=interval(value)[1]))


def _formatted(wanted: _Wanted, value: str) -> _Wanted:
    check_format(value)
    return wanted


_PARAMETERS = {
    "_count": _count,
    "_format": _formatted,
    "_since": _since,
    "_type": _types,
    "end": _end,
    "start": _start,
}
