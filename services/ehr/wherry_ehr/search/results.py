"""Parameters about the answer of a search, not about what is found: what comes along, how whole."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

from wherry.errors import Failure, Kind
from wherry.fhir.r4.tables import type_ as definition
from wherry_ehr.search.params import parameters
from wherry_ehr.search.types import types
from wherry_ehr.search.values import safe

JSON_FORMATS = frozenset({"json", "application/json", "application/fhir+json", "text/json"})
SUMMARIES = frozenset({"true", "false", "text", "data", "count"})
TOTALS = frozenset({"none", "estimate", "accurate"})
MAX_INCLUDES = 20

ANY = "*"


class Include(NamedTuple):
    """`source:param:target`; an empty target is any type, `iterate` looks at included ones too."""

    source: str
    param: str
    target: str = ""
    iterate: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What the answer is to look like."""

    includes: tuple[Include, ...] = ()
    revincludes: tuple[Include, ...] = ()
    summary: str = "false"
    elements: tuple[str, ...] = ()
    total: str = "accurate"

    @property
    def whole(self) -> bool:
        """Whether resources are shown as they are stored."""
        return self.summary in {"false", "count"} and not self.elements


WHOLE = Asked()


def _include(asked: Asked, type_: str, value: str, *, iterate: bool = False) -> Asked:
    one = _read_include("_include", type_, value, iterate=iterate)
    if one.source not in {type_, ANY} and not iterate:
        raise Failure(Kind.INVALID, f"_include starts at a {type_}", at="_include")
    return _limited(replace(asked, includes=(*asked.includes, one)))


def _revinclude(asked: Asked, type_: str, value: str, *, iterate: bool = False) -> Asked:
    one = _read_include("_revinclude", type_, value, iterate=iterate)
    if not iterate and one.param != ANY:
        targets = parameters()[one.source][one.param].targets
        if type_ not in targets or one.target not in {"", type_}:
            text = f"{one.source}:{one.param} does not refer to a {type_}"
            raise Failure(Kind.INVALID, text, at="_revinclude")
    return _limited(replace(asked, revincludes=(*asked.revincludes, one)))


def _read_include(name: str, type_: str, value: str, *, iterate: bool) -> Include:
    source, _, rest = value.partition(":")
    param, _, target = rest.partition(":")
    if value == ANY and name == "_include":
        return Include(ANY, ANY, iterate=iterate)
    if source not in types():
        raise Failure(Kind.INVALID, "Type:parameter is needed", at=name)
    known = parameters()[source].get(param)
    if param != ANY and (known is None or known.kind != "reference"):
        text = f"{safe(f'{source}:{param}')} is not a reference parameter"
        raise Failure(Kind.INVALID, text, at=name)
    if target and (target not in types() or (known and target not in known.targets)):
        raise Failure(Kind.INVALID, "the target is not a type of this reference", at=name)
    return Include(source, param, target, iterate)


def _limited(asked: Asked) -> Asked:
    if len(asked.includes) + len(asked.revincludes) > MAX_INCLUDES:
        raise Failure(Kind.INVALID, f"at most {MAX_INCLUDES} includes", at="_include")
    return asked


def _summary(asked: Asked, _type: str, value: str) -> Asked:
    return replace(asked, summary=_one_of("_summary", SUMMARIES, value))


def _total(asked: Asked, _type: str, value: str) -> Asked:
    return replace(asked, total=_one_of("_total", TOTALS, value))


def _elements(asked: Asked, type_: str, value: str) -> Asked:
    names = tuple(value.removeprefix(f"{type_}.") for value in value.split(","))
    known = {item.element.removesuffix("[x]") for item in definition(type_).properties.values()}
    for name in names:
        if name not in known:
            text = f"{safe(name)} is not an element of {type_}"
            raise Failure(Kind.INVALID, text, at="_elements")
    return replace(asked, elements=(*asked.elements, *names))


def _format(asked: Asked, _type: str, value: str) -> Asked:
    check_format(value)
    return asked


def _pretty(asked: Asked, _type: str, value: str) -> Asked:
    _one_of("_pretty", frozenset({"true", "false"}), value)
    return asked


def check_format(value: str) -> None:
    """Raises: Failure(UNACCEPTABLE) for what is not JSON."""
    if value.partition(";")[0].strip() not in JSON_FORMATS:
        raise Failure(Kind.UNACCEPTABLE, "only JSON is served", at="_format")


def _one_of(name: str, known: frozenset[str], value: str) -> str:
    if value not in known:
        raise Failure(Kind.INVALID, f"{name} is one of {', '.join(sorted(known))}", at=name)
    return value


# Source: FHIR R4 search, 3.1.1.5 (parameters that manage the returned resources); http, 3.1.0.1.5.
RESULTS: dict[str, Callable[[Asked, str, str], Asked]] = {
    "_include": _include,
    "_include:iterate": lambda asked, type_, value: _include(asked, type_, value, iterate=True),
    "_revinclude": _revinclude,
    "_revinclude:iterate": lambda asked, type_, value: _revinclude(
        asked, type_, value, iterate=True
    ),
    "_summary": _summary,
    "_elements": _elements,
    "_total": _total,
    "_format": _format,
    "_pretty": _pretty,
}
