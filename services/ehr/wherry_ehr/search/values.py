"""One value of a search parameter: read by the kind of the parameter, with its modifier."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from wherry.errors import Failure, Kind
from wherry.fhir.interval import PREFIXES, Interval, interval, micros
from wherry_ehr.search.amounts import Amount, amount
from wherry_ehr.search.extract import VALUE_CHARS
from wherry_ehr.search.normal import TEXT_CHARS, normal
from wherry_ehr.search.params import Param


class Token(NamedTuple):
    """`system|code`: None stands for any, an empty system for none."""

    system: str | None
    code: str | None


class Text(NamedTuple):
    """A text as it was asked for, and as it is compared."""

    exact: str
    normal: str


@dataclass(frozen=True, slots=True)
class When:
    """A prefix and the span of time it compares with."""

    prefix: str
    span: Interval


@dataclass(frozen=True, slots=True)
class Targets:
    """The addresses that one reference value may mean."""

    any_of: tuple[str, ...]


Value = Token | When | Targets | Text | Amount | bool | str


@dataclass(frozen=True, slots=True)
class Reading:
    """What values are read against: the time, and this server's address."""

    now: datetime
    base: str = ""


# Source: FHIR R4 search, 3.1.1.4.4 (modifiers); :in, :not-in, :above and :below need a terminology
# server, which this is not.
MODIFIERS = {
    "token": frozenset({"missing", "not", "text"}),
    "string": frozenset({"missing", "exact", "contains"}),
    "reference": frozenset({"missing", "identifier"}),
    "date": frozenset({"missing"}),
    "quantity": frozenset({"missing"}),
    "number": frozenset({"missing"}),
    "uri": frozenset({"missing"}),
    "id": frozenset({"missing"}),
    "updated": frozenset({"missing"}),
}


def modifiers(param: Param) -> frozenset[str]:
    """The modifiers that this parameter takes; types of a reference among them."""
    return MODIFIERS.get(param.kind, frozenset()) | param.targets


def read(text: str, param: Param, modifier: str, reading: Reading) -> Value:
    """One value. Raises: Failure(INVALID) at the parameter's name."""
    if other := _BY_MODIFIER.get(modifier):
        return other(text, param)
    return _BY_KIND[param.kind](text, param, modifier, reading)


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
        return Token(None, plain(parts[0]))
    return Token(plain(parts[0]), plain("|".join(parts[1:])) or None)


def plain(text: str) -> str:
    """A value without its backslashes, cut as stored ones are."""
    if "\\" in text:
        text = text.replace("\\\\", "\0")
        for char in ",|$":
            text = text.replace(f"\\{char}", char)
        text = text.replace("\0", "\\")
    return text[:VALUE_CHARS]


def safe(name: str) -> str:
    """A parameter's name as it may be repeated; anything else could be a value in disguise."""
    good = len(name) <= 64 and all(
        char.isascii() and (char.isalnum() or char in "_-:.") for char in name
    )
    return name if good else "(unreadable name)"


def _missing(text: str, param: Param) -> Value:
    if text not in {"true", "false"}:
        raise Failure(Kind.INVALID, ":missing takes true or false", at=param.name)
    return text == "true"


def _identifier(text: str, param: Param) -> Value:
    asked = token(text)
    if asked.code is None and not asked.system:
        raise Failure(Kind.INVALID, "a token needs a code or a system", at=param.name)
    return asked


def _words(text: str, param: Param) -> Value:
    said = plain(text)[:TEXT_CHARS]
    if not normal(said):
        raise Failure(Kind.INVALID, "a text is needed", at=param.name)
    return Text(said, normal(said))


_BY_MODIFIER: dict[str, Callable[[str, Param], Value]] = {
    "missing": _missing,
    "identifier": _identifier,
    "text": _words,
}


def _token(text: str, param: Param, _modifier: str, _reading: Reading) -> Value:
    return _identifier(text, param)


def _string(text: str, param: Param, _modifier: str, _reading: Reading) -> Value:
    return _words(text, param)


def _reference(text: str, param: Param, modifier: str, reading: Reading) -> Value:
    target = plain(text).removeprefix(f"{reading.base}/" if reading.base else "")
    target = target.partition("/_history/")[0]
    if "/" in target or ":" in target:
        return Targets((target,))
    types: Iterable[str] = [modifier] if modifier else sorted(param.targets)
    return Targets(tuple(f"{type_}/{target}" for type_ in types))


def _when(text: str, param: Param, _modifier: str, reading: Reading) -> Value:
    prefix = text[:2] if text[:2] in PREFIXES else "eq"
    try:
        asked = interval(plain(text.removeprefix(prefix)))
    except Failure as failure:
        raise Failure(Kind.INVALID, failure.detail, at=param.name) from None
    if prefix == "ap":
        slack = abs(micros(reading.now) - asked[0]) // 10
        asked = asked[0] - slack, asked[1] + slack
    return When(prefix, asked)


def _amount(text: str, param: Param, _modifier: str, _reading: Reading) -> Value:
    number, *unit = split(text, "|")
    if unit and (len(unit) != 2 or param.kind == "number"):
        text = "a quantity is number|system|code" if param.kind == "quantity" else "a number"
        raise Failure(Kind.INVALID, f"{text} is needed", at=param.name)
    asked = amount(plain(number), param.name)
    if not unit:
        return asked
    return asked._replace(system=plain(unit[0]) or None, code=plain(unit[1])[:100])


def _plain(text: str, _param: Param, _modifier: str, _reading: Reading) -> Value:
    return plain(text)


_BY_KIND: dict[str, Callable[[str, Param, str, Reading], Value]] = {
    "token": _token,
    "reference": _reference,
    "date": _when,
    "updated": _when,
    "id": _plain,
    "string": _string,
    "quantity": _amount,
    "number": _amount,
    "uri": _plain,
}
