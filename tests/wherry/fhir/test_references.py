"""References to things of a Bundle point to what is stored, wherever in a resource they stand."""

import pytest

from wherry.fhir.references import resolved
from wherry.fhir.systems import GATEWAY, SOURCE_TIME
from wherry.resource import Resource

HUB = {"url": GATEWAY, "valueReference": {"reference": "urn:uuid:hub"}}
TIME = {"url": SOURCE_TIME, "valueDateTime": "2026-03-01T12:00:00Z"}


@pytest.mark.parametrize("others", [[], [TIME]])
def test_a_reference_in_an_extension_is_found_whether_it_is_the_only_one_or_not(
    others: list[Resource],
) -> None:
    one: Resource = {"resourceType": "Observation", "extension": [*others, HUB]}

    found = resolved(one, {"urn:uuid:hub": "Device/7"})

    assert found["extension"][-1]["valueReference"] == {"reference": "Device/7"}
    assert one["extension"][-1] == HUB


def test_what_refers_to_nothing_is_itself() -> None:
    one: Resource = {"resourceType": "Observation", "extension": [TIME], "status": "final"}

    assert resolved(one, {"urn:uuid:hub": "Device/7"}) is one
