"""However a payload is spoiled, it ends as readings or named reasons, and no number is made up."""

from collections import Counter
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.devices.golden import MUTATIONS, SLOW, Golden, goldens, places, put

from wherry.errors import Failure
from wherry_devices.mapping.numbers import SPECIAL
from wherry_devices.mapping.reading import Batch
from wherry_devices.mapping.vitals import ACTIVITY, VITALS

CASES = goldens()
MAY_BE_LEFT_OUT = frozenset({"specimen_source"})
"""Where it was measured may be unsaid, and then a glucose is one of capillary blood."""
# What devices of all kinds send for no number, beside what `vitals` knows of each kind.
SENTINELS = [-1, 2047, 32767, 65535, 8388607, *SPECIAL, "nan", "inf", "-", "---", "LO", "HI"]


def numbers(batch: Batch) -> Counter[tuple[str, Decimal, str, str]]:
    """Each number that became a reading, with its kind and unit."""
    return Counter(
        (one.kind, one.value, one.ucum, one.comparator)
        for one in batch.readings
        if one.value is not None
    )


def test_each_golden_payload_is_read() -> None:
    assert len(CASES) > 20
    assert all(case.read(case.json).readings or case.read(case.json).withheld for case in CASES)


@settings(deadline=None, suppress_health_check=SLOW, max_examples=150)
@given(st.data())
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_one_spoiled_place_adds_no_number_and_moves_none_to_another_kind(
    case: Golden, data: st.DataObject
) -> None:
    payload = case.json
    place, value = data.draw(st.sampled_from(list(places(payload))))
    name = data.draw(st.sampled_from(sorted(MUTATIONS)))
    assume(place[-1] not in MAY_BE_LEFT_OUT or name not in {"drop", "null"})
    spoiled = put(payload, place, MUTATIONS[name](value))

    batch = read(case, spoiled)

    assert numbers(batch) <= numbers(case.without_rules(payload)), (place, name)
    assert all(one.reason for one in batch.withheld)


def read(case: Golden, payload: Any) -> Batch:
    """Its readings and reasons; of no payload of this source there are none."""
    with suppress(Failure):
        return case.read(payload)
    return Batch()


def _numeric(case: Golden) -> list[tuple[Any, Any]]:
    """Places whose number becomes a reading, each with that number."""
    payload = case.json
    before = numbers(case.read(payload))
    found = []
    for place, value in places(payload):
        if isinstance(value, int | Decimal) or (isinstance(value, str) and value[:1].isdigit()):
            gone = before - numbers(read(case, put(payload, place, "no number")))
            if gone and len({kind for kind, *_ in gone}) <= 2:
                found.append((place, value))
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_stands_for_no_number_never_becomes_one_in_any_payload(case: Golden) -> None:
    payload = case.json
    before = numbers(case.read(payload))
    for place, value in _numeric(case):
        for sentinel in _sentinels(value):
            batch = read(case, put(payload, place, sentinel))
            for kind, number, unit, _ in numbers(batch) - before:
                if VITALS[kind].category != ACTIVITY and unit != "g":
                    assert number not in _none(kind), (place, sentinel)


def _none(kind: str) -> set[Decimal]:
    known = {Decimal(one) for one in SENTINELS if isinstance(one, int)}
    return known | set(VITALS[kind].never)


def _sentinels(value: Any) -> list[Any]:
    """Those that could stand there: as numbers where numbers are, as texts where texts are."""
    never = {number for vital in VITALS.values() for number in vital.never}
    found = [*SENTINELS, *sorted(never)]
    return [str(one) for one in found] if isinstance(value, str) else found


@pytest.mark.parametrize("status", ["low", "high", None, "ok", "unknown"])
@pytest.mark.parametrize("value", [39, 401])
def test_the_pins_of_a_glucose_sensor_are_no_numbers_whatever_it_says_beside_them(
    status: str | None, value: int
) -> None:
    [case] = [one for one in CASES if one.source == "dexcom"]
    payload = case.json
    payload["records"] = [payload["records"][0] | {"value": value, "status": status}]

    assert value not in {number for _, number, *_ in numbers(case.read(payload))}


_GROUP = ("body", "measuregrps", 0, "attrib")
_OFFSET = ("records", 0, "zoneOffset")


@pytest.mark.parametrize(
    ("name", "place", "value", "reason"),
    [
        ("withings-pressure", _GROUP, 3, "unknown-attribution"),
        ("withings-pressure", _GROUP, None, "unknown-attribution"),
        ("health-connect", _OFFSET, "east", "no-time"),
        ("health-connect", _OFFSET, "+15:00", "no-time"),
        (
            "google-health-texts",
            ("dataPoints", 0, "heartRate", "sampleTime", "utcOffset"),
            "1h",
            "no-time",
        ),
        ("junction-glucose", ("data", "source", "type"), "brand-new", "unknown-code"),
    ],
)
def test_what_a_source_says_that_nobody_knows_is_for_a_person(
    name: str, place: Any, value: Any, reason: str
) -> None:
    [case] = [one for one in CASES if one.name.startswith(name)]

    batch = read(case, put(case.json, place, value))

    assert reason in {one.reason for one in batch.withheld if one.aside}
    assert numbers(batch) < numbers(case.read(case.json))
