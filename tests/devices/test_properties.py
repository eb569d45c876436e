"""What holds for any number, unit, time and order of delivery."""

from decimal import Decimal
from itertools import chain
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.devices.harness import SITE, TEMPLATES, House, as_received, getmeas, group, measure

from wherry.codec import decode, encode
from wherry.resource import Resource
from wherry.units import conversion
from wherry_devices.mapping.instants import epoch, interval, iso
from wherry_devices.mapping.numbers import decimal, plain, quantised, scaled
from wherry_devices.mapping.read import read
from wherry_devices.mapping.vitals import VITALS

NUMBERS = st.decimals(
    min_value=Decimal("-9999.999"), max_value=Decimal("9999.999"), places=3, allow_nan=False
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.integers(-(10**9), 10**9), st.integers(-6, 6))
def test_a_scaled_number_is_exact(value: int, exponent: int) -> None:
    found = scaled(value, exponent)

    assert found is not None
    assert found == Decimal(value) * Decimal(10) ** exponent
    assert "E" not in str(found) or exponent < -5  # Decimal writes 0.0000001 as 1E-7


@given(NUMBERS, st.sampled_from(["1", "0.1", "0.001"]))
def test_a_quantum_never_changes_the_number(value: Decimal, quantum: str) -> None:
    assert quantised(value, Decimal(quantum)) == value
    assert plain(value) == value


@given(NUMBERS)
def test_digits_survive_json_and_back(value: Decimal) -> None:
    assert str(decode(encode({"v": value}))["v"]) in {str(value), str(abs(value))}


@given(JSON)
def test_anything_but_a_finite_number_is_none(value: Any) -> None:
    found = decimal(value)

    assert found is None or found == value


@pytest.mark.parametrize(
    ("kind", "unit"), [(kind, unit) for kind, vital in VITALS.items() for unit in vital.units]
)
@given(st.decimals(min_value=0, max_value=500, places=2))
def test_every_unit_of_a_kind_converts_there_and_back(kind: str, unit: str, value: Decimal) -> None:
    convert = conversion(unit, VITALS[kind].units[0])

    assert convert is not None
    back = convert(value) * convert.over / convert.times + convert.offset
    assert abs(back - value) < Decimal("1e-20")


ZONES = ["Europe/Berlin", "UTC", "Asia/Kathmandu", "America/New_York", "Nowhere", ""]


@given(st.integers(946_684_800, 4_102_444_799), st.sampled_from(ZONES))
def test_a_zone_changes_how_an_instant_is_written_and_not_when_it_was(
    seconds: int, zone: str
) -> None:
    moment = epoch(seconds, zone)

    assert moment is not None
    assert moment.at.timestamp() == seconds
    again = iso(moment.at.isoformat())
    assert again is not None
    assert (again.at, again.at.utcoffset()) == (moment.at, moment.at.utcoffset())


# Both nights of 2026 in which the clocks change in Berlin, every 20 minutes.
@pytest.mark.parametrize("start", [1_774_738_800, 1_792_882_800])
def test_when_clocks_change_no_two_instants_are_written_alike(start: int) -> None:
    written = [
        moment.at.isoformat()
        for step in range(18)
        if (moment := epoch(start + step * 1200, "Europe/Berlin")) is not None
    ]

    assert len(set(written)) == 18
    assert {text[-6:] for text in written} == {"+01:00", "+02:00"}


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_text_breaks_the_reading_of_times(one: str, other: str) -> None:
    moment = interval(one, other)

    assert moment is None or moment.end is not None


ENVELOPES = {
    "omron": ("result", "bloodPressure"),
    "ihealth": ("BPDataList",),
    "terra": ("samples",),
    "apple-export": ("records",),
    "ble-hub": ("measurements",),
    "dexcom": ("records",),
    "google-health": ("dataPoints",),
    "health-connect": ("records",),
    "healthkit": ("samples",),
    "junction": ("points",),
    "smartmeter": ("data",),
}


def _enveloped(source: str, noise: Any) -> Any:
    out: Any = [noise]
    for name in reversed(ENVELOPES.get(source, ())):
        out = {name: out}
    return out


@pytest.mark.parametrize("source", sorted(TEMPLATES))
@given(JSON)
def test_whatever_stands_in_a_payload_ends_as_readings_or_reasons(source: str, noise: Any) -> None:
    good = getmeas(group(1, measure(11, 70)))
    good["body"]["measuregrps"][0] |= noise if isinstance(noise, dict) else {"measures": noise}
    payload = good if source == "withings" else _enveloped(source, noise)

    batch = read(as_received(payload), TEMPLATES[source], site=SITE)

    # JMESPath: null is nothing, and lists in lists become one
    assert batch.readings or batch.withheld or noise is None or isinstance(noise, list)


def _versions() -> list[Resource]:
    """Three payloads about two measurements, one of which was corrected twice."""
    first, second = group(1, measure(11, 70), measure(54, 97)), group(2, measure(1, 70530, -3))
    later = {**first, "measures": [measure(11, 72), measure(54, 97)]}
    last = {**first, "measures": [measure(11, 74), measure(54, 97)]}
    later["modified"] += 60
    last["modified"] += 120
    return [getmeas(first, second), getmeas(later), getmeas(second, last)]


def _state(house: House) -> list[Resource]:
    """What the server holds, apart from ids, versions and the time of the last look."""
    return sorted(
        (
            {
                "code": one["code"]["coding"][0]["code"],
                "value": str(one["valueQuantity"]["value"]),
                "at": one["effectiveDateTime"],
                "identifier": one["identifier"],
                "subject": one["subject"],
            }
            for one in house.fhir.all("Observation")
        ),
        key=str,
    )


@settings(deadline=None, max_examples=40)
@given(
    order=st.permutations([0, 0, 1, 1, 2, 2]),
    together=st.lists(st.booleans(), min_size=6, max_size=6),
)
def test_any_order_and_number_of_deliveries_ends_the_same(
    order: list[int], together: list[bool]
) -> None:
    payloads, house, expected = _versions(), House(), House()
    for one in (house, expected):
        one.bind("cuff-1")
    for payload in payloads:
        expected.keep(payload)
    expected.work()

    for number, wait in zip(order, together, strict=True):
        house.keep(payloads[number])
        if not wait:
            house.work()
    house.work()

    assert _state(house) == _state(expected)
    assert [one["value"] for one in _state(house) if one["code"] == "8867-4"] == ["74"]
    kinds = [type_ for type_, _ in chain(house.fhir.versions)]
    assert kinds.count("Observation") == 3
    assert kinds.count("Device") == 1
