"""A Patient becomes the banner: name, birth date, age, sex, identifier."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from wherry.resource import Resource
from wherry_ehr.chart.words import UNKNOWN, concept

# Source: FHIR R4 NameUse, in the order in which a chart prefers them
_USES = ("usual", "official", None, "temp", "nickname", "anonymous", "maiden", "old")


@dataclass(frozen=True, slots=True)
class Banner:
    """Who the chart is about."""

    id: str
    name: str
    born: str
    age: str
    sex: str
    identifier: str
    deceased: str


def banner(patient: Resource, *, today: date) -> Banner:
    """The banner of this Patient; what is missing is said to be missing."""
    return Banner(
        id=patient["id"],
        name=_name(patient.get("name", [])),
        born=patient.get("birthDate", UNKNOWN),
        age=_age(patient.get("birthDate", ""), today),
        sex=patient.get("gender", UNKNOWN),
        identifier=_identifier(patient.get("identifier", [])),
        deceased=_deceased(patient),
    )


def _name(names: list[Mapping[str, Any]]) -> str:
    if not names:
        return "Name not recorded"
    chosen = min(names, key=lambda name: _rank(name.get("use")))
    given = " ".join(chosen.get("given", []))
    family = chosen.get("family", "")
    joined = ", ".join(part for part in (family, given) if part)
    return joined or chosen.get("text") or "Name not recorded"


def _rank(use: Any) -> int:
    return _USES.index(use) if use in _USES else len(_USES)


def _age(born: str, today: date) -> str:
    """Completed years; a birth date without its day gives no exact age, so none is given."""
    try:
        day = date.fromisoformat(born) if len(born) == len("1970-01-01") else None
    except ValueError:
        day = None
    if day is None or day > today:
        return "age not known"
    years = today.year - day.year - ((today.month, today.day) < (day.month, day.day))
    return f"{years} y"


def _identifier(identifiers: list[Mapping[str, Any]]) -> str:
    """The medical record number when one is marked as such, else the first identifier."""
    ranked = sorted(identifiers, key=lambda each: not _is_record_number(each))
    said = [
        f"{concept(each.get('type')) or 'ID'} {each['value']}"
        for each in ranked
        if each.get("value")
    ]
    return said[0] if said else UNKNOWN


def _is_record_number(identifier: Mapping[str, Any]) -> bool:
    """Source: HL7 v2 table 0203, MR."""
    codings = identifier.get("type", {}).get("coding", [])
    return any(coding.get("code") == "MR" for coding in codings)


def _deceased(patient: Resource) -> str:
    if "deceasedDateTime" in patient:
        return f"Deceased {patient['deceasedDateTime'][:10]}"
    return "Deceased" if patient.get("deceasedBoolean") else ""
