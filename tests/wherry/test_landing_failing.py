"""Landing when others write too, and when the server refuses or is away. All data are synthetic."""

from collections.abc import Sequence
from typing import Any

import pytest
from tests.wherry.translations import T2, known, patient

from wherry.errors import Failure, Kind
from wherry.landing import Landed, land
from wherry.resource import Bundle, Resource
from wherry.testing.fhir import FakeFhir


class _Meddler(FakeFhir):
    """A server where somebody else writes between our read and our write, `times` times."""

    def __init__(self, meddle: Sequence[Resource]) -> None:
        super().__init__()
        self.meddle = list(meddle)

    def send(self, bundle: Bundle) -> Bundle:
        """Let the other one write before a transaction."""
        if bundle["type"] == "transaction" and self.meddle:
            self.put(self.meddle.pop(0))
        return super().send(bundle)


def test_a_lost_race_is_run_again_on_what_the_other_wrote() -> None:
    fhir = _Meddler([])
    land([patient("1", gender="female")], fhir)
    (theirs,) = fhir.all("Patient")
    fhir.meddle = [{**theirs, "active": True}, {**theirs, "active": False}]

    results = land([patient("2", T2, gender="male")], fhir)

    (stored,) = fhir.all("Patient")
    assert (stored["gender"], stored["active"]) == ("male", False)
    assert results == [Landed((stored["id"],), 2)]


def test_a_race_that_is_never_won_is_a_failure_that_may_be_tried_again() -> None:
    fhir = _Meddler([])
    land([patient("1", gender="female")], fhir)
    (theirs,) = fhir.all("Patient")
    fhir.meddle = [{**theirs, "birthDate": f"19{n}"} for n in range(10, 20)]

    (result,) = land([patient("2", T2, gender="male")], fhir)

    assert isinstance(result, Failure)
    assert result.kind is Kind.STALE


def test_what_somebody_else_created_meanwhile_is_merged_and_not_doubled() -> None:
    theirs: Resource = {"resourceType": "Patient", "identifier": [known("p1")], "active": True}
    fhir = _Meddler([theirs])

    results = land([patient("1", gender="female")], fhir)

    (stored,) = fhir.all("Patient")
    assert (stored["gender"], stored["active"]) == ("female", True)
    assert results == [Landed((stored["id"],), 2)]


class _Strict(FakeFhir):
    """A server that refuses a patient whose gender is wrong."""

    def send(self, bundle: Bundle) -> Bundle:
        """Refuse the whole transaction."""
        if any(entry.get("resource", {}).get("gender") == "wrong" for entry in bundle["entry"]):
            raise Failure(Kind.UNPROCESSABLE, "not a gender", at="Patient.gender")
        return super().send(bundle)


@pytest.mark.parametrize("bad", [0, 3, 6])
def test_a_translation_that_the_server_refuses_fails_alone(bad: int) -> None:
    fhir = _Strict()
    batch = [
        patient(str(n), who=f"p{n}", gender="wrong" if n == bad else "female") for n in range(7)
    ]

    results = land(batch, fhir)

    assert [isinstance(result, Failure) for result in results] == [n == bad for n in range(7)]
    assert len(fhir.all("Patient")) == 6


@pytest.mark.parametrize(
    "kind", [Kind.UNAVAILABLE, Kind.UNCERTAIN, Kind.UNAUTHENTICATED, Kind.FORBIDDEN, Kind.NOT_FOUND]
)
def test_a_server_that_cannot_be_used_fails_all_without_asking_again(kind: Kind) -> None:
    failure = Failure(kind, "away")
    fhir = FakeFhir(failures=[failure])

    results = land([patient(str(n), who=f"p{n}") for n in range(4)], fhir)

    assert results == [failure] * 4
    assert fhir.sent == []


def test_a_server_that_goes_away_half_way_keeps_what_it_has() -> None:
    refused, away = Failure(Kind.UNPROCESSABLE, "no"), Failure(Kind.UNAVAILABLE, "away")
    fhir = FakeFhir()
    batch = [patient(str(n), who=f"p{n}") for n in range(4)]
    script: list[Failure | None] = [None, refused, None, None, away]

    def send(bundle: Bundle) -> Bundle:
        step = script.pop(0)
        if step:
            raise step
        return FakeFhir.send(fhir, bundle)

    fhir.send = send  # type: ignore[method-assign]  # the fake has no script of its own

    results = land(batch, fhir)

    assert [isinstance(result, Landed) for result in results] == [True, True, False, False]
    assert results[2:] == [away, away]


def test_nothing_goes_ahead_of_what_is_to_be_tried_again() -> None:
    fhir = _Meddler([])
    land([patient("0", gender="female")], fhir)
    (theirs,) = fhir.all("Patient")
    races = 9  # both together, then the halves: the last of them would be let through
    fhir.meddle = [{**theirs, "birthDate": f"19{n}"} for n in range(10, 10 + races)]
    batch = [patient(str(n), T2, gender="male") for n in range(1, 5)]

    results = land(batch, fhir)

    assert [isinstance(result, Failure) for result in results] == [True] * 4
    (stored,) = fhir.all("Patient")
    assert stored["gender"] == "female"


def test_two_patients_with_one_identifier_are_for_a_person() -> None:
    twin: Resource = {"resourceType": "Patient", "identifier": [known("p1")]}
    fhir = FakeFhir({**twin, "id": "a"}, {**twin, "id": "b"})

    (result,) = land([patient("1")], fhir)

    assert isinstance(result, Failure)
    assert (result.kind, result.at) == (Kind.UNPROCESSABLE, "Patient")


def test_a_page_that_is_too_small_is_asked_for_in_halves() -> None:
    fhir = FakeFhir()
    batch = [patient(str(n), who=f"p{n}", gender="female") for n in range(8)]
    land(batch, fhir)
    search = fhir._search

    def small(type_: str, params: Any) -> list[Resource]:
        return search(type_, params)[:3]

    def send(bundle: Bundle) -> Bundle:
        answer = FakeFhir.send(fhir, bundle)
        for entry in answer["entry"]:
            if len(entry.get("resource", {}).get("entry", ())) == 3:
                entry["resource"]["link"] = [{"relation": "next", "url": "http://127.0.0.1/x"}]
        return answer

    fhir._search, fhir.send = small, send  # type: ignore[method-assign]  # a server with pages of 3

    results = land(batch, fhir)

    assert [result.written for result in results if isinstance(result, Landed)] == [0] * 8


def test_nothing_lands_as_nothing() -> None:
    fhir = FakeFhir()

    assert land([], fhir) == []
    assert fhir.sent == []
