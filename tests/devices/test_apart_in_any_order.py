"""Payloads that each say a part end the same in any order, any number of times, in any batches."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.devices.harness import House
from tests.devices.test_apart import BEATS, IRREGULAR, MEAL, PRESSURE, SEVEN, halves


def everything(house: House) -> list[Any]:
    """All that the Observations say, but for when what was said again was said."""
    urls = {
        f"Observation/{one['id']}": one["identifier"][0]["value"]
        for one in house.fhir.all("Observation")
    }
    return sorted(
        (
            {
                **{name: one[name] for name in ("status", "effectiveDateTime", "identifier")},
                "value": str(one.get("valueQuantity")),
                "parts": sorted(
                    str({**part, "extension": None}) for part in one.get("component", ())
                ),
                "links": [urls[each["reference"]] for each in one.get("derivedFrom", ())],
                "profile": one["meta"].get("profile"),
                "tags": [tag["code"] for tag in one["meta"].get("tag", ())],
            }
            for one in house.fhir.all("Observation")
        ),
        key=str,
    )


@settings(deadline=None, max_examples=40)
@given(
    order=st.permutations([*range(7), *range(7)]),
    together=st.lists(st.booleans(), min_size=14, max_size=14),
)
def test_any_order_and_number_of_deliveries_of_parts_ends_the_same(
    order: list[int], together: list[bool]
) -> None:
    sources = ["tenovi"] * 3 + ["openmhealth"] * 2 + ["ble-hub"] * 2
    payloads = [PRESSURE, BEATS, IRREGULAR, *halves(), SEVEN, MEAL]
    found = []
    for numbers, waits in ((list(range(7)), [False] * 7), (order, together)):
        house = House()
        house.bind("hwi-1", source="tenovi")
        house.bind("user-1", kind="account", source="openmhealth")
        house.bind("aa:bb", source="ble-hub")
        for number, wait in zip(numbers, waits, strict=True):
            house.keep(payloads[number], sources[number])
            if not wait:
                house.work()
        house.work()
        found.append(everything(house))

    assert found[0] == found[1]
    assert len(found[0]) == 5
