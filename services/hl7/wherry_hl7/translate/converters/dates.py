"""DTM, TS and DT become FHIR dates, dateTimes and instants; what cannot be kept is a warning."""

from typing import Any

from wherry_hl7.mapping.named import writer
from wherry_hl7.translate.at import At

_BIRTH_TIME = "http://hl7.org/fhir/StructureDefinition/patient-birthTime"


@writer("DTM.dateTime")
def date_time(out: dict[str, Any], element: str, raw: str, place: str, at: At) -> None:
    """A dateTime with its offset; the source's text beside it when FHIR cannot hold all of it."""
    at.scope.set_date_time(out, element, raw, place)


@writer("DTM.date")
def date(out: dict[str, Any], element: str, raw: str, place: str, at: At) -> None:
    """A date of its own precision, no matter in which zone."""
    if text := at.scope.moment(raw, place).date:
        out[element] = text


@writer("DTM.birthDate")
def birth_date(out: dict[str, Any], element: str, raw: str, place: str, at: At) -> None:
    """A date, with the time of birth as R4's extension where it was sent."""
    moment = at.scope.moment(raw, place)
    if moment.date:
        out[element] = moment.date
    if moment.full:
        out["_" + element] = {"extension": [{"url": _BIRTH_TIME, "valueDateTime": moment.full}]}


@writer("DTM.instant")
def instant(out: dict[str, Any], element: str, raw: str, place: str, at: At) -> None:
    """An instant, which needs a time and a zone; nothing is made up for it."""
    moment = at.scope.moment(raw, place)
    if moment.full:
        out[element] = moment.full
    elif not moment.remark:
        at.scope.warn(place, "a date without a time is no instant; left out")
