"""What a client's JSON text tells, element by element. Pure; the resources are made up."""

from typing import Any

import pytest

from wherry.codec import decode, encode
from wherry.errors import Failure, Kind
from wherry.fhir.check import problems
from wherry_ehr.search.extract import Rows, add, index
from wherry_ehr.write.told import NOTHING, told_in

OBSERVATION: dict[str, Any] = {
    "resourceType": "Observation",
    "meta": {"source": "urn:example:sender"},
    "identifier": [{"system": "urn:example:observation", "value": "1"}],
    "status": "final",
    "category": [{"coding": [{"system": "urn:example:category", "code": "vital-signs"}]}],
    "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
    "subject": {"reference": "Patient/p"},
    "effectiveDateTime": "2026-01-05T08:30:00+00:00",
}


def test_the_values_and_their_digits_are_those_of_the_text() -> None:
    text = b'{"resourceType":"Basic","code":{"text":"a"},"x":[98.60,1e2,null,true]}'

    told = told_in(text)

    assert encode(told.resource) == encode(decode(text))
    assert [str(one) for one in told.resource["x"][:2]] == ["98.60", "1E+2"]


def test_keys_are_put_in_order_inside_an_element() -> None:
    told = told_in(b'{"resourceType":"Basic", "code" : {"text": "a", "coding": [{"code":"c"}]}}')

    assert told.elements["code"].text == '"code":{"coding":[{"code":"c"}],"text":"a"}'


def test_an_element_that_was_said_before_is_not_worked_out_again() -> None:
    first, second = (
        told_in(encode(OBSERVATION)),
        told_in(encode({**OBSERVATION, "status": "amended"})),
    )

    same = [name for name in OBSERVATION if first.elements[name] is second.elements[name]]

    assert same == [name for name in OBSERVATION if name != "status"]


def test_the_same_text_means_another_thing_in_another_type() -> None:
    patient, observation = (
        told_in(encode({"resourceType": type_, "status": "final"}))
        for type_ in ("Patient", "Observation")
    )

    assert (patient.elements["status"].certain, observation.elements["status"].certain) == (
        False,
        True,
    )


def test_long_elements_are_worked_out_each_time() -> None:
    text = encode({"resourceType": "Basic", "code": {"text": "a" * 2000}})

    assert told_in(text).elements["code"] is not told_in(text).elements["code"]
    assert told_in(text).elements["code"] == told_in(text).elements["code"]


@pytest.mark.parametrize(
    ("change", "certain"),
    [
        ({}, True),
        ({"status": "done"}, False),
        ({"status": None}, False),
        ({"code": []}, False),
        ({"dragon": 1}, False),
        ({"effectivePeriod": {"start": "2026-01-05"}}, False),
        ({"effectiveDateTime": "soon"}, False),
        ({"valueString": "a", "dataAbsentReason": {"text": "b"}}, False),
        ({"resourceType": "Dragon"}, False),
        ({"resourceType": 1}, False),
        ({"resourceType": {}}, False),
    ],
)
def test_what_is_certain_is_valid_and_a_fault_anywhere_is_noticed(
    change: dict[str, Any], certain: bool
) -> None:
    resource = {**OBSERVATION, **change}

    assert told_in(encode(resource)).certain is certain
    assert (problems(resource) == []) is certain


@pytest.mark.parametrize("missing", ["status", "code", "resourceType"])
def test_what_lacks_an_element_is_not_certain(missing: str) -> None:
    resource = {name: value for name, value in OBSERVATION.items() if name != missing}

    assert not told_in(encode(resource)).certain


def test_nothing_is_not_certain() -> None:
    assert not NOTHING.certain


def test_elements_are_found_by_the_same_rows_as_their_resource() -> None:
    told, by_element, by_resource = told_in(encode(OBSERVATION)), Rows(), Rows()

    held = [one.held for one in told.elements.values() if one.held]
    facets = add(held, 7, {}, by_element), index("Observation", OBSERVATION, 7, {}, by_resource)

    assert facets[0] == facets[1] != ""
    assert by_element == by_resource != Rows()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b'{"a":}',
        b'{"a":{"b":01}}',
        b'{"a":"\xff"}',
        b'{"a":"' + b"\xff" * 3000 + b'"}',
        b'{"a":' + b"[" * 100_000,
        b"[]",
        b'"a"',
        b"1",
        b'{"' + b"a" * 65 + b'":1}',
    ],
)
def test_what_is_no_json_object_is_refused_without_repeating_it(text: bytes) -> None:
    with pytest.raises(Failure) as caught:
        told_in(text)

    assert caught.value.kind is Kind.INVALID
    assert "a" * 65 not in str(caught.value)
