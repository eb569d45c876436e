"""Observations that were withdrawn undo the RiskAssessments that were built on them."""

from collections.abc import Iterable

import structlog

from wherry.fhir.bundle import transaction
from wherry.ports import Fhir
from wherry.resource import Entry, Resource
from wherry_risk.fhir_record import READING, WRITING, asking
from wherry_risk.model.observation import NOT_MEASURED
from wherry_risk.model.record import Record
from wherry_risk.model.withdrawal import rests_on, withdrawal

log = structlog.get_logger()

LOOKED_AT = 200
"""The newest withdrawn Observations and RiskAssessments of one patient that are looked at."""


def gone_of(fhir: Fhir, record: Record) -> frozenset[str]:
    """References of this patient's Observations that no score may rest on any more."""
    return record.withdrawn() | _withdrawn_before(fhir, record.patient_id)


def withdraw(
    fhir: Fhir, record: Record, *, gone: frozenset[str], standing: Iterable[Resource]
) -> int:
    """Mark stored assessments entered-in-error that rest on what is `gone`; how many.

    `standing` are those just made: what they say replaces an older version of the same identifier.
    Raises: Failure as the FHIR server does; STALE when somebody else wrote first.
    """
    if not gone:
        return 0
    kept = {each["identifier"][0]["value"] for each in standing}
    found = _newest("RiskAssessment", fhir, record.patient_id)
    undone = [each for each in found if rests_on(each, gone, kept=kept)]
    if undone:
        with asking(WRITING):
            fhir.send(transaction([_in_place(withdrawal(each), each) for each in undone]))
        log.info("assessments_withdrawn", patient_id=record.patient_id, count=len(undone))
    return len(undone)


def _withdrawn_before(fhir: Fhir, patient_id: str) -> frozenset[str]:
    """Also those that lie too far back to be read for a score."""
    status = ",".join(sorted(NOT_MEASURED))
    found = _newest("Observation", fhir, patient_id, status=status)
    return frozenset(f"Observation/{each.get('id', '')}" for each in found)


def _newest(type_: str, fhir: Fhir, patient_id: str, **more: str) -> list[Resource]:
    """The newest of this type about the patient, the last first."""
    params = {"patient": patient_id, "_sort": "-date", "_count": str(LOOKED_AT), **more}
    with asking(READING):
        return fhir.search(type_, params, limit=LOOKED_AT)


def _in_place(made: Resource, stored: Resource) -> Entry:
    """In place of the version that was read, and of no other."""
    entry: Entry = {
        "resource": made,
        "request": {"method": "PUT", "url": f"RiskAssessment/{made['id']}"},
    }
    if version := stored.get("meta", {}).get("versionId"):
        entry["request"]["ifMatch"] = f'W/"{version}"'
    return entry
