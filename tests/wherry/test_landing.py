"""Translations become what is stored: once, in order, in few requests. All data are synthetic."""

from collections.abc import Sequence
from typing import Any

import pytest

from wherry.errors import Failure, Kind
from wherry.fhir.bundle import known_by, to, transaction, under_id
from wherry.landing import Landed, land
from wherry.resource import Bundle, Entry, Identifier, Resource, Translation
from wherry.testing.fhir import FakeFhir

T1, T2, T3 = (f"2026-01-05T1{n}:00:00+00:00" for n in (1, 2, 3))


def _known(value: str) -> Identifier:
    return {"system": "urn:test", "value": value}


def _said(type_: str, value: str, at: str, source: str, **elements: Any) -> Entry:
    resource: Resource = {
        "resourceType": type_,
        "meta": {"source": f"urn:wherry:hl7:N:A#{source}"},
        "identifier": [_known(value)],
        "extension": [{"url": "urn:wherry:fhir:source-time", "valueDateTime": at}],
        **elements,
    }
    return known_by(resource, _known(value))


def _message(source: str, *entries: Entry, **said: Any) -> Translation:
    record: Resource = {
        "resourceType": "Provenance",
        "id": f"00000000-0000-5000-8000-{source:0>12}",
        "target": [{"reference": entry["fullUrl"]} for entry in entries],
    }
    return Translation(transaction([*entries, under_id(record)]), **said)


def _patient(source: str, at: str = T1, who: str = "p1", **elements: Any) -> Translation:
    return _message(source, _said("Patient", who, at, source, **elements))


def _result(
    source: str, at: str = T1, value: str = "a", n: int = 1, who: str = "p1"
) -> Translation:
    patient = _said("Patient", who, at, source)
    subject = to("Patient", _known(who))
    observations = [
        _said("Observation", f"{who}-o{i}", at, source, subject=subject, valueString=value)
        for i in range(n)
    ]
    report = _said(
        "DiagnosticReport",
        f"{who}-r",
        at,
        source,
        subject=subject,
        result=[{"reference": one["fullUrl"]} for one in observations],
    )
    return _message(source, patient, *observations, report)


def _methods(fhir: FakeFhir) -> list[tuple[str, list[str]]]:
    return [
        (sent["type"], [entry["request"]["method"] for entry in sent["entry"]])
        for sent in fhir.sent
    ]


def test_what_is_new_is_created_and_linked() -> None:
    fhir = FakeFhir()

    results = land([_result("1")], fhir)

    (patient,), (observation,) = fhir.all("Patient"), fhir.all("Observation")
    (report,), (record,) = fhir.all("DiagnosticReport"), fhir.all("Provenance")
    assert results == [Landed((patient["id"],), 4)]
    assert observation["subject"] == {"reference": f"Patient/{patient['id']}"}
    assert report["result"] == [{"reference": f"Observation/{observation['id']}"}]
    assert [one["reference"].split("/")[0] for one in record["target"]] == [
        "Patient",
        "Observation",
        "DiagnosticReport",
    ]


def test_a_batch_takes_one_read_and_one_transaction() -> None:
    fhir = FakeFhir()

    land([_result(str(n), who=f"p{n}", n=3) for n in range(20)], fhir)

    assert [type_ for type_, _ in _methods(fhir)] == ["batch", "transaction"]
    assert len(fhir.sent[0]["entry"]) == 3  # patients, reports, records: results hang on reports


def test_identifiers_stand_in_bodies_and_conditions_guard_every_create() -> None:
    fhir = FakeFhir()

    land([_patient("1")], fhir)

    creates = [
        entry["request"] for entry in fhir.sent[1]["entry"] if entry["request"]["method"] == "POST"
    ]
    assert creates == [
        {"method": "POST", "url": "Patient", "ifNoneExist": "identifier=urn:test%7Cp1"}
    ]


def test_many_identifiers_are_asked_for_in_portions() -> None:
    fhir = FakeFhir()

    land([_patient(str(n), who=f"p{n}") for n in range(201)], fhir)

    assert len(fhir.sent[0]["entry"]) == 4
    assert len(fhir.all("Patient")) == 201


def test_landing_again_writes_nothing() -> None:
    fhir = FakeFhir()
    batch = [_result("1", n=2), _patient("2", T2, gender="female")]
    land(batch, fhir)
    before = {key: len(kept) for key, kept in fhir.versions.items()}

    results = land(batch, fhir)

    assert [result.written for result in results if isinstance(result, Landed)] == [0, 0]
    assert {key: len(kept) for key, kept in fhir.versions.items()} == before
    assert [type_ for type_, _ in _methods(fhir)[2:]] == ["batch", "batch"]


def test_two_messages_about_one_patient_are_one_write() -> None:
    fhir = FakeFhir()

    results = land([_patient("1", T1, gender="female"), _patient("2", T2, birthDate="1961")], fhir)

    (patient,) = fhir.all("Patient")
    assert (patient["gender"], patient["birthDate"]) == ("female", "1961")
    assert patient["meta"]["versionId"] == "1"
    assert results == [Landed((patient["id"],), 2)] * 2


def test_what_is_stored_is_updated_in_the_version_that_was_read() -> None:
    fhir = FakeFhir()
    land([_patient("1", gender="female")], fhir)

    land([_patient("2", T2, gender="male")], fhir)

    request = fhir.sent[-1]["entry"][0]["request"]
    assert request == {"method": "PUT", "url": "Patient/1", "ifMatch": 'W/"1"'}
    assert [one["gender"] for one in fhir.versions["Patient", "1"]] == ["female", "male"]


def test_a_late_older_message_does_not_overwrite_whether_in_the_batch_or_after() -> None:
    newer, older = _patient("2", T2, gender="male"), _patient("1", T1, gender="female")
    together, apart = FakeFhir(), FakeFhir()

    land([newer, older], together)
    land([newer], apart)
    land([older], apart)

    assert [one["gender"] for one in together.all("Patient")] == ["male"]
    assert [one["gender"] for one in apart.all("Patient")] == ["male"]


def test_a_correction_updates_the_results_of_a_report_that_is_there() -> None:
    fhir = FakeFhir()
    land([_result("1", n=2)], fhir)

    land([_result("2", T2, value="b", n=2)], fhir)

    assert [one["valueString"] for one in fhir.all("Observation")] == ["b", "b"]
    assert [type_ for type_, _ in _methods(fhir)[2:]] == ["batch", "batch", "transaction"]


def test_deletes_and_weak_elements_reach_the_merge() -> None:
    fhir = FakeFhir()
    land([_patient("1", gender="female", birthDate="1961")], fhir)
    entry = _said("Patient", "p1", T2, "2", gender="male")

    land(
        [_message("2", entry, deletes={entry["fullUrl"]: ("birthDate",)},
                  weak={entry["fullUrl"]: ("gender",)})],
        fhir,
    )  # fmt: skip

    (patient,) = fhir.all("Patient")
    assert (patient["gender"], "birthDate" in patient) == ("female", False)


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
    land([_patient("1", gender="female")], fhir)
    (theirs,) = fhir.all("Patient")
    fhir.meddle = [{**theirs, "active": True}, {**theirs, "active": False}]

    results = land([_patient("2", T2, gender="male")], fhir)

    (patient,) = fhir.all("Patient")
    assert (patient["gender"], patient["active"]) == ("male", False)
    assert results == [Landed((patient["id"],), 2)]


def test_a_race_that_is_never_won_is_a_failure_that_may_be_tried_again() -> None:
    fhir = _Meddler([])
    land([_patient("1", gender="female")], fhir)
    (theirs,) = fhir.all("Patient")
    fhir.meddle = [{**theirs, "birthDate": f"19{n}"} for n in range(10, 20)]

    (result,) = land([_patient("2", T2, gender="male")], fhir)

    assert isinstance(result, Failure)
    assert result.kind is Kind.STALE


def test_what_somebody_else_created_meanwhile_is_merged_and_not_doubled() -> None:
    theirs: Resource = {"resourceType": "Patient", "identifier": [_known("p1")], "active": True}
    fhir = _Meddler([theirs])

    results = land([_patient("1", gender="female")], fhir)

    (patient,) = fhir.all("Patient")
    assert (patient["gender"], patient["active"]) == ("female", True)
    assert results == [Landed((patient["id"],), 2)]


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
        _patient(str(n), who=f"p{n}", gender="wrong" if n == bad else "female") for n in range(7)
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

    results = land([_patient(str(n), who=f"p{n}") for n in range(4)], fhir)

    assert results == [failure] * 4
    assert fhir.sent == []


def test_a_server_that_goes_away_half_way_keeps_what_it_has() -> None:
    refused, away = Failure(Kind.UNPROCESSABLE, "no"), Failure(Kind.UNAVAILABLE, "away")
    fhir = FakeFhir()
    batch = [_patient(str(n), who=f"p{n}") for n in range(4)]
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


def test_two_patients_with_one_identifier_are_for_a_person() -> None:
    twin: Resource = {"resourceType": "Patient", "identifier": [_known("p1")]}
    fhir = FakeFhir({**twin, "id": "a"}, {**twin, "id": "b"})

    (result,) = land([_patient("1")], fhir)

    assert isinstance(result, Failure)
    assert (result.kind, result.at) == (Kind.UNPROCESSABLE, "Patient")


def test_a_page_that_is_too_small_is_asked_for_in_halves() -> None:
    fhir = FakeFhir()
    batch = [_patient(str(n), who=f"p{n}", gender="female") for n in range(8)]
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
