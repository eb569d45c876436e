"""The primitive types of R4: what each takes, and how to say so."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from math import isfinite
from typing import Any, NamedTuple

from wherry.fhir import dates
from wherry.fhir.r4.narrative import is_safe

Check = Callable[[Any], object]
"""Truthy when the value is valid. May raise TypeError for a value of another JSON type."""


class Primitive(NamedTuple):
    """`quick` accepts nearly every valid value and nothing else; `is_valid` decides on strings.

    `known` are the answers of `quick`, where many strings come again and again.
    """

    expected: str
    quick: Check
    is_valid: Check
    known: Mapping[str, bool] | None = None


# Without most control characters and lone surrogates: XML, FHIR's other syntax, can't carry them,
# and PostgreSQL can't keep NUL. The blanks of XML are space, tab, line feed and carriage return.
_SOLID = r"[!-~\x7f-\ud7ff\ue000-\U0010ffff]"
_TEXT = r"[ -~\t\n\r\x7f-\ud7ff\ue000-\U0010ffff]"
_MAX_STRING = 1024 * 1024
_INT_MAX = 2**31 - 1


_MAX_KNOWN = 2048
_MAX_KNOWN_LENGTH = 100


class _Known(dict[str, bool]):
    """Answers for strings that return in every message: code systems, codes, extension URLs."""

    def __init__(self, is_valid: Check) -> None:
        super().__init__()
        self._is_valid = is_valid

    def __missing__(self, value: str) -> bool:
        valid = bool(self._is_valid(value))
        if valid and len(self) < _MAX_KNOWN and len(value) <= _MAX_KNOWN_LENGTH:
            self[value] = valid
        return valid


def _is_boolean(value: Any) -> bool:
    return type(value) is bool


def _is_decimal(value: Any) -> bool:
    kind = type(value)
    if kind is Decimal:
        return bool(value.is_finite())
    return kind is int or (kind is float and isfinite(value))


def _is_integer(value: Any) -> bool:
    return type(value) is int and -_INT_MAX - 1 <= value <= _INT_MAX


def _is_unsigned(value: Any) -> bool:
    return type(value) is int and 0 <= value <= _INT_MAX


def _is_positive(value: Any) -> bool:
    return type(value) is int and 1 <= value <= _INT_MAX


_BASE64 = re.compile(r"[0-9A-Za-z+/]*={0,2}")
_BLANKS = str.maketrans("", "", " \t\r\n")


def _is_base64(value: str) -> bool:
    """Length first and one plain repeat: the published expression can backtrack without end."""
    bare = value.translate(_BLANKS) if _BASE64.fullmatch(value) is None else value
    return bool(bare) and len(bare) % 4 == 0 and _BASE64.fullmatch(bare) is not None


def _pattern(expected: str, pattern: str) -> Primitive:
    check = re.compile(pattern).fullmatch
    return Primitive(expected, check, check)


def _word(expected: str, pattern: str) -> Primitive:
    check = re.compile(pattern).fullmatch
    known = _Known(check)
    return Primitive(expected, known.__getitem__, check, known)


def _calendar(kind: str, expected: str) -> Primitive:
    return Primitive(
        expected, dates.ORDINARY[kind].fullmatch, lambda value: dates.is_valid(kind, value)
    )


def _test(expected: str, check: Check) -> Primitive:
    return Primitive(expected, check, check)


_URI = _word("expected a URI: a string without blanks", rf"{_SOLID}+")
_STRING = _pattern(
    "expected a non-empty string of at most 1 MB without control characters",
    rf"{_TEXT}{{1,{_MAX_STRING}}}",
)

# FHIR R4 datatypes.html#primitive.
PRIMITIVES: Mapping[str, Primitive] = {
    "base64Binary": _test("expected base64", _is_base64),
    "boolean": _test("expected true or false", _is_boolean),
    "canonical": _URI,
    "code": _word(
        "expected a code: no blanks at the ends, single blanks inside",
        rf"{_SOLID}+(?:[ \t\n\r]{_SOLID}+)*",
    ),
    "date": _calendar("date", "expected a date that exists: YYYY, YYYY-MM or YYYY-MM-DD"),
    "dateTime": _calendar(
        "dateTime",
        "expected a date that exists; a time of day needs seconds and an offset (Z or +hh:mm)",
    ),
    "decimal": _test("expected a number", _is_decimal),
    "id": _pattern("expected 1 to 64 of A-Z a-z 0-9 - .", r"[A-Za-z0-9\-.]{1,64}"),
    "instant": _calendar(
        "instant", "expected a date and time that exist, with seconds and an offset (Z or +hh:mm)"
    ),
    "integer": _test("expected a whole number of 32 bits", _is_integer),
    "markdown": _STRING,
    "oid": _pattern(
        "expected an OID as URI: urn:oid:1.2.3", r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+"
    ),
    "positiveInt": _test("expected a whole number from 1 to 2147483647", _is_positive),
    "string": _STRING,
    "time": _calendar("time", "expected a time of day: hh:mm:ss"),
    "unsignedInt": _test("expected a whole number from 0 to 2147483647", _is_unsigned),
    "uri": _URI,
    "url": _URI,
    "uuid": _pattern(
        "expected a UUID as URI in lower case: urn:uuid:…",
        r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    ),
    "xhtml": _test(
        "expected one XHTML <div> in its namespace with formatting only: no scripts, no handlers",
        is_safe,
    ),
}


def is_valid(type_: str, value: Any) -> bool:
    """Whether this JSON value is a valid primitive of that R4 type."""
    try:
        return bool(PRIMITIVES[type_].is_valid(value))
    except (TypeError, AttributeError):
        return False
