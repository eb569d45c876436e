"""A Patient and the stay become the banner: who this is, and where."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from wherry.resource import Resource
from wherry_smart.summary.words import UNKNOWN, concept

# Source: FHIR R4 NameUse, in the order in which a chart prefers them
_USES = ("usual", "official", None, "temp", "nickname", "anonymous", "maiden", "old")
_FULL_DATE = len("1970-01-01")
_NOT_HERE = frozenset({"finished", "cancelled", "entered-in-error", "planned"})


def banner(
    patient: Resource, encounters: Sequence[Resource], *, today: date, show: bool
) -> Mapping[str, Any]:
    """The banner; what is missing is said to be missing, never left blank."""
    born = str(patient.get("birthDate", ""))
    return {
        "id": str(patient.get("id", "")),
        "name": named(patient.get("name", [])),
        "born": born or UNKNOWN,
        "age": _age(born, today),
        "sex": str(patient.get("gender", UNKNOWN)),
        "identifier": _identifier(patient.get("identifier", [])),
        "deceased": _deceased(patient),
        "place": _place(encounters),
        "show": show,
    }


def named(names: Sequence[Mapping[str, Any]]) -> str:
    """The name that a chart prefers; what is not known is said so."""
    if not names:
        return "Name not known"
    chosen = min(names, key=lambda name: _rank(name.get("use")))
    given = " ".join(chosen.get("given", []))
    joined = ", ".join(part for part in (str(chosen.get("family", "")), given) if part)
    return joined or str(chosen.get("text") or "Name not known")


def _rank(use: Any) -> int:
    return _USES.index(use) if use in _USES else len(_USES)


def _age(born: str, today: date) -> str:
    """Completed years; a birth date without its day gives no exact age, so none is given."""
    try:
        day = date.fromisoformat(born) if len(born) == _FULL_DATE else None
    except ValueError:
        day = None
    if day is None or day > today:
        return "age not known"
    return f"{today.year - day.year - ((today.month, today.day) < (day.month, day.day))} y"


def _identifier(identifiers: Sequence[Mapping[str, Any]]) -> str:
    """The medical record number when one is marked so (HL7 v2 table 0203), else the first."""
    ranked = sorted(identifiers, key=lambda each: not _is_record_number(each))
    said = (
        f"{concept(each.get('type')) or 'ID'} {each['value']}"
        for each in ranked
        if each.get("value")
    )
    return next(said, UNKNOWN)


def _is_record_number(identifier: Mapping[str, Any]) -> bool:
    codings = identifier.get("type", {}).get("coding", [])
    return any(coding.get("code") == "MR" for coding in codings)


def _deceased(patient: Resource) -> str:
    if "deceasedDateTime" in patient:
        return f"Deceased {str(patient['deceasedDateTime'])[:_FULL_DATE]}"
    return "Deceased" if patient.get("deceasedBoolean") else ""


def _place(encounters: Sequence[Resource]) -> str:
    """Where the patient is now, when the newest stay that goes on says so."""
    now = next((each for each in encounters if each.get("status") not in _NOT_HERE), {})
    places = [
        str(each.get("location", {}).get("display", ""))
        for each in now.get("location", [])
        if each.get("status", "active") == "active"
    ]
    return next((place for place in reversed(places) if place), "")
