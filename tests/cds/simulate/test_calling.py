"""A simulated EHR fills templates, signs, calls, and shows what comes back."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from joserfc import jwt
from joserfc.jwk import KeySet
from rich.console import Console
from tests.conformance.cds.people import Kind, somebody
from tests.conformance.cds.serving import served
from tests.conformance.cds.stub import Stub, stub

from wherry.codec import decode, encode
from wherry.errors import Failure
from wherry.errors import Kind as FailureKind
from wherry_cds.simulate.calling import Heard, Simulator, expanded
from wherry_cds.simulate.cli import call
from wherry_cds.simulate.show import show
from wherry_cds.simulate.signing import key_in
from wherry_cds.simulate.stored import load

CARD = {
    "uuid": "7c1f6f0e-8f5c-4f0c-9c59-0d3a52f6f1ce",
    "summary": "High risk",
    "detail": "**27 %** of\x1b[31m 100",
    "indicator": "critical",
    "source": {"label": "Model 1.0.0"},
    "suggestions": [{"label": "Repeat", "uuid": "s", "actions": [{"type": "create"}]}],
    "selectionBehavior": "at-most-one",
    "links": [{"label": "App", "url": "https://a.example", "type": "smart"}],
    "overrideReasons": [{"code": "x", "system": "y", "display": "Done already"}],
}
SERVICE = {
    "id": "watch",
    "hook": "patient-view",
    "description": "Watches",
    "prefetch": {
        "patient": "Patient/{{context.patientId}}",
        "observations": "Observation?patient={{context.patientId}}&category=vital-signs",
        "stay": "Encounter/{{context.encounterId}}",
        "gone": "Organization/of-{{context.patientId}}",
    },
}


class Scripted:
    """A CDS service that answers as it is told and remembers what it was asked."""

    def __init__(self) -> None:
        self.status = 200
        self.answer: dict[str, Any] = {"cards": [CARD]}
        self.asked: list[tuple[str, str, Any]] = []
        self.base = ""

    def wsgi(self, environ: Any, start: Any) -> list[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = decode(environ["wsgi.input"].read(length)) if length else None
        path, bearer = environ["PATH_INFO"], environ.get("HTTP_AUTHORIZATION", "")
        self.asked.append((path, bearer.removeprefix("Bearer "), body))
        found: Any = {"services": [SERVICE]} if body is None else self.answer
        status = "200 OK" if body is None else f"{self.status} Status"
        start(status, [("Content-Type", "application/json")])
        return [encode(found)]


@pytest.fixture
def ehr() -> Iterator[Stub]:
    with stub() as found:
        yield found


@pytest.fixture
def cds() -> Iterator[Scripted]:
    scripted = Scripted()
    with served(lambda _: scripted.wsgi) as base:
        scripted.base = base
        yield scripted


def run(cds: Scripted, ehr: Stub, *more: str, patient: str = "") -> Result:
    patient = patient or somebody(Kind.ILL)
    options = ["--service", "watch", "--patient", patient, "--base", cds.base, "--fhir", ehr.fhir]
    return CliRunner().invoke(call, [*options, *more])


def test_templates_are_filled_as_an_ehr_fills_them(cds: Scripted, ehr: Stub) -> None:
    patient = somebody(Kind.ILL)

    found = run(cds, ehr, patient=patient)

    assert found.exit_code == 0, found.output
    body = cds.asked[-1][2]
    assert body["prefetch"]["patient"]["id"] == patient
    assert body["prefetch"]["observations"]["resourceType"] == "Bundle"
    assert body["prefetch"]["gone"] is None
    assert "stay" not in body["prefetch"]
    assert "fhirServer" not in body


def test_a_card_is_shown_with_all_that_it_offers(cds: Scripted, ehr: Stub) -> None:
    shown = run(cds, ehr).output

    said = ("CRITICAL High risk", "27 %", "[1] Repeat", "App (smart)", "Done already", "HTTP 200")
    assert [text for text in said if text not in shown] == []
    assert "\x1b[31m" not in shown


def test_a_refusal_is_shown_with_its_reasons(cds: Scripted, ehr: Stub) -> None:
    issue = {"severity": "error", "code": "processing", "details": {"text": "not sent"}}
    cds.status, cds.answer = 412, {"resourceType": "OperationOutcome", "issue": [issue]}

    found = run(cds, ehr)

    assert found.exit_code == 1
    assert "HTTP 412" in found.output
    assert "not sent" in found.output


def test_the_answer_comes_as_json_where_it_is_wanted(cds: Scripted, ehr: Stub) -> None:
    told = decode(run(cds, ehr, "--json").output)

    assert told == {"status": 200, "answer": {"cards": [CARD]}}


def test_keys_can_be_left_out_and_the_server_named(cds: Scripted, ehr: Stub) -> None:
    found = run(cds, ehr, "--without", "observations", "--access")

    assert found.exit_code == 0, found.output
    body = cds.asked[-1][2]
    assert "observations" not in body["prefetch"]
    assert body["fhirServer"] == ehr.fhir


def test_a_call_is_signed_for_its_endpoint_alone(cds: Scripted, ehr: Stub, tmp_path: Path) -> None:
    key = tmp_path / "key.json"

    found = run(cds, ehr, "--client", "https://sim.example", "--key", str(key), "--tenant", "t")

    assert found.exit_code == 0, found.output
    public = KeySet.import_key_set(decode((tmp_path / "key.json.jwks.json").read_bytes()))
    tokens = [jwt.decode(bearer, public, algorithms=["ES384"]) for _, bearer, _ in cds.asked]
    assert [one.claims["aud"] for one in tokens] == [
        f"{cds.base}/cds-services",
        f"{cds.base}/cds-services/watch",
    ]
    assert len({one.claims["jti"] for one in tokens}) == 2
    assert {one.claims["tenant"] for one in tokens} == {"t"}
    assert key.stat().st_mode & 0o077 == 0


def test_a_saved_call_holds_no_patient(cds: Scripted, ehr: Stub, tmp_path: Path) -> None:
    patient, path = somebody(Kind.EVIL), tmp_path / "call.json"

    found = run(cds, ehr, "--save", str(path), patient=patient)

    assert found.exit_code == 0, found.output
    text = path.read_text()
    assert [mark for mark in (patient, "onerror", "1951-02-03") if mark in text] == []
    kept = load(path)
    assert (kept.service, kept.status) == ("watch", 200)
    assert kept.cards == ({"summary": "High risk", "indicator": "critical"},)
    assert path.stat().st_mode & 0o077 == 0


def test_a_saved_call_is_not_written_over(cds: Scripted, ehr: Stub, tmp_path: Path) -> None:
    path = tmp_path / "call.json"
    path.write_text("mine")

    found = run(cds, ehr, "--save", str(path))

    assert found.exit_code == 1
    assert path.read_text() == "mine"


def test_calls_of_one_secret_belong_together(cds: Scripted, ehr: Stub, tmp_path: Path) -> None:
    patient, secret = somebody(), str(tmp_path / "secret")
    for name in ("a", "b"):
        run(cds, ehr, "--save", str(tmp_path / name), "--pseudonyms", secret, patient=patient)

    first, second = (load(tmp_path / name).request["context"] for name in ("a", "b"))
    assert first == second


def test_a_service_that_is_not_offered_is_said(cds: Scripted, ehr: Stub) -> None:
    found = run(cds, ehr, "--hook", "order-sign")

    assert found.exit_code == 1
    assert "watch on patient-view" in found.output


def test_nobody_there_is_said(ehr: Stub) -> None:
    options = ["--service", "watch", "--patient", "p", "--base", "http://127.0.0.1:9"]

    found = CliRunner().invoke(call, [*options, "--fhir", ehr.fhir])

    assert found.exit_code == 1
    assert "nothing answers there" in found.output


def test_a_template_without_its_value_is_not_filled() -> None:
    context = {"userId": "Practitioner/u", "patientId": "a b"}

    assert expanded("Encounter/{{context.encounterId}}", context) is None
    assert expanded("Practitioner/{{userPractitionerId}}", context) == "Practitioner/u"
    assert expanded("Patient/{{context.patientId}}", context) == "Patient/a%20b"


def test_a_fhir_server_that_is_away_leaves_keys_out() -> None:
    class Away:
        def ask(self, method: str, url: str, body: bytes | None, *, bearer: str) -> Heard:
            raise Failure(FailureKind.UNAVAILABLE, "away")

    simulator = Simulator(Away(), "http://c", "http://f", lambda _: "")

    assert simulator.prefetched({"patient": "Patient/1"}, {}, ()) == {}


def test_no_card_is_said_in_words() -> None:
    out = io.StringIO()

    show(Heard(200, {"cards": []}, 3.0), Console(file=out, width=100))

    assert "No card" in out.getvalue()


def test_a_file_without_a_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    path.write_text("{}")

    with pytest.raises(Failure, match="holds no private EC key"):
        key_in(path)


def test_another_file_is_no_saved_call(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text('{"version": 9}')

    with pytest.raises(Failure, match=r"other\.json"):
        load(path)
