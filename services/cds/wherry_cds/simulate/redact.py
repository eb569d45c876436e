"""A request becomes one that can be scored again and leads to nobody: an allow-list, no block-list.

What is kept of a resource are elements that hold codes, numbers and times. Texts, names, addresses,
identifiers, notes and extensions are not. Ids become pseudonyms, and all times move by one and the
same span. People of 90 and older become 90. Source: 45 CFR 164.514(b)(2), Safe Harbor, beyond which
a request of a rare course may still be recognised by who knows it: keep it as health data.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

Pseudonym = Callable[[str], str]

OLDEST_YEARS = 90

# Elements with codes, numbers or parts that hold such; anything else is left out
_KEPT = frozenset(
    {
        "resourceType", "entry", "resource", "type", "total", "search", "mode", "status", "intent",
        "gender", "category", "class", "code", "coding", "system", "subject", "patient",
        "reference", "encounter", "context", "value", "valueQuantity", "valueCodeableConcept",
        "valueInteger", "valueBoolean", "component", "comparator", "dataAbsentReason",
        "interpretation", "clinicalStatus", "verificationStatus", "medicationCodeableConcept",
        "dosage", "dose", "hospitalization", "admitSource", "dischargeDisposition", "diagnosis",
        "use", "rank", "condition", "priority", "issue", "severity", "start", "end", "period",
        "meta", "tag", "birthDate", "id", "performedPeriod", "effectivePeriod", "rate", "route",
        "method",
    }
)  # fmt: skip
_TIMES = frozenset(
    {
        "birthDate", "effectiveDateTime", "effectiveInstant", "issued", "start", "end",
        "onsetDateTime", "abatementDateTime", "recordedDate", "authoredOn", "performedDateTime",
        "occurrenceDateTime", "date", "deceasedDateTime",
    }
)  # fmt: skip
# Code systems that name things, never people
_PUBLIC = (
    "http://loinc.org",
    "http://snomed.info/sct",
    "http://unitsofmeasure.org",
    "http://www.nlm.nih.gov/research/umls/rxnorm",
    "http://www.whocc.no/atc",
    "http://hl7.org/fhir/sid/icd-",
    "http://hl7.org/fhir/",
    "http://terminology.hl7.org/CodeSystem/",
    "urn:wherry:risk:",
    "urn:wherry:devices:quality",
)
_CODE = re.compile(r"[A-Za-z0-9.\-/*%\[\]{}()^]{1,40}")
_REFERENCE = re.compile(r"(?:.*/)?(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9\-.]{1,64})")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
# Values of FHIR's own required code lists, by element: words in small letters
_WORD = re.compile(r"[a-z][a-z\-]{0,30}")
_TYPE = re.compile(r"[A-Z][A-Za-z]{1,30}")
_COMPARATOR = re.compile(r"<|<=|>=|>")


@dataclass(frozen=True, slots=True)
class Mask:
    """How a call is masked: `pseudonym` replaces ids, `shift` moves times, `now` is its moment."""

    pseudonym: Pseudonym
    shift: timedelta
    now: datetime

    @property
    def moved(self) -> datetime:
        """The call's moment, moved like everything else."""
        return self.now + self.shift


def redacted(request: Mapping[str, Any], mask: Mask) -> dict[str, Any]:
    """The request without anything that names or leads to a person.

    `fhirServer`, `fhirAuthorization` and extensions are left out: its prefetch is all there is.
    """
    context = request.get("context")
    prefetch = request.get("prefetch")
    return {
        "hook": str(request.get("hook", "")),
        "context": _context(context if isinstance(context, Mapping) else {}, mask),
        "prefetch": {
            name: None if held is None else _value("", held, mask)
            for name, held in (prefetch if isinstance(prefetch, Mapping) else {}).items()
        },
    }


def _context(context: Mapping[str, Any], mask: Mask) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in context.items():
        if isinstance(value, str):
            found[name] = _reference(value, mask) or mask.pseudonym(value)
        elif isinstance(value, list):
            found[name] = [_reference(one, mask) for one in value if isinstance(one, str)]
        elif isinstance(value, Mapping):
            found[name] = _value("", value, mask)
    return found


def _value(name: str, value: Any, mask: Mask) -> Any:
    """The part of this value that may be kept, or None."""
    if isinstance(value, Mapping):
        return _object(value, mask)
    if isinstance(value, list):
        inner = [_value(name, one, mask) for one in value]
        return [one for one in inner if one not in (None, {}, [])] or None
    if isinstance(value, bool | int | float | Decimal):
        return value
    return _text(name, value, mask) if isinstance(value, str) else None


def _object(value: Mapping[str, Any], mask: Mask) -> dict[str, Any] | None:
    if "system" in value and not str(value["system"]).startswith(_PUBLIC):
        value = {name: each for name, each in value.items() if name in {"value", "comparator"}}
    if "system" not in value and not _WORD.fullmatch(str(value.get("code", "word"))):
        value = {name: each for name, each in value.items() if name != "code" or _is_tree(each)}
    found = {
        name: kept
        for name, each in value.items()
        if (name in _KEPT or name in _TIMES)
        and (kept := _value(name, each, mask)) not in (None, {}, [])
    }
    return found or None


def _is_tree(value: Any) -> bool:
    return isinstance(value, Mapping | list)


def _text(name: str, value: str, mask: Mask) -> str | None:
    if name in _TIMES:
        return _time(name, value, mask)
    if name == "id":
        return mask.pseudonym(value)
    if name == "reference":
        return _reference(value, mask)
    pattern = _PATTERNS.get(name, _WORD)
    return value if pattern.fullmatch(value) else None


_PATTERNS = {
    "code": _CODE,
    "system": re.compile(r"[!-~]{1,200}"),
    "resourceType": _TYPE,
    "comparator": _COMPARATOR,
}


def _reference(value: str, mask: Mask) -> str | None:
    found = _REFERENCE.fullmatch(value)
    return f"{found['type']}/{mask.pseudonym(found['id'])}" if found else None


def _time(name: str, value: str, mask: Mask) -> str | None:
    """A day or a moment, moved; what is no such thing is left out."""
    try:
        if _DATE.fullmatch(value):
            day = date.fromisoformat(value)
            day = _at_most_oldest(day, mask.now) if name == "birthDate" else day
            return (day + mask.shift).isoformat()
        return (datetime.fromisoformat(value) + mask.shift).isoformat()
    except (ValueError, OverflowError):
        return None


def _at_most_oldest(born: date, now: datetime) -> date:
    oldest = now.date() - timedelta(days=int(OLDEST_YEARS * 365.25) + 1)
    return max(born, oldest)
