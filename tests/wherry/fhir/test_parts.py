"""An Observation said in parts ends the same in whatever order its messages come."""

from collections.abc import Sequence
from decimal import Decimal
from functools import reduce
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherry.fhir.merge import merge
from wherry.fhir.parts import PARTS, joined, marked
from wherry.fhir.systems import DATA_ABSENT, DEVICE_QUALITY, LOINC, SOURCE_TIME
from wherry.resource import Resource

SYSTOLIC, DIASTOLIC, MEAN = "8480-6", "8462-4", "8478-0"
REQUIRED = (SYSTOLIC, DIASTOLIC)
UNKNOWN = {"coding": [{"system": DATA_ABSENT, "code": "unknown"}]}


def part(code: str, value: int | None) -> Resource:
    concept = {"coding": [{"system": LOINC, "code": code}]}
    if value is None:
        return {"code": concept, "dataAbsentReason": UNKNOWN}
    return {"code": concept, "valueQuantity": {"value": Decimal(value), "unit": "mm[Hg]"}}


def said(
    minute: int,
    numbers: dict[str, int] | None = None,
    *,
    tags: Sequence[str] = (),
    deleted: bool = False,
    **more: Any,
) -> Resource:
    """What one message says of a blood pressure; what it does not know is a gap."""
    at = f"2026-03-01T08:{minute:02}:00+00:00"
    meta: dict[str, Any] = {"source": f"urn:demo#{minute}"}
    if tags:
        meta["tag"] = [{"system": DEVICE_QUALITY, "code": tag} for tag in tags]
    out: Resource = {
        "resourceType": "Observation",
        "meta": meta,
        "extension": [{"url": SOURCE_TIME, "valueDateTime": at}],
        "identifier": [{"system": "urn:demo", "value": "1"}],
        "status": "entered-in-error" if deleted else "final",
        **more,
    }
    if deleted:
        return out | {"dataAbsentReason": UNKNOWN}
    values = numbers or {}
    codes = [*REQUIRED, *(code for code in values if code not in REQUIRED)]
    out["component"] = [part(code, values.get(code)) for code in codes]
    return out


def ends(messages: Sequence[Resource]) -> Resource:
    """What is stored after all of them."""
    return reduce(
        lambda stored, one: merge(stored, one, weak=(PARTS,)) or stored, messages[1:], messages[0]
    )


def values(resource: Resource) -> dict[str, int | None]:
    return {
        one["code"]["coding"][0]["code"]: one.get("valueQuantity", {}).get("value")
        for one in resource.get("component", ())
    }


def tags(resource: Resource) -> list[str]:
    return [tag["code"] for tag in resource["meta"].get("tag", ())]


def state(resource: Resource) -> tuple[Any, ...]:
    """All that counts: the words and times of each part, and what is said of the whole."""
    parts = sorted(resource.get("component", ()), key=str)
    return resource["status"], parts, tags(resource), resource["extension"]


UPPER = said(1, {SYSTOLIC: 120})
LOWER = said(2, {DIASTOLIC: 80})


@pytest.mark.parametrize("order", [(UPPER, LOWER), (LOWER, UPPER), (UPPER, LOWER, UPPER, LOWER)])
def test_two_halves_are_whole_in_either_order(order: Sequence[Resource]) -> None:
    assert values(ends(order)) == {SYSTOLIC: 120, DIASTOLIC: 80}


def test_half_of_a_measurement_says_that_the_other_half_is_unknown() -> None:
    assert values(UPPER) == {SYSTOLIC: 120, DIASTOLIC: None}
    assert merge(UPPER, said(5, {SYSTOLIC: 120}), weak=(PARTS,)) is None


def test_what_is_whole_is_written_once_and_not_for_the_same_words_again() -> None:
    whole = ends((UPPER, LOWER))

    for again in (UPPER, LOWER, said(9, {SYSTOLIC: 120}), said(9, {DIASTOLIC: 80})):
        assert merge(whole, again, weak=(PARTS,)) is None


HISTORIES = {
    "a half corrected before the other half came": (
        said(1, {SYSTOLIC: 250}, tags=["suspect"]),
        said(3, {SYSTOLIC: 140}),
        said(4, {DIASTOLIC: 80}),
    ),
    "a half taken back with all of it and said anew": (
        said(1, {SYSTOLIC: 120}),
        said(3, deleted=True),
        said(4, {DIASTOLIC: 80}),
    ),
    "all taken back": (
        said(1, {SYSTOLIC: 120}),
        said(2, {DIASTOLIC: 80}),
        said(5, deleted=True),
    ),
    "a whole one after its halves": (
        said(1, {SYSTOLIC: 120}),
        said(2, {DIASTOLIC: 80}, tags=["manual"]),
        said(6, {SYSTOLIC: 121, DIASTOLIC: 81}),
    ),
    "whole ones of which the newer has no mean": (
        said(1, {SYSTOLIC: 120, DIASTOLIC: 80, MEAN: 93}, tags=["suspect"]),
        said(2, {SYSTOLIC: 122, DIASTOLIC: 82}),
    ),
    "a mean that comes alone": (
        said(1, {MEAN: 93}),
        said(2, {SYSTOLIC: 120, DIASTOLIC: 80}),
        said(3, {SYSTOLIC: 121, DIASTOLIC: 80}),
    ),
}
LAST: dict[str, tuple[dict[str, int | None], list[str]]] = {
    "a half corrected before the other half came": ({SYSTOLIC: 140, DIASTOLIC: 80}, []),
    "a half taken back with all of it and said anew": ({SYSTOLIC: None, DIASTOLIC: 80}, []),
    "all taken back": ({}, []),
    "a whole one after its halves": ({SYSTOLIC: 121, DIASTOLIC: 81}, []),
    "whole ones of which the newer has no mean": ({SYSTOLIC: 122, DIASTOLIC: 82}, []),
    "a mean that comes alone": ({SYSTOLIC: 121, DIASTOLIC: 80, MEAN: 93}, []),
}


@pytest.mark.parametrize("name", HISTORIES)
def test_every_order_of_a_history_ends_the_same(name: str) -> None:
    found = [ends(order) for order in permutations(HISTORIES[name])]

    assert [values(one) for one in found] == [LAST[name][0]] * len(found)
    assert [tags(one) for one in found] == [LAST[name][1]] * len(found)


@given(
    st.lists(
        st.tuples(
            st.dictionaries(st.sampled_from(REQUIRED), st.integers(40, 44), min_size=1, max_size=2),
            st.sampled_from([(), ("suspect",), ("manual", "suspect")]),
        ),
        min_size=2,
        max_size=5,
    ),
    st.integers(0, 9),
    st.data(),
)
def test_messages_in_any_order_and_number_end_the_same(
    history: Any, deletion: int, data: st.DataObject
) -> None:
    messages = [
        said(minute, {code: value + 10 * minute for code, value in numbers.items()},
             tags=marks, deleted=minute == deletion)
        for minute, (numbers, marks) in enumerate(history)
    ]  # fmt: skip
    order = data.draw(st.permutations([*messages, *messages]))

    assert state(ends(order)) == state(ends(messages))


def test_a_part_keeps_the_marks_of_its_message_until_another_replaces_it() -> None:
    joint = ends((said(1, {SYSTOLIC: 250}, tags=["suspect"]), LOWER))

    assert tags(joint) == ["suspect"]
    assert [
        [one.get("valueCode") or one["valueDateTime"] for one in each["extension"]]
        for each in joint["component"]
    ] == [["2026-03-01T08:01:00+00:00", "suspect"], ["2026-03-01T08:02:00+00:00"]]
    assert tags(ends((joint, said(3, {SYSTOLIC: 120})))) == []


def test_what_is_known_by_one_name_or_linked_in_one_message_stays_so() -> None:
    first = said(1, {SYSTOLIC: 120}, derivedFrom=[{"reference": "Observation/9"}])
    other = said(2, {DIASTOLIC: 80}) | {"identifier": [{"system": "urn:demo", "value": "2"}]}

    for order in ((first, other), (other, first)):
        found = ends(order)
        assert sorted(one["value"] for one in found["identifier"]) == ["1", "2"]
        assert found["derivedFrom"] == [{"reference": "Observation/9"}]


def test_a_context_that_comes_apart_stays_with_a_value_whatever_is_said_of_the_value() -> None:
    meal = marked(
        {"code": {"text": "meal"}, "valueCodeableConcept": {"text": "fasting"}},
        "2026-03-01T09:00:00+00:00",
    )
    context = {"resourceType": "Observation", "meta": {}, "status": "final",
               "identifier": [{"system": "urn:demo:sequence", "value": "7"}],
               "dataAbsentReason": UNKNOWN, "component": [meal]}  # fmt: skip
    glucose = said(1, tags=["suspect"])
    del glucose["component"]
    glucose["valueQuantity"] = {"value": Decimal(100)}
    corrected = glucose | {"valueQuantity": {"value": Decimal(101)}} | {
        "extension": said(5)["extension"]}  # fmt: skip

    for order in permutations([context, glucose, corrected]):
        found = joined(joined(order[0], order[1]), order[2])
        assert found["valueQuantity"]["value"] == 101
        assert "dataAbsentReason" not in found
        assert found["component"] == [meal]


def test_tags_of_others_stay() -> None:
    foreign = {"system": "urn:somebody", "code": "seen"}
    stored = said(1, {SYSTOLIC: 250}, tags=["suspect"])
    stored["meta"] |= {"tag": [*stored["meta"]["tag"], foreign], "versionId": "3"}

    found = joined(stored, said(2, {SYSTOLIC: 120, DIASTOLIC: 80}))

    assert found["meta"]["tag"] == [foreign]
    assert "versionId" not in found["meta"]
