"""A person's record becomes the facts that a model reads: the value of each input that counts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

from wherry_risk.model.aggregate import decisive
from wherry_risk.model.moments import full_years, latest_birth, moment
from wherry_risk.model.observation import Observation, Patient, Valued
from wherry_risk.model.reading import Reading, Reason, value_of
from wherry_risk.model.record import Record
from wherry_risk.model.spec import Code, InputSpec, ModelSpec, Reads

SKEW = timedelta(minutes=5)
"""How far ahead of `at` a measurement may be before its clock is not believed."""

# Source: risk scores take results that stand; FHIR R4 observation-status.
FINAL = frozenset({"final", "amended", "corrected"})
NOT_MEASURED = frozenset({"entered-in-error", "cancelled"})
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Missing:
    """An input without a usable value: why, and how old and which Observation if there was one."""

    spec: InputSpec
    reason: Reason
    age_s: int | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about one person at one moment; every input of the spec is used or missing.

    `series` holds all usable readings of an input, newest first, for models that read trends.
    `age_years` is the least age that the birth date allows; None when there is no birth date.
    """

    patient_id: str
    at: datetime
    age_years: int | None
    deceased: bool
    used: Mapping[str, Reading]
    missing: Mapping[str, Missing]
    series: Mapping[str, tuple[Reading, ...]]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A reading, or the reason why there is none, with what decides between several."""

    observed_at: datetime
    found: Reading | Reason
    preference: int
    paperwork: str
    reference: str


def facts(
    spec: ModelSpec, record: Record, *, at: datetime, told: Mapping[str, str] = NOTHING
) -> Facts:
    """The inputs of `spec` as known at the aware moment `at`; `told` are set by the caller.

    The newest measurement of an input decides. When it cannot be used, the input is missing: an
    older value never stands in for a newer one that could not be read. Of an input with a window
    the readable value that counts by its rule decides, as it did when the model was trained.
    """
    age_years = _age(record.patient, at)
    candidates, passed_over = _candidates(spec, record, at)
    used: dict[str, Reading] = {}
    missing: dict[str, Missing] = {}
    series: dict[str, tuple[Reading, ...]] = {}
    for wanted in spec.inputs:
        if wanted.name in told:
            used[wanted.name] = _told(wanted, told[wanted.name], at)
            continue
        if wanted.reads is Reads.AGE:
            _put(wanted, _aged(wanted, age_years, at), used, missing)
            continue
        offered = candidates[wanted.name]
        series[wanted.name] = tuple(c.found for c in offered if isinstance(c.found, Reading))
        if wanted.over is not None and series[wanted.name]:
            chosen = _in_window(wanted, series[wanted.name], at)
        else:
            chosen = _chosen(wanted, offered, passed_over.get(wanted.name), at)
        _put(wanted, chosen, used, missing)
    _within_window(spec, used, missing, at)
    return Facts(
        patient_id=record.patient_id,
        at=at,
        age_years=age_years,
        deceased=_deceased(record.patient, at),
        used=used,
        missing=missing,
        series=series,
    )


def _put(
    spec: InputSpec,
    chosen: Reading | Missing,
    used: dict[str, Reading],
    missing: dict[str, Missing],
) -> None:
    if isinstance(chosen, Reading):
        used[spec.name] = chosen
    else:
        missing[spec.name] = chosen


def _aged(spec: InputSpec, age_years: int | None, at: datetime) -> Reading | Missing:
    """The age as a reading: it comes from the birth date, so no Observation holds it."""
    if age_years is None:
        return Missing(spec, Reason.NOT_FOUND)
    if spec.plausible is not None and not spec.plausible.low <= age_years <= spec.plausible.high:
        return Missing(spec, Reason.IMPLAUSIBLE)
    return Reading(
        input=spec.name,
        value=Decimal(age_years),
        unit=spec.unit,
        sent_value=str(age_years),
        sent_unit=spec.unit,
        observed_at=at,
        reference="",
        code=spec.codes[0],
    )


def _in_window(spec: InputSpec, readings: Sequence[Reading], at: datetime) -> Reading | Missing:
    """The reading that counts by the input's rule, or why none does."""
    assert spec.over is not None  # noqa: S101 - asked by the caller
    ages_s = [max(0.0, (at - one.observed_at).total_seconds()) for one in readings]
    place = decisive(spec.over, ages_s, [Decimal(one.value) for one in readings])
    if place is not None:
        return readings[place]
    return Missing(spec, Reason.STALE, readings[0].age_s(at), readings[0].reference)


def _told(spec: InputSpec, value: str, at: datetime) -> Reading:
    return Reading(
        input=spec.name,
        value=value,
        unit=spec.unit,
        sent_value=value,
        sent_unit=spec.unit,
        observed_at=at,
        reference="",
        code=spec.codes[0],
    )


def _candidates(
    spec: ModelSpec, record: Record, at: datetime
) -> tuple[Mapping[str, list[_Candidate]], Mapping[str, Reason]]:
    """Per input its candidates, newest and best first, and why the last one was passed over."""
    wanted: dict[Code, list[tuple[InputSpec, int]]] = defaultdict(list)
    for one in spec.inputs:
        if one.reads is Reads.AGE:
            continue
        for preference, code in enumerate(one.codes):
            wanted[code].append((one, preference))
    found: dict[str, list[_Candidate]] = defaultdict(list)
    passed_over: dict[str, Reason] = {}
    for reference, observation in record.observations:
        for valued in (observation, *observation.component):
            for one, preference, code in _asked_for(valued, wanted):
                candidate = _candidate(
                    observation,
                    valued,
                    spec=one,
                    code=code,
                    preference=preference,
                    reference=reference,
                    at=at,
                )
                if isinstance(candidate, Reason):
                    passed_over[one.name] = candidate
                else:
                    found[one.name].append(candidate)
    for one in spec.inputs:
        found[one.name].sort(key=lambda c: (c.observed_at, *_worth(c, one)), reverse=True)
    return found, passed_over


def _asked_for(
    valued: Valued, wanted: Mapping[Code, Sequence[tuple[InputSpec, int]]]
) -> list[tuple[InputSpec, int, Code]]:
    """The inputs that this value answers, each once, under its most preferred code."""
    best: dict[str, tuple[InputSpec, int, Code]] = {}
    for coding in valued.code.coding:
        code = Code(coding.system, coding.code)
        for one, preference in wanted.get(code, ()):
            if one.name not in best or preference < best[one.name][1]:
                best[one.name] = (one, preference, code)
    return list(best.values())


def _candidate(
    observation: Observation,
    valued: Valued,
    *,
    spec: InputSpec,
    code: Code,
    preference: int,
    reference: str,
    at: datetime,
) -> _Candidate | Reason:
    """A candidate; a Reason when there was no measurement that could be put in order of time."""
    if observation.status not in FINAL:
        return Reason.NOT_FOUND if observation.status in NOT_MEASURED else Reason.NOT_FINAL
    observed_at = moment(observation.time())
    if observed_at is None:
        return Reason.NO_TIME
    if observed_at - at > SKEW:
        return Reason.FUTURE
    value = value_of(valued, code, spec)
    if value is Reason.NO_VALUE:
        return Reason.NO_VALUE
    paperwork = observation.issued or observation.meta.last_updated
    if isinstance(value, Reason):
        return _Candidate(observed_at, value, preference, paperwork, reference)
    reading = Reading(
        input=spec.name,
        value=value.value,
        unit=value.unit,
        sent_value=value.sent_value,
        sent_unit=value.sent_unit,
        observed_at=observed_at,
        reference=reference,
        code=code,
    )
    return _Candidate(observed_at, reading, preference, paperwork, reference)


def _worth(candidate: _Candidate, spec: InputSpec) -> tuple[float, int, str, str]:
    """What decides between candidates of the same moment; the greatest comes first.

    Coded: the worst answer, and an unreadable one before the best, so that "alert" never hides it.
    Numbers: a readable one, then the preferred code, then the later issued.
    """
    tail = (-candidate.preference, candidate.paperwork, candidate.reference)
    readable = isinstance(candidate.found, Reading)
    if not spec.worst_first:
        return (float(readable), *tail)
    last = len(spec.worst_first) - 1
    if isinstance(candidate.found, Reading):
        return (-float(spec.worst_first.index(str(candidate.found.value))), *tail)
    return (0.5 - last, *tail)


def _chosen(
    spec: InputSpec, offered: Sequence[_Candidate], passed_over: Reason | None, at: datetime
) -> Reading | Missing:
    if not offered:
        return Missing(spec, passed_over or Reason.NOT_FOUND)
    newest = offered[0]
    age_s = max(0, int((at - newest.observed_at).total_seconds()))
    if isinstance(newest.found, Reason):
        return Missing(spec, newest.found, age_s, newest.reference)
    if spec.max_age is not None and at - newest.observed_at > spec.max_age:
        return Missing(spec, Reason.STALE, age_s, newest.reference)
    return newest.found


def _within_window(
    spec: ModelSpec, used: dict[str, Reading], missing: dict[str, Missing], at: datetime
) -> None:
    """Move readings that were not taken together with the newest one from used to missing."""
    together = [one for one in spec.inputs if one.in_window and one.name in used]
    if spec.window is None or not together:
        return
    newest = max(used[one.name].observed_at for one in together)
    for one in together:
        if newest - used[one.name].observed_at > spec.window:
            late = used.pop(one.name)
            missing[one.name] = Missing(one, Reason.STALE, late.age_s(at), late.reference)


def _age(patient: Patient | None, at: datetime) -> int | None:
    born = latest_birth(patient.birth_date) if patient else None
    return None if born is None else full_years(born, at.date())


def _deceased(patient: Patient | None, at: datetime) -> bool:
    if patient is None:
        return False
    died = moment(patient.deceased_date_time)
    return patient.deceased_boolean or (
        bool(patient.deceased_date_time) and (died is None or died <= at)
    )
