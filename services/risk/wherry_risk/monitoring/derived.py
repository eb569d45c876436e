"""What FHIR itself tells of a patient's stays becomes outcomes; what it leaves open stays open."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wherry.resource import Resource
from wherry_risk.model.moments import moment
from wherry_risk.model.stay import CLASSES
from wherry_risk.monitoring.outcomes import Happening, Outcome

MONTH = timedelta(days=30)
SOURCE = "fhir"
# Source: FHIR R4 value set encounter-discharge-disposition; NUBC patient discharge status 20, 41.
DIED = frozenset({"exp", "20", "41"})
HAPPENED = frozenset({"finished", "in-progress"})


@dataclass(frozen=True, slots=True)
class _Stay:
    id: str
    start: datetime
    end: datetime
    dispositions: frozenset[str]


def derived(
    patient_id: str, person: Resource | None, encounters: Sequence[Resource], *, until: datetime
) -> list[Outcome]:
    """Deaths in hospital and readmissions; `until` is when the resources were looked at.

    A death is one by the discharge disposition, or by a time of death within the stay. A stay ended
    alive when its disposition says where to; without a disposition nothing is known of it, nor when
    the patient is only said to be dead. A readmission is another inpatient stay that begins within
    30 days of the end; one that begins before the end, or at it, is a transfer. Sepsis is not
    derived: a code for it does not say when it began.
    """
    stays = sorted(_finished(encounters), key=lambda one: (one.end, one.id))
    begun = sorted(start for one in encounters if (start := _begun(one)) is not None)
    died = moment(str(person.get("deceasedDateTime", ""))) if person else None
    told: list[Outcome] = []
    for stay in stays:
        dead = _died(stay, died)
        if dead is not None:
            told.append(_made(patient_id, stay, Happening.DEATH_IN_HOSPITAL, dead, stay.end))
        if dead is False:
            told += _readmitted(patient_id, stay, begun, died, until)
    return told


def _died(stay: _Stay, died: datetime | None) -> bool | None:
    if stay.dispositions & DIED:
        return True
    if died is not None and stay.start <= died <= stay.end:
        return True
    return False if stay.dispositions else None


def _readmitted(
    patient_id: str,
    stay: _Stay,
    begun: Sequence[datetime],
    died: datetime | None,
    until: datetime,
) -> Iterator[Outcome]:
    """Whoever dies at home within the month was not readmitted, as the training data count it."""
    last = stay.end + MONTH
    back = next((start for start in begun if stay.end < start <= last), None)
    kind = Happening.READMISSION_30D
    if back is not None:
        yield _made(patient_id, stay, kind, True, back)
    elif until >= last or (died is not None and died <= until):
        yield _made(patient_id, stay, kind, False, last)


def _finished(encounters: Sequence[Resource]) -> Iterator[_Stay]:
    for one in encounters:
        start, end = _begun(one), _time(one, "end")
        if start is not None and end is not None and one.get("status") == "finished":
            yield _Stay(str(one.get("id", "")), start, end, _dispositions(one))


def _begun(encounter: Resource) -> datetime | None:
    """When an inpatient stay began that took place."""
    class_ = encounter.get("class")
    code = class_.get("code") if isinstance(class_, dict) else None
    if code not in CLASSES["inpatient"] or encounter.get("status") not in {
        "finished",
        "in-progress",
    }:
        return None
    return _time(encounter, "start")


def _time(encounter: Resource, name: str) -> datetime | None:
    period = encounter.get("period")
    text = period.get(name) if isinstance(period, dict) else None
    return moment(text) if isinstance(text, str) else None


def _dispositions(encounter: Resource) -> frozenset[str]:
    told = encounter.get("hospitalization")
    concept = told.get("dischargeDisposition") if isinstance(told, dict) else None
    coded = concept.get("coding") if isinstance(concept, dict) else None
    codes = (one.get("code") for one in coded if isinstance(one, dict)) if coded else ()
    return frozenset(code for code in codes if isinstance(code, str))


def _made(patient_id: str, stay: _Stay, kind: Happening, happened: bool, at: datetime) -> Outcome:
    return Outcome(patient_id, stay.id, kind, happened, at, SOURCE)
