"""All golden payloads, in any order and any number of times, end as one and the same record."""

from functools import cache
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.devices.golden import SLOW, Golden, goldens
from tests.devices.harness import EVER, NOW, House

from wherry_devices.mapping.binding import Binding
from wherry_devices.mapping.identity import identifier_of

AT_ONCE = 4
TYPES = ("Observation", "Device", "DeviceMetric")


def _apart(cases: list[Golden]) -> list[Golden]:
    """Cases that tell of measurements that no case before told of, in other words."""
    known: set[str] = set()
    out = []
    for case in cases:
        found = case.read(case.json).readings
        names = {str(identifier_of(one)) for one in found}
        if known.isdisjoint(names):
            known |= names
            out.append(case)
    return out


CASES = _apart([case for case in goldens() if case.source != "apple-export"])


def _house(cases: list[Golden]) -> House:
    """A service that knows whose all devices and accounts of these payloads are."""
    house = House(zone="America/New_York")
    for case in cases:
        for one in case.read(case.json).readings:
            for key in one.keys:
                house.bindings.put(Binding(key.opaque, case.source, "p1", EVER, None, "nurse 7"))
    return house


def _state(house: House) -> list[Any]:
    """What the server holds: all but ids, versions and which delivery it came by."""
    names = {
        f"{type_}/{id_}": str(kept[-1].get("identifier", ""))
        for (type_, id_), kept in house.fhir.versions.items()
    }
    told = [one for type_ in TYPES for one in house.fhir.all(type_)]
    return sorted((_plain(one, names) for one in told), key=str)


def _plain(value: Any, names: dict[str, str]) -> Any:
    """References are to what they are called; what differs by delivery is left out."""
    if isinstance(value, dict):
        left = {k: v for k, v in value.items() if k not in {"id", "versionId", "lastUpdated"}}
        if "meta" in left:
            left["meta"] = {k: v for k, v in left["meta"].items() if k != "source"}
        return {k: _plain(v, names) for k, v in left.items()}
    if isinstance(value, list):
        return [_plain(one, names) for one in value]
    return names.get(value, value) if isinstance(value, str) else value


@cache
def _expected() -> tuple[list[Any], int]:
    house = _house(CASES)
    for case in CASES:
        house.keep(case.body, case.source)
    _finish(house)
    return _state(house), len(house.fhir.all("Observation"))


def _finish(house: House) -> None:
    house.work()
    for _ in range(2):
        house.paths.later()
        house.work()


def test_the_golden_payloads_together_are_many_readings() -> None:
    _, count = _expected()

    assert count > 60
    assert NOW.year == 2026


@settings(deadline=None, suppress_health_check=SLOW, max_examples=6, phases=[Phase.generate])
@given(data=st.data())
def test_any_number_of_deliveries_in_any_order_ends_as_one_record(data: st.DataObject) -> None:
    numbers = [*range(len(CASES))]
    again = data.draw(st.lists(st.sampled_from(numbers), max_size=len(CASES)))
    order = data.draw(st.permutations([*numbers, *again]))
    house = _house(CASES)

    for start in range(0, len(order), AT_ONCE):
        for number in order[start : start + AT_ONCE]:
            house.keep(CASES[number].body, CASES[number].source)
        house.work()
    _finish(house)

    assert _state(house) == _expected()[0]
