"""Systolic and diastolic pressure of one moment become the mean pressure, where none was sent."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import msgspec

from wherry_risk.model.index import Hit, Measured
from wherry_risk.model.observation import Quantity, Valued, number
from wherry_risk.model.record import Record
from wherry_risk.model.spec import Code, loinc

SYSTOLIC, DIASTOLIC, MEAN = loinc("8480-6", "8462-4", "8478-0")
PANEL = loinc("85354-9")


def with_mean_pressure(record: Record) -> Record:
    """The record with a mean pressure for each pair of the same time, status and unit.

    What is derived refers to the Observation of its systolic pressure and has the tags of both. A
    moment at which the mean was measured gets none.
    Source: (systolic + 2 diastolic) / 3, the usual estimate of mean arterial pressure.
    """
    measured = {_moment(whole) for whole, _ in _quantities(record, MEAN)}
    lower = {_moment(hit[0]): hit for hit in _quantities(record, DIASTOLIC)}
    derived: dict[tuple[str, str], Hit] = {}
    for upper in _quantities(record, SYSTOLIC):
        moment = _moment(upper[0])
        if moment in measured or moment not in lower:
            continue
        place = len(record.observations) + len(derived)  # after all that was sent
        if made := _derived(upper, lower[moment], place):
            derived[moment] = made
    if not derived:
        return record
    sent = record.index.get(MEAN, ())
    return replace(record, index={**record.index, MEAN: (*sent, *derived.values())})


def _quantities(record: Record, code: Code) -> Iterator[Hit]:
    return (hit for hit in record.index.get(code, ()) if hit[1].value_quantity is not None)


def _moment(measured: Measured) -> tuple[str, str]:
    return measured.whole.time(), measured.whole.status


def _derived(upper: Hit, lower: Hit, place: int) -> Hit | None:
    (whole, systolic), (other, diastolic) = upper, lower
    quantity = _mean(systolic, diastolic)
    if quantity is None:
        return None
    absent = (
        whole.whole.data_absent_reason
        or systolic.data_absent_reason
        or diastolic.data_absent_reason
    )
    quality = tuple(dict.fromkeys((*whole.quality, *other.quality)))
    return whole._replace(place=place, quality=quality), Valued(
        value_quantity=quantity, data_absent_reason=absent
    )


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
