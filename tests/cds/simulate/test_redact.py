"""What is kept of a call leads to nobody, and scores as before."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherry.codec import encode
from wherry_cds.simulate.pseudonyms import pseudonyms, secret_of, shift
from wherry_cds.simulate.redact import Mask, redacted

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MASK = Mask(pseudonyms(b"a secret"), timedelta(weeks=-7), NOW)
MARK = "Zebra"

Body = dict[str, Any]


def request(observation: Body | None = None, **patient: Any) -> Body:
    person = {"resourceType": "Patient", "id": "p-1", "birthDate": "1951-02-03", **patient}
    bundle = {"resourceType": "Bundle", "entry": [{"resource": observation or pulse()}]}
    return {
        "hook": "patient-view",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "fhirServer": f"https://{MARK}.example/fhir",
        "fhirAuthorization": {"access_token": MARK},
        "context": {"userId": "Practitioner/u-1", "patientId": "p-1"},
        "prefetch": {"patient": person, "observations": bundle, "laboratory": None},
    }


def pulse(**more: Any) -> Body:
    return {
        "resourceType": "Observation",
        "id": "o-1",
        "status": "final",
        "subject": {"reference": "https://ehr.example/fhir/Patient/p-1", "display": MARK},
        "code": {
            "coding": [{"system": "http://loinc.org", "code": "8867-4", "display": MARK}],
            "text": MARK,
        },
        "effectiveDateTime": "2026-03-01T11:48:00+00:00",
        "valueQuantity": {
            "value": Decimal("98.60"),
            "unit": MARK,
            "system": "http://unitsofmeasure.org",
            "code": "/min",
        },
        **more,
    }


def test_what_a_score_needs_is_kept_to_the_digit() -> None:
    kept = redacted(request(), MASK)["prefetch"]

    observation = kept["observations"]["entry"][0]["resource"]
    assert observation["valueQuantity"] == {
        "value": Decimal("98.60"),
        "system": "http://unitsofmeasure.org",
        "code": "/min",
    }
    assert observation["code"] == {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]}
    assert observation["status"] == "final"
    assert kept["laboratory"] is None


def test_one_patient_stays_one_patient() -> None:
    kept = redacted(request(), MASK)

    id_ = kept["context"]["patientId"]
    assert id_ == kept["prefetch"]["patient"]["id"] != "p-1"
    subject = kept["prefetch"]["observations"]["entry"][0]["resource"]["subject"]
    assert subject == {"reference": f"Patient/{id_}"}
    assert kept["context"]["userId"].startswith("Practitioner/x")


def test_times_move_together() -> None:
    kept = redacted(request(), MASK)["prefetch"]

    measured = datetime.fromisoformat(
        kept["observations"]["entry"][0]["resource"]["effectiveDateTime"]
    )
    assert MASK.moved - measured == timedelta(minutes=12)
    assert kept["patient"]["birthDate"] == "1950-12-16"


def test_the_oldest_are_ninety() -> None:
    kept = redacted(request(birthDate="1920-05-05"), MASK)["prefetch"]["patient"]

    born = datetime.fromisoformat(kept["birthDate"]).replace(tzinfo=UTC)
    assert (MASK.moved - born).days // 365.25 == 90


@pytest.mark.parametrize(
    "patient",
    [
        {"name": [{"family": MARK}]},
        {"identifier": [{"system": "urn:mrn", "value": MARK}]},
        {"address": [{"city": MARK}]},
        {"telecom": [{"value": MARK}]},
        {"contact": [{"name": {"text": MARK}}]},
        {"text": {"status": "generated", "div": f"<div>{MARK}</div>"}},
        {"extension": [{"url": "urn:x", "valueString": MARK}]},
        {"photo": [{"data": MARK}]},
        {"gender": MARK},
        {"birthDate": MARK},
        {MARK: MARK},
    ],
    ids=lambda found: next(iter(found)),
)
def test_nothing_of_the_person_is_kept(patient: Body) -> None:
    assert MARK.encode() not in encode(redacted(request(**patient), MASK))


@pytest.mark.parametrize(
    "observation",
    [
        pulse(note=[{"text": MARK}]),
        pulse(valueString=MARK),
        pulse(performer=[{"display": MARK}]),
        pulse(code={"coding": [{"system": "urn:oid:1.2.3", "code": MARK}]}),
        pulse(code={"coding": [{"code": MARK}]}),
        pulse(code={"text": MARK}),
        pulse(effectiveDateTime=MARK),
        pulse(status=MARK),
        pulse(id=MARK),
        pulse(subject={"reference": f"Patient/{MARK}"}),
        pulse(subject={"identifier": {"value": MARK}}),
        pulse(valueQuantity={"value": 1, "unit": MARK, "code": MARK}),
    ],
)
def test_nothing_of_a_text_is_kept(observation: Body) -> None:
    assert MARK.encode() not in encode(redacted(request(observation), MASK))


@given(
    st.recursive(
        st.text(max_size=8) | st.booleans() | st.integers(),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
        ),
    )
)
def test_any_json_is_redacted_without_a_fault(value: Any) -> None:
    kept = redacted({"hook": "x", "context": {"a": value}, "prefetch": {"b": value}}, MASK)

    assert set(kept) == {"hook", "context", "prefetch"}


def test_pseudonyms_of_two_secrets_differ() -> None:
    assert pseudonyms(b"1")("p-1") != pseudonyms(b"2")("p-1")
    assert pseudonyms(b"1")("p-1") == pseudonyms(b"1")("p-1")


@given(st.binary(min_size=1, max_size=32), st.text(min_size=1, max_size=16))
def test_times_move_back_by_whole_weeks(secret: bytes, patient: str) -> None:
    moved = shift(secret, patient)

    assert moved <= timedelta(weeks=-1)
    assert moved % timedelta(weeks=1) == timedelta(0)


def test_a_secret_is_kept_where_it_is_wanted(tmp_path: Any) -> None:
    path = tmp_path / "secret"

    assert secret_of(path) == secret_of(path)
    assert secret_of(None) != secret_of(None)
    assert path.stat().st_mode & 0o077 == 0
