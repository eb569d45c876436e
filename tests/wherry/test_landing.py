"""Translations become what is stored: once, in order, in few requests. All data are synthetic."""

from tests.wherry.translations import T1, T2, message, patient, result, said

from wherry.landing import Landed, land
from wherry.testing.fhir import FakeFhir


def _methods(fhir: FakeFhir) -> list[tuple[str, list[str]]]:
    return [
        (sent["type"], [entry["request"]["method"] for entry in sent["entry"]])
        for sent in fhir.sent
    ]


def test_what_is_new_is_created_and_linked() -> None:
    fhir = FakeFhir()

    results = land([result("1")], fhir)

    (stored,), (observation,) = fhir.all("Patient"), fhir.all("Observation")
    (report,), (record,) = fhir.all("DiagnosticReport"), fhir.all("Provenance")
    assert results == [Landed((stored["id"],), 4)]
    assert observation["subject"] == {"reference": f"Patient/{stored['id']}"}
    assert report["result"] == [{"reference": f"Observation/{observation['id']}"}]
    assert [one["reference"].split("/")[0] for one in record["target"]] == [
        "Patient",
        "Observation",
        "DiagnosticReport",
    ]


def test_a_batch_takes_one_read_and_one_transaction() -> None:
    fhir = FakeFhir()

    land([result(str(n), who=f"p{n}", n=3) for n in range(20)], fhir)

    assert [type_ for type_, _ in _methods(fhir)] == ["batch", "transaction"]
    assert len(fhir.sent[0]["entry"]) == 3  # patients, reports, records: results hang on reports


def test_identifiers_stand_in_bodies_and_conditions_guard_every_create() -> None:
    fhir = FakeFhir()

    land([patient("1")], fhir)

    creates = [
        entry["request"] for entry in fhir.sent[1]["entry"] if entry["request"]["method"] == "POST"
    ]
    assert creates == [
        {"method": "POST", "url": "Patient", "ifNoneExist": "identifier=urn:test%7Cp1"}
    ]


def test_many_identifiers_are_asked_for_in_portions() -> None:
    fhir = FakeFhir()

    land([patient(str(n), who=f"p{n}") for n in range(201)], fhir)

    assert len(fhir.sent[0]["entry"]) == 4
    assert len(fhir.all("Patient")) == 201


def test_landing_again_writes_nothing() -> None:
    fhir = FakeFhir()
    batch = [result("1", n=2), patient("2", T2, gender="female")]
    land(batch, fhir)
    before = {key: len(kept) for key, kept in fhir.versions.items()}

    results = land(batch, fhir)

    assert [result.written for result in results if isinstance(result, Landed)] == [0, 0]
    assert {key: len(kept) for key, kept in fhir.versions.items()} == before
    assert [type_ for type_, _ in _methods(fhir)[2:]] == ["batch", "batch"]


def test_two_messages_about_one_patient_are_one_write() -> None:
    fhir = FakeFhir()

    results = land([patient("1", T1, gender="female"), patient("2", T2, birthDate="1961")], fhir)

    (stored,) = fhir.all("Patient")
    assert (stored["gender"], stored["birthDate"]) == ("female", "1961")
    assert stored["meta"]["versionId"] == "1"
    assert results == [Landed((stored["id"],), 2)] * 2


def test_what_is_stored_is_updated_in_the_version_that_was_read() -> None:
    fhir = FakeFhir()
    land([patient("1", gender="female")], fhir)

    land([patient("2", T2, gender="male")], fhir)

    request = fhir.sent[-1]["entry"][0]["request"]
    assert request == {"method": "PUT", "url": "Patient/1", "ifMatch": 'W/"1"'}
    assert [one["gender"] for one in fhir.versions["Patient", "1"]] == ["female", "male"]


def test_a_late_older_message_does_not_overwrite_whether_in_the_batch_or_after() -> None:
    newer, older = patient("2", T2, gender="male"), patient("1", T1, gender="female")
    together, apart = FakeFhir(), FakeFhir()

    land([newer, older], together)
    land([newer], apart)
    land([older], apart)

    assert [one["gender"] for one in together.all("Patient")] == ["male"]
    assert [one["gender"] for one in apart.all("Patient")] == ["male"]


def test_a_correction_updates_the_results_of_a_report_that_is_there() -> None:
    fhir = FakeFhir()
    land([result("1", n=2)], fhir)

    land([result("2", T2, value="b", n=2)], fhir)

    assert [one["valueString"] for one in fhir.all("Observation")] == ["b", "b"]
    assert [type_ for type_, _ in _methods(fhir)[2:]] == ["batch", "batch", "transaction"]


def test_deletes_and_weak_elements_reach_the_merge() -> None:
    fhir = FakeFhir()
    land([patient("1", gender="female", birthDate="1961")], fhir)
    entry = said("Patient", "p1", T2, "2", gender="male")

    land(
        [message("2", entry, deletes={entry["fullUrl"]: ("birthDate",)},
                  weak={entry["fullUrl"]: ("gender",)})],
        fhir,
    )  # fmt: skip

    (stored,) = fhir.all("Patient")
    assert (stored["gender"], "birthDate" in stored) == ("female", False)
