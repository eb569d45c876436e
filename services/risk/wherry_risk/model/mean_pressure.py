"""Systolic and diastolic pressure of one moment become the mean pressure, where none was sent."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

import msgspec

from wherry_risk.model.observation import Coding, Concept, Observation, Quantity, Valued, number
from wherry_risk.model.record import Record
from wherry_risk.model.spec import Code, loinc

SYSTOLIC, DIASTOLIC, MEAN = loinc("8480-6", "8462-4", "8478-0")
PANEL = loinc("85354-9")

Named = tuple[str, Observation]


def with_mean_pressure(record: Record) -> Record:
    """The record with a mean pressure for each pair of the same time, status and unit.

    What is derived refers to the Observation of its systolic pressure. A moment at which the mean
    was measured gets none.
    Source: (systolic + 2 diastolic) / 3, the usual estimate of mean arterial pressure.
    """
    parts = list(_parts(record.observations))
    measured = {_moment(whole) for _, whole, valued in parts if _is(valued, MEAN)}
    lower = {_moment(whole): valued for _, whole, valued in parts if _is(valued, DIASTOLIC)}
    derived: dict[tuple[str, str], Named] = {}
    for reference, whole, upper in parts:
        moment = _moment(whole)
        if not _is(upper, SYSTOLIC) or moment in measured or moment not in lower:
            continue
        if quantity := _mean(upper, lower[moment]):
            derived[moment] = (reference, _observation(whole, quantity))
    return replace(record, observations=(*record.observations, *derived.values()))


def _parts(observations: Sequence[Named]) -> Iterable[tuple[str, Observation, Valued]]:
    for reference, whole in observations:
        for valued in (whole, *whole.component):
            yield reference, whole, valued


def _moment(whole: Observation) -> tuple[str, str]:
    return whole.time(), whole.status


def _is(valued: Valued, code: Code) -> bool:
    found = any((coding.system, coding.code) == code for coding in valued.code.coding)
    return found and valued.value_quantity is not None


def _mean(upper: Valued, lower: Valued) -> Quantity | None:
    high, low = upper.value_quantity, lower.value_quantity
    if high is None or low is None or high.comparator or low.comparator:
        return None
    if (high.system, high.code, high.unit) != (low.system, low.code, low.unit):
        return None
    systolic, diastolic = number(high.value), number(low.value)
    if systolic is None or diastolic is None or diastolic > systolic:
        return None
    mean = ((systolic + 2 * diastolic) / 3).quantize(Decimal("0.1"))
    return msgspec.structs.replace(high, value=mean)


def _observation(whole: Observation, quantity: Quantity) -> Observation:
    coding = Coding(system=MEAN.system, code=MEAN.code)
    return msgspec.structs.replace(
        whole, code=Concept(coding=(coding,)), value_quantity=quantity, component=()
    )
