"""Patients and encounters to choose from, out of the store, and the checked choice of one."""

import re
from datetime import date
from typing import NamedTuple

from wherry.errors import Failure, Kind
from wherry.resource import Resource
from wherry_ehr.chart.banner import Banner, banner
from wherry_ehr.chart.pages import reader
from wherry_ehr.chart.stay import Stay, current
from wherry_ehr.deps import deps

_LOOKED_AT, _SHOWN = 1000, 50
_FHIR_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")


class Choice(NamedTuple):
    """What was chosen so far; empty is nothing yet."""

    patient: str = ""
    encounter: str = ""


def patients(query: str) -> list[Banner]:
    """Patients whose name or identifier holds every word, whoever was changed last first."""
    words = query.lower().split()
    found = reader().search("Patient", {"_sort": "-_lastUpdated"}, limit=_LOOKED_AT)
    banners = [banner(each, today=_today()) for each in found]
    fitting = [
        one for one in banners if all(w in f"{one.name} {one.identifier}".lower() for w in words)
    ]
    return fitting[:_SHOWN]


def the_patient(id_: str) -> Banner:
    """The one that was chosen. Raises: Failure(INVALID) when there is none of this id."""
    return banner(_read("Patient", id_), today=_today())


def encounters(patient: str) -> list[Stay]:
    """This patient's encounters, the latest first."""
    found = reader().search("Encounter", {"patient": patient, "_sort": "-date"}, limit=_SHOWN)
    return [stay for each in found if (stay := current([each]))]


def the_encounter(id_: str, patient: str) -> str:
    """The id that was chosen. Raises: Failure(INVALID) when it is not this patient's."""
    subject = _read("Encounter", id_).get("subject", {})
    if subject.get("reference") != f"Patient/{patient}":
        raise Failure(Kind.INVALID, "choose one of the patient's encounters", at="encounter")
    return id_


def known(type_: str, id_: str) -> Resource:
    """The resource of this id, whatever was sent as one. Raises: Failure(NOT_FOUND)."""
    if not _FHIR_ID.fullmatch(id_):
        raise Failure(Kind.NOT_FOUND, "no resource has this id", at=type_)
    return reader().read(type_, id_)


def _read(type_: str, id_: str) -> Resource:
    try:
        return known(type_, id_)
    except Failure as failure:
        if failure.kind is not Kind.NOT_FOUND:
            raise
        raise Failure(Kind.INVALID, f"choose one that is there: {type_}", at=type_) from None


def _today() -> date:
    return deps().clock.now().date()
