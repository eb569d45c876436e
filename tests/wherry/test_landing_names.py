"""Orders that are found by the placer's or the filler's number. All data are synthetic."""

from itertools import permutations

import pytest
from tests.wherry.translations import T1, T2, T3, message

from wherry.fhir.bundle import known_by
from wherry.fhir.identity import search_url
from wherry.landing import Landed, land
from wherry.resource import Entry, Identifier, Resource, Translation
from wherry.testing.fhir import FakeFhir

TIMES = (T1, T2, T3)


def number(kind: str, value: str) -> Identifier:
    return {"type": {"coding": [{"code": kind}]}, "system": f"urn:test:{kind}", "value": value}


def service(number_: Identifier, code: str) -> Identifier:
    return {"system": f"{number_['system']}-order", "value": f"{number_['value']}/{code}"}


def order(at: str, *numbers: Identifier, code: str = "CBC", status: str = "active") -> Entry:
    """An order that is known by its first number, and by each with what is ordered."""
    resource: Resource = {
        "resourceType": "ServiceRequest",
        "meta": {"source": "urn:wherry:hl7:N:A#1"},
        "identifier": [*numbers, *(service(one, code) for one in numbers)],
        "status": status,
        "extension": [{"url": "urn:wherry:fhir:source-time", "valueDateTime": at}],
    }
    return known_by(resource, numbers[0])


def orders(source: str, *entries: Entry) -> Translation:
    names = {
        entry["fullUrl"]: tuple(
            search
            for one in reversed(entry["resource"]["identifier"])
            if (search := search_url("ServiceRequest", one)) != entry["request"]["url"]
        )
        for entry in entries
    }
    return message(source, *entries, known_as=names)


PLACER, FILLER = number("PLAC", "P1"), number("FILL", "F1")


def _landed(feed: list[Translation], *, together: bool) -> list[Resource]:
    fhir = FakeFhir()
    for batch in [feed] if together else [[one] for one in feed]:
        assert [one for one in land(batch, fhir) if not isinstance(one, Landed)] == []
    return fhir.all("ServiceRequest")


def _values(one: Resource) -> set[str]:
    return {each["value"] for each in one["identifier"]}


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize(
    "feed",
    [
        ((PLACER,), (PLACER, FILLER), (FILLER,)),
        ((FILLER,), (PLACER, FILLER), (PLACER,)),
        ((PLACER, FILLER), (FILLER,), (PLACER,)),
    ],
)
def test_placer_filler_and_both_are_one_order_once_a_message_has_said_so(
    feed: tuple[tuple[Identifier, ...], ...], *, together: bool
) -> None:
    said = [orders(str(n), order(TIMES[n], *numbers)) for n, numbers in enumerate(feed)]

    (one,) = _landed(said, together=together)

    assert _values(one) == {"P1", "F1", "P1/CBC", "F1/CBC"}


@pytest.mark.parametrize("together", [True, False])
def test_orders_of_two_placers_numbers_stay_two_under_one_fillers_number(*, together: bool) -> None:
    other = number("PLAC", "P2")
    feed = [
        orders("1", order(T1, PLACER, FILLER)),
        orders("2", order(T2, other, FILLER, code="CRP", status="revoked")),
    ]

    found = _landed(feed, together=together)

    assert [(_values(one) & {"P1", "P2"}, one["status"]) for one in found] == [
        ({"P1"}, "active"),
        ({"P2"}, "revoked"),
    ]


def _of_service(at: str, code: str, status: str = "active") -> Entry:
    """One of several orders that share the filler's number: known with what is ordered."""
    entry = order(at, FILLER, code=code, status=status)
    return known_by(entry["resource"], service(FILLER, code))


@pytest.mark.parametrize("together", [True, False])
def test_one_of_several_orders_with_one_number_is_found_by_what_is_ordered(
    *, together: bool
) -> None:
    feed = [
        orders("1", _of_service(T1, "CBC"), _of_service(T1, "CRP")),
        orders("2", order(T2, FILLER, code="CRP", status="completed")),
    ]

    found = _landed(feed, together=together)

    assert [(one["identifier"][1]["value"], one["status"]) for one in found] == [
        ("F1/CBC", "active"),
        ("F1/CRP", "completed"),
    ]


@pytest.mark.parametrize("together", [True, False])
def test_another_order_under_a_number_of_several_is_an_order_of_its_own(*, together: bool) -> None:
    feed = [
        orders("1", _of_service(T1, "CBC"), _of_service(T1, "CRP")),
        orders("2", order(T2, FILLER, code="TSH")),
    ]

    found = _landed(feed, together=together)

    assert [_values(one) for one in found] == [
        {"F1", "F1/CBC"},
        {"F1", "F1/CRP"},
        {"F1", "F1/TSH"},
    ]


@pytest.mark.parametrize("sequence", list(permutations(range(3))))
def test_what_came_again_changes_nothing(sequence: tuple[int, ...]) -> None:
    feed = [
        orders("0", order(T1, PLACER)),
        orders("1", order(T2, PLACER, FILLER)),
        orders("2", order(T3, FILLER, status="completed")),
    ]
    fhir = FakeFhir()
    land(feed, fhir)
    before = fhir.all("ServiceRequest")

    for n in sequence:
        land([feed[n]], fhir)

    assert fhir.all("ServiceRequest") == before
