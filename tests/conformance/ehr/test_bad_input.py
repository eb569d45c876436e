"""Every malformed request is a 4xx with an OperationOutcome, and repeats nothing that was sent."""

from typing import Any

import pytest
from tests.conformance.ehr.client import FHIR, PATCH, Fhir, entry, fresh, patient

SECRET = "conformance-secret-name"
FORM = "application/x-www-form-urlencoded"

REQUESTS: list[tuple[str, str, bytes | None, str]] = [
    ("GET", "Dragon", None, ""),
    ("GET", "Dragon/1", None, ""),
    ("GET", "patient", None, ""),
    ("GET", "Patient/a b", None, ""),
    ("GET", f"Patient/{'x' * 65}", None, ""),
    ("GET", "Patient/1/_history/x", None, ""),
    ("GET", "Patient/1/$dance", None, ""),
    ("GET", "Patient?_page=made-up", None, ""),
    ("GET", f"Patient?{SECRET}%20x=1", None, ""),
    ("GET", f"Patient?birthdate={SECRET}", None, ""),
    ("GET", "Patient?identifier=%00", None, ""),
    ("DELETE", "Patient", None, ""),
    ("PUT", "Patient", b"{}", FHIR),
    ("POST", "Patient", b"", FHIR),
    ("POST", "Patient", b"{", FHIR),
    ("POST", "Patient", b"[]", FHIR),
    ("POST", "Patient", b"null", FHIR),
    ("POST", "Patient", b"\xff\xfe", FHIR),
    ("POST", "Patient", b"[" * 100_000, FHIR),
    ("POST", "Patient", b'{"resourceType":"Observation"}', FHIR),
    ("POST", "Patient", b'{"resourceType":"Patient","id":"1","id":"2"}', FHIR),
    ("POST", "Patient", f'{{"resourceType":"Patient","gender":"{SECRET}"}}'.encode(), FHIR),
    ("POST", "Patient", f'{{"resourceType":"Patient","{SECRET}":1}}'.encode(), FHIR),
    ("POST", "Patient", b"a=b", FORM),
    ("POST", "Patient/_search", b"{}", FHIR),
    ("POST", "Patient/_search", f"birthdate={SECRET}".encode(), FORM),
    ("PATCH", "Patient/1", b"{}", PATCH),
    ("PATCH", "Patient/1", b"[]", FHIR),
    ("PATCH", "Patient", b"[]", PATCH),
    ("POST", "", b'{"resourceType":"Bundle","type":"searchset"}', FHIR),
    ("POST", "", b'{"resourceType":"Bundle","type":"batch","entry":{}}', FHIR),
    ("POST", "", b'{"resourceType":"Patient"}', FHIR),
    ("POST", "Patient/1", b"{}", FHIR),
    ("PUT", "metadata", b"{}", FHIR),
]


@pytest.mark.parametrize(("method", "path", "body", "kind"), REQUESTS)
def test_a_malformed_request_is_refused_with_a_reason(
    fhir: Fhir, method: str, path: str, body: bytes | None, kind: str
) -> None:
    answer = fhir.ask(method, path, body, **({"Content_Type": kind} if kind else {}))

    assert 400 <= answer.status < 500, answer.text
    assert answer.body["resourceType"] == "OperationOutcome"
    assert answer.body["issue"][0]["severity"] in {"error", "fatal"}
    assert SECRET not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "bad",
    [
        {},
        {"request": {}},
        entry("DANCE", "Patient"),
        entry("GET", ""),
        entry("GET", "Dragon/1"),
        entry("POST", "Patient"),
        entry("POST", "Patient/1", {"resourceType": "Patient"}),
        entry("PUT", "Patient/1", {"resourceType": "Patient", "id": "2"}),
        entry("DELETE", "Patient"),
        entry("DELETE", "Patient/1/_history"),
        entry("PATCH", "Patient/1", {"resourceType": "Patient"}),
        {**entry("GET", "Patient"), "resource": 1},
    ],
)
def test_an_entry_that_makes_no_sense_is_named(fhir: Fhir, bad: Any) -> None:
    answer = fhir.bundle("transaction", entry("POST", "Patient", patient(fresh())), bad)

    assert 400 <= answer.status < 500
    assert "Bundle.entry[1]" in str(answer.body["issue"][0]["expression"])


def test_a_stranger_is_told_nothing(fhir: Fhir) -> None:
    """http.html, 3.1.0.1.3: without a valid token all but metadata is closed."""
    if not fhir.token:
        pytest.skip("this server is asked without a token")
    id_ = fhir.create(patient(fresh()))["id"]
    for token in ("", "made-up"):
        stranger = Fhir(fhir.base, token)
        for path in (f"Patient/{id_}", "Patient/nobody", "Patient", "_history"):
            assert stranger.get(path).status == 401
    assert Fhir(fhir.base).get("metadata").status == 200
