"""A patient's id becomes the record that a model needs, read from the FHIR server."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from wherry.errors import ABSENT, Failure, Kind
from wherry.ports import Fhir
from wherry.resource import Resource
from wherry_risk.model.candidates import SKEW
from wherry_risk.model.record import STAY_TYPES, Record, record
from wherry_risk.model.spec import NOT_OBSERVED, Code, ModelSpec, Reads

NEWEST_OF_ONE = 20
MOST_OF_A_TYPE = 2000

_OF_THE_PERSON = NOT_OBSERVED | {Reads.AGE}

READING = frozenset({Kind.UNAVAILABLE, Kind.UNCERTAIN})
WRITING = frozenset(Kind) - {Kind.UNAUTHENTICATED, Kind.FORBIDDEN}


@contextmanager
def asking(passed_on: frozenset[Kind]) -> Iterator[None]:
    """Failures that say something about our caller's request pass; others mean: the server is away.

    That the FHIR server refuses our token, say, is not a 401 for whoever asked us.
    """
    try:
        yield
    except Failure as failure:
        if failure.kind in passed_on:
            raise
        raise Failure(Kind.UNAVAILABLE, "the FHIR server refused to answer", at="fhir") from None


def read_record(fhir: Fhir, specs: Sequence[ModelSpec], *, patient_id: str, at: datetime) -> Record:
    """The Patient and the newest Observations of the models' inputs, none from after `at`.

    As many are read at once as the models reach for; where a monitor fills them, inputs that are
    not among them are asked for by themselves.

    Raises: Failure: NOT_FOUND when there is no such patient, UNAVAILABLE when the server is away.
    """
    until = _until(at)
    newest = max(spec.reach for spec in specs)
    codes = dict.fromkeys(code for spec in specs for code in spec.codes())
    with asking(READING | ABSENT):
        person = _person(fhir, patient_id)
    with asking(READING):
        found = _newest(fhir, patient_id, codes, until=until, limit=newest)
    whole = len(found) < newest
    found += _of_stays(fhir, specs, patient_id)
    known = record([person, *found], patient_id=patient_id)
    if whole:
        return known
    for codes_of_one in _lacking(specs, known):
        with asking(READING):
            found += _newest(fhir, patient_id, codes_of_one, until=until, limit=NEWEST_OF_ONE)
    return record([person, *found], patient_id=patient_id)


def _of_stays(fhir: Fhir, specs: Sequence[ModelSpec], patient_id: str) -> list[Resource]:
    """What tells of stays, for models that read it: all of it, since it is counted."""
    if not any(one.reads is Reads.STAY for spec in specs for one in spec.inputs):
        return []
    found: list[Resource] = []
    for type_ in STAY_TYPES:
        with asking(READING):
            some = fhir.search(
                type_, {"patient": patient_id, "_count": str(MOST_OF_A_TYPE)}, limit=MOST_OF_A_TYPE
            )
        if len(some) >= MOST_OF_A_TYPE:
            raise Failure(Kind.UNPROCESSABLE, f"too many {type_} resources to count", at="patient")
        found += some
    return found


def _person(fhir: Fhir, patient_id: str) -> Resource:
    try:
        return fhir.read("Patient", patient_id)
    except Failure as failure:
        if failure.kind not in ABSENT:
            raise
        raise Failure(Kind.NOT_FOUND, "there is no such patient", at="patient") from None


def _newest(
    fhir: Fhir, patient_id: str, codes: Iterable[Code], *, until: str, limit: int
) -> list[Resource]:
    params = {
        "patient": patient_id,
        "code": ",".join(f"{code.system}|{code.code}" for code in codes),
        "date": f"le{until}",
        "_sort": "-date",
        "_count": str(limit),
    }
    return fhir.search("Observation", params, limit=limit)


def _lacking(specs: Sequence[ModelSpec], known: Record) -> list[tuple[Code, ...]]:
    lacking = (
        (*one.codes, *spec.panels)
        for spec in specs
        for one in spec.inputs
        if one.reads not in _OF_THE_PERSON and known.index.keys().isdisjoint(one.codes)
    )
    return list(dict.fromkeys(lacking))


def _until(at: datetime) -> str:
    try:
        latest = (at + SKEW).astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        raise Failure(Kind.UNPROCESSABLE, "outside of the calendar", at="at") from None
    return f"{latest.isoformat(timespec='seconds')}Z"
