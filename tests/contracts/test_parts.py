"""Parts and links of measurements on the fake and on the sandbox EHR over HTTP; synthetic data."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from tests.devices.harness import House
from tests.devices.test_apart import BEATS, CUFF, IRREGULAR, MEAL, PRESSURE, PULSE, SEVEN, STATUS
from tests.devices.test_apart import halves as of_two_records

from wherry.draining import Pace
from wherry.ports import Fhir, State
from wherry.resource import Resource
from wherry_devices.jobs import drain


def landed(fhir: Fhir, source: str, device: str, payloads: Sequence[Any], kind: str) -> list[Any]:
    """Deliver payloads of a patient of this server, one after the other; how each ended."""
    house = House()
    patient = fhir.create({"resourceType": "Patient"})
    house.bind(device, patient, kind=kind, source=source)
    ids = []
    for payload in payloads:
        house.inbox.time_s += 1
        ids.append(house.keep(payload, source))
        drain(replace(house.deps(), fhir=fhir), owner="worker", pace=Pace())
    assert [house.ended(one) for one in ids] == [(State.DONE, "")] * len(ids)
    return fhir.search("Observation", {"patient": patient})


def by_code(found: Sequence[Resource]) -> dict[str, Resource]:
    return {one["code"]["coding"][0]["code"]: one for one in found}


@pytest.mark.parametrize("order", [*permutations([PRESSURE, BEATS, IRREGULAR])])
def test_a_pulse_and_a_status_are_linked_to_their_pressure(
    order: Sequence[Any], fhir: Fhir
) -> None:
    found = landed(fhir, "tenovi", "hwi-1", [*order, *order], "device")

    one = by_code(found)
    assert len(found) == 3
    cuff = f"Observation/{one[CUFF]['id']}"
    assert [each["reference"] for each in one[PULSE]["derivedFrom"]] == [cuff]
    assert [each["reference"] for each in one[STATUS]["derivedFrom"]] == [cuff]
    assert one[PULSE]["meta"]["profile"][1].endswith("/smbp-associated-heart-rate")


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 1, 0)])
def test_two_halves_of_a_pressure_make_it_whole(order: Sequence[int], fhir: Fhir) -> None:
    payloads = [of_two_records()[one] for one in order]

    [one] = landed(fhir, "openmhealth", "user-1", payloads, "account")

    assert [part["valueQuantity"]["value"] for part in one["component"]] == [128, 81]


@pytest.mark.parametrize("order", [(SEVEN, MEAL), (MEAL, SEVEN), (MEAL, SEVEN, MEAL)])
def test_a_meal_finds_its_glucose(order: Sequence[Any], fhir: Fhir) -> None:
    [one] = landed(fhir, "ble-hub", "aa:bb", order, "device")

    assert one["valueQuantity"]["value"] == Decimal("5.6")
    assert one["component"][0]["valueCodeableConcept"]["text"] == "fasting"
