"""Checks that are written out as source text say what the same checks say one by one."""

from typing import Any

import pytest

from wherry.fhir.check import problems
from wherry.fhir.r4.written import Call, Each, In, Like, Of, Seen, Shared, function, resource

CODES = In(frozenset({"final", "amended"}))
CODING = Like({("code",): function([CODES])})


@pytest.mark.parametrize(
    ("value", "holds"),
    [
        ({"a": "final", "b": "x", "c": [{"code": "final"}]}, True),
        ({"a": "final", "b": "x", "c": [{"code": "final"}, {"code": "amended"}]}, True),
        ({"a": "other", "b": "x", "c": [{"code": "final"}]}, False),
        ({"a": "final", "b": "y", "c": [{"code": "final"}]}, False),
        ({"a": "final", "b": "x", "c": []}, False),
        ({"a": "final", "b": "x", "c": ({"code": "final"},)}, False),
        ({"a": "final", "b": "x", "c": [{"code": "final"}, {"code": "other"}]}, False),
    ],
)
def test_every_value_has_to_be_as_wanted(value: dict[str, Any], holds: bool) -> None:
    check = function([CODES, Of({"x": True, "y": False}), Each(CODING)])

    assert bool(check(value)) is holds


def test_a_rule_judges_all_values_together() -> None:
    check = function([CODES, CODES], [lambda value: value["a"] == value["b"]])

    assert check({"a": "final", "b": "final"})
    assert not check({"a": "final", "b": "amended"})


def test_a_bound_object_is_judged_after_its_values() -> None:
    check = function([Like({("code",): function([CODES])}, lambda one: one["code"] == "amended")])

    assert check({"a": {"code": "amended"}})
    assert not check({"a": {"code": "final"}})


def test_what_two_resources_share_is_looked_at_once_for_each_property() -> None:
    looks: list[str] = []

    def is_looked_at(one: dict[str, str]) -> bool:
        looks.append(one["id"])
        return True

    look = Call(is_looked_at)
    subject = resource([Shared(look, 1)], [])
    focus = resource([Shared(look, 2)], [])
    shared, seen = {"id": "patient"}, Seen()

    assert subject({"subject": shared}, seen)
    assert subject({"subject": shared}, seen)
    assert focus({"focus": shared}, seen)
    assert subject({"subject": {"id": "other"}}, seen)

    assert looks == ["patient", "patient", "other"]


def test_what_is_not_valid_is_not_taken_for_seen() -> None:
    shared = {"reference": "not a reference"}
    resources = [
        {"resourceType": "Basic", "code": {"text": "a"}, "subject": shared} for _ in range(2)
    ]
    seen: Seen = {}

    assert [bool(problems(one, seen)) for one in resources] == [True, True]


def test_extensions_beside_the_values_of_an_array_are_as_many() -> None:
    beside = {"extension": [{"url": "urn:example:why", "valueString": "b"}]}
    allergy = {
        "resourceType": "AllergyIntolerance",
        "patient": {"reference": "Patient/1"},
        "clinicalStatus": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical",
                    "code": "active",
                }
            ]
        },
        "category": ["food"],
        "_category": [beside],
    }

    assert problems(allergy) == []
    assert problems(allergy | {"_category": [beside, beside]}) != []
    assert problems(allergy | {"_category": [{"id": "a"}]}) == []
