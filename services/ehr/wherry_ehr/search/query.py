"""Query parameters become a Query, or a Failure that names the parameter that cannot be done."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_plus

from wherry.errors import Failure, Kind
from wherry.fhir.interval import PREFIXES, Interval, interval, micros
from wherry_ehr.search.extract import VALUE_CHARS
from wherry_ehr.search.params import Param, parameters

Pairs = Sequence[tuple[str, str]]

DEFAULT_COUNT, MAX_COUNT = 50, 1000
MAX_VALUES = 500
"""In one search, over all its parameters: databases limit how long an expression may be."""
MAX_SORTS = 4
_IDENTIFIER = "identifier="
JSON_FORMATS = frozenset({"json", "application/json", "application/fhir+json"})


class Token(NamedTuple):
    """`system|code`: None stands for any, an empty system for none."""

    system: str | None
    code: str | None


@dataclass(frozen=True, slots=True)
class When:
    """A prefix and the span of time it compares with."""

    prefix: str
    span: Interval


@dataclass(frozen=True, slots=True)
class Targets:
    """The addresses that one reference value may mean."""

    any_of: tuple[str, ...]


Value = Token | When | Targets | str


@dataclass(frozen=True, slots=True)
class Term:
    """One parameter with values of which one must match."""

    param: Param
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Alternatives of which one must hold, each with all of its terms."""

    choices: tuple[tuple[Term, ...], ...]


Condition = Term | AnyOf


@dataclass(frozen=True, slots=True)
class Query:
    """A whole search: every term must hold."""

    type: str
    terms: tuple[Condition, ...] = ()
    sort: tuple[tuple[str, bool], ...] = ()
    count: int = DEFAULT_COUNT
    used: tuple[tuple[str, str], ...] = ()


def parse(
    type_: str, pairs: Pairs, *, now: datetime, base: str = "", lenient: bool = False
) -> Query:
    """Read a search of `type_`; `lenient` drops unknown parameters instead of refusing them.

    Raises: Failure(INVALID) at the parameter's name. Source: FHIR R4 search, 3.1.1.
    """
    terms: list[Term] = []
    sort: tuple[tuple[str, bool], ...] = ()
    count = DEFAULT_COUNT
    used: list[tuple[str, str]] = []
    for name, value in pairs:
        if name == "_count":
            count = _count(value)
        elif name == "_sort":
            sort = _sort(type_, value)
        elif name == "_format":
            if value not in JSON_FORMATS:
                raise Failure(Kind.UNSUPPORTED, "only JSON is served", at="_format")
        elif term := _term(type_, name, value, now=now, base=base, lenient=lenient):
            terms.append(term)
        else:
            continue
        used.append((name, value))
    if sum(len(term.values) for term in terms) > MAX_VALUES:
        raise Failure(Kind.INVALID, f"a search has at most {MAX_VALUES} values", at=type_)
    return Query(type_, tuple(terms), sort, count, tuple(used))


def split(text: str, separator: str) -> list[str]:
    """Parts between separators that no backslash protects. Source: FHIR R4 search, 3.1.1.4.15."""
    if "\\" not in text:
        return text.split(separator)
    guarded = text.replace("\\\\", "\0").replace(f"\\{separator}", "\1")
    return [
        part.replace("\1", f"\\{separator}").replace("\0", "\\\\")
        for part in guarded.split(separator)
    ]


def token(text: str) -> Token:
    """One token value: code, system|code, |code or system|."""
    parts = split(text, "|")
    if len(parts) == 1:
        return Token(None, _plain(parts[0]))
    return Token(_plain(parts[0]), _plain("|".join(parts[1:])) or None)


@lru_cache(8192)  # a batch of searches and the transaction after it ask for the same
def identifiers(query: str) -> tuple[Token, ...]:
    """The identifiers that a query string asks for when it asks for nothing else."""
    if not query.startswith(_IDENTIFIER) or "&" in query:
        return ()
    text = query[len(_IDENTIFIER) :].replace("%7C", "|")
    if "%" in text or "+" in text:  # mostly only the bar is encoded, and unquoting takes long
        text = unquote_plus(query[len(_IDENTIFIER) :])
    asked = tuple([token(part) for part in split(text, ",")])
    return asked if all(one.code for one in asked) else ()


def _term(
    type_: str, name: str, value: str, *, now: datetime, base: str, lenient: bool
) -> Term | None:
    stem, _, modifier = name.partition(":")
    param = parameters()[type_].get(stem)
    if param is None or (modifier and not _takes(param, modifier)):
        if lenient:
            return None
        raise Failure(Kind.INVALID, f"search parameter {_safe(name)} is not supported", at=type_)
    parts = split(value, ",")
    if not all(parts):
        raise Failure(Kind.INVALID, f"search parameter {stem} has an empty value", at=stem)
    read = _READ[param.kind]
    return Term(param, tuple(read(part, param, modifier, now, base) for part in parts))


def _takes(param: Param, modifier: str) -> bool:
    """The only modifier so far is the target type of a reference: subject:Patient=1."""
    return param.kind == "reference" and modifier in param.targets


def _token(text: str, param: Param, _modifier: str, _now: datetime, _base: str) -> Value:
    asked = token(text)
    if asked.code is None and not asked.system:
        raise Failure(Kind.INVALID, "a token needs a code or a system", at=param.name)
    return asked


def _reference(text: str, param: Param, modifier: str, _now: datetime, base: str) -> Value:
    target = _plain(text)
    if base and target.startswith(f"{base}/"):
        target = target.removeprefix(f"{base}/")
    if "/" in target or ":" in target:
        return Targets((target,))
    types: Iterable[str] = [modifier] if modifier else sorted(param.targets)
    return Targets(tuple(f"{type_}/{target}" for type_ in types))


def _when(text: str, param: Param, _modifier: str, now: datetime, _base: str) -> Value:
    prefix = text[:2] if text[:2] in PREFIXES else "eq"
    try:
        asked = interval(_plain(text.removeprefix(prefix)))
    except Failure as failure:
        raise Failure(Kind.INVALID, failure.detail, at=param.name) from None
    if prefix == "ap":
        slack = abs(micros(now) - asked[0]) // 10
        asked = asked[0] - slack, asked[1] + slack
    return When(prefix, asked)


def _id(text: str, _param: Param, _modifier: str, _now: datetime, _base: str) -> Value:
    return _plain(text)


_READ: dict[str, Callable[[str, Param, str, datetime, str], Value]] = {
    "token": _token,
    "reference": _reference,
    "date": _when,
    "updated": _when,
    "id": _id,
}


def _plain(text: str) -> str:
    if "\\" in text:
        for char in "\\,|$":
            text = text.replace(f"\\{char}", char if char != "\\" else "\0")
        text = text.replace("\0", "\\")
    return text[:VALUE_CHARS]


def _count(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 9):
        raise Failure(Kind.INVALID, "a number of resources is needed", at="_count")
    return min(int(value), MAX_COUNT)


def _sort(type_: str, value: str) -> tuple[tuple[str, bool], ...]:
    keys = tuple((key.removeprefix("-"), key.startswith("-")) for key in value.split(","))
    if len(keys) > MAX_SORTS:
        raise Failure(Kind.INVALID, f"at most {MAX_SORTS} parameters can be sorted by", at="_sort")
    for name, _ in keys:
        param = parameters()[type_].get(name)
        if param is None or param.kind not in {"id", "updated", "date"}:
            raise Failure(Kind.INVALID, f"cannot sort by {_safe(name)}", at="_sort")
    return keys


def _safe(name: str) -> str:
    """A parameter's name as it may be repeated; anything else could be a value in disguise."""
    good = len(name) <= 64 and all(
        char.isascii() and (char.isalnum() or char in "_-:.") for char in name
    )
    return name if good else "(unreadable name)"
