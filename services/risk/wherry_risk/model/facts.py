"""A person's record becomes the facts that a model reads: the value of each input that counts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from wherry_risk.model.aggregate import decisive
from wherry_risk.model.candidates import DOUBTS, Candidate, Offered, offered
from wherry_risk.model.feed import Feed, feed_of
from wherry_risk.model.moments import full_years, latest_birth, moment
from wherry_risk.model.observation import Patient
from wherry_risk.model.reading import Reading, Reason
from wherry_risk.model.record import Record
from wherry_risk.model.spec import InputSpec, ModelSpec, Reads
from wherry_risk.model.stay import Told
from wherry_risk.model.stay import told as told_of_stay

Setting = Literal["inpatient", "home"]
"""Where the values come from, as the caller says."""

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

    `series` holds all usable readings of each input that has a window, newest first.
    `unused` are readings that were left out of inputs that are used, because of what their source
    said about them. `age_years` is the least age that the birth date allows; None when there is no
    birth date. `feed`: how current what arrives is, over all inputs that are measured.
    """

    patient_id: str
    at: datetime
    age_years: int | None
    deceased: bool
    used: Mapping[str, Reading]
    missing: Mapping[str, Missing]
    series: Mapping[str, tuple[Reading, ...]]
    unused: tuple[Missing, ...] = ()
    setting: Setting = "inpatient"
    feed: Feed | None = None


def facts(
    spec: ModelSpec,
    record: Record,
    *,
    at: datetime,
    told: Mapping[str, str] = NOTHING,
    setting: Setting = "inpatient",
) -> Facts:
    """The inputs of `spec` as known at the aware moment `at`; `told` are set by the caller.

    The newest measurement of an input decides. When it cannot be used, the input is missing: an
    older value never stands in for a newer one that could not be read. Of an input with a window
    the readable value that counts by its rule decides, as it did when the model was trained.
    """
    person = _Person(record, _age(record.patient, at), at)
    used: dict[str, Reading] = {}
    missing: dict[str, Missing] = {}
    series: dict[str, tuple[Reading, ...]] = {}
    unused: list[Missing] = []
    for wanted in spec.inputs:
        if wanted.name in told:
            used[wanted.name] = _told(wanted, told[wanted.name], at)
            continue
        if wanted.reads in _WHOLE:
            _put(wanted, _WHOLE[wanted.reads](wanted, person, at), used, missing)
            continue
        found = offered(wanted, record.index, at=at, self_entered=spec.self_entered)
        if wanted.over is not None:
            series[wanted.name] = _readings(found)
        _put(wanted, _decided(wanted, found, series, at), used, missing)
        unused += _doubted(wanted, found, at)
    _within_window(spec, used, missing, at)
    return Facts(
        patient_id=record.patient_id,
        at=at,
        age_years=person.age_years,
        deceased=_deceased(record.patient, at),
        used=used,
        missing=missing,
        series=series,
        unused=tuple(one for one in unused if one.spec.name in used),
        setting=setting,
        feed=feed_of(spec, record, at=at),
    )


def _readings(found: Offered) -> tuple[Reading, ...]:
    return tuple(each.found for each in found.candidates if isinstance(each.found, Reading))


def _decided(
    spec: InputSpec, found: Offered, series: Mapping[str, Sequence[Reading]], at: datetime
) -> Reading | Missing:
    if readings := series.get(spec.name):
        return _in_window(spec, readings, at)
    return _chosen(spec, found.candidates, found.passed_over, at)


def _doubted(spec: InputSpec, found: Offered, at: datetime) -> list[Missing]:
    """What could have counted but for a doubt of its source, the newest first."""
    reach_s = spec.over.lookback_s if spec.over else float("inf")
    return [
        Missing(spec, each.found, _age_s(each, at), each.reference)
        for each in found.candidates
        if isinstance(each.found, Reason)
        and each.found in DOUBTS
        and (at - each.observed_at).total_seconds() <= reach_s
    ]


def _age_s(candidate: Candidate, at: datetime) -> int:
    return max(0, int((at - candidate.observed_at).total_seconds()))


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


class _Person:
    """What is known of a person beside Observations; the stay is looked at only when asked for."""

    def __init__(self, record: Record, age_years: int | None, at: datetime) -> None:
        self.age_years = age_years
        self.gender = record.patient.gender if record.patient else ""
        self._record, self._at = record, at

    @cached_property
    def stay(self) -> Mapping[str, Told]:
        """What the record tells of the stay."""
        return told_of_stay(self._record, self._at)


def _aged(spec: InputSpec, person: _Person, at: datetime) -> Reading | Missing:
    """The age as a reading: it comes from the birth date, so no Observation holds it."""
    if person.age_years is None:
        return Missing(spec, Reason.NOT_FOUND)
    return _whole(spec, Decimal(person.age_years), at)


def _sexed(spec: InputSpec, person: _Person, at: datetime) -> Reading | Missing:
    """Administrative gender, the one that the training data recorded; others are not known."""
    if person.gender not in _SEXES:
        return Missing(spec, Reason.UNKNOWN_ANSWER if person.gender else Reason.NOT_FOUND)
    return _whole(spec, _SEXES[person.gender], at)


def _stayed(spec: InputSpec, person: _Person, at: datetime) -> Reading | Missing:
    if (found := person.stay.get(spec.name)) is None:
        return Missing(spec, Reason.NOT_FOUND)
    return _whole(spec, Decimal(repr(found.value)).normalize(), found.at, found.reference)


def _whole(
    spec: InputSpec, value: Decimal, observed_at: datetime, reference: str = ""
) -> Reading | Missing:
    if spec.plausible is not None and not spec.plausible.low <= value <= spec.plausible.high:
        return Missing(spec, Reason.IMPLAUSIBLE, None, reference)
    return Reading(
        input=spec.name,
        value=value,
        unit=spec.unit,
        sent_value=f"{value:f}",
        sent_unit=spec.unit,
        observed_at=observed_at,
        reference=reference,
        code=spec.codes[0],
    )


_SEXES = {"male": Decimal(1), "female": Decimal(0)}
_WHOLE: Mapping[Reads, Callable[[InputSpec, _Person, datetime], Reading | Missing]] = {
    Reads.AGE: _aged,
    Reads.SEX: _sexed,
    Reads.STAY: _stayed,
}


def _in_window(spec: InputSpec, readings: Sequence[Reading], at: datetime) -> Reading | Missing:
    """The reading that counts by the input's rule, or why none does."""
    assert spec.over is not None  # noqa: S101 - asked by the caller
    ages_s = [max(0.0, (at - one.observed_at).total_seconds()) for one in readings]
    place = decisive(spec.over, ages_s, [_number(one) for one in readings])
    if place is not None:
        return readings[place]
    return Missing(spec, Reason.STALE, readings[0].age_s(at), readings[0].reference)


def _number(reading: Reading) -> Decimal:
    """Only quantities have windows."""
    return reading.value if isinstance(reading.value, Decimal) else Decimal(reading.value)


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


def _chosen(
    spec: InputSpec, candidates: Sequence[Candidate], passed_over: Reason | None, at: datetime
) -> Reading | Missing:
    if not candidates:
        return Missing(spec, passed_over or Reason.NOT_FOUND)
    newest = candidates[0]
    age_s = _age_s(newest, at)
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
