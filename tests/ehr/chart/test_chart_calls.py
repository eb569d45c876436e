"""How CDS services are called: signed, with real data, and kept for the developer panel, masked."""

import threading
from dataclasses import replace
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from wherry.codec import decode
from wherry.errors import Failure, Kind
from wherry_ehr.chart.cds_servers import CdsServer
from wherry_ehr.chart.hooks import Heard, Offered

CARD = {"uuid": "c-1", "summary": "Look", "indicator": "info", "source": {"label": "Test"}}
ENCOUNTER = {
    "resourceType": "Encounter",
    "id": "e-1",
    "status": "in-progress",
    "class": {"code": "IMP"},
    "subject": {"reference": "Patient/p-1"},
}


def _keys(sandbox: Any) -> KeySet:
    answer = sandbox.client.application.test_client().get("/cds-client/jwks.json")
    return KeySet.import_key_set(decode(answer.get_data()))


def test_every_call_carries_a_signed_jwt_for_its_own_address(sandbox: Any, made: Any) -> None:
    """Source: CDS Hooks 2.0, Trusting CDS Clients."""
    sandbox.put(made.patient())
    sandbox.page("/chart/p-1")

    tokens = [
        (url, jwt.decode(bearer, _keys(sandbox), algorithms=["ES384"]))
        for url, bearer in sandbox.cds.bearers
    ]

    assert [url for url, _ in tokens] == [
        "http://127.0.0.1:8104/cds-services",
        "http://127.0.0.1:8104/cds-services/early-warning",
    ]
    assert [token.claims["aud"] for _, token in tokens] == [url for url, _ in tokens]
    for _, token in tokens:
        assert token.header["jku"] == "http://localhost/cds-client/jwks.json"
        assert (token.header["typ"], bool(token.header["kid"])) == ("JWT", True)
        assert token.claims["iss"] == "http://localhost/fhir"
        assert token.claims["exp"] - token.claims["iat"] == 300
    assert len({token.claims["jti"] for _, token in tokens}) == 2


def test_the_published_keys_are_public_only_and_stay_the_same(sandbox: Any) -> None:
    client = sandbox.client.application.test_client()

    first, again = (decode(client.get("/cds-client/jwks.json").get_data()) for _ in range(2))

    assert first == again
    assert [(key["kty"], key["crv"], "d" in key) for key in first["keys"]] == [
        ("EC", "P-384", False)
    ]


def test_what_is_not_there_is_null_and_another_patient_s_is_too(sandbox: Any, made: Any) -> None:
    """Source: CDS Hooks 2.0, Prefetch Template: no data is null."""
    other = {**ENCOUNTER, "id": "e-2", "subject": {"reference": "Patient/p-2"}}
    sandbox.put(made.patient(), made.patient("p-2"), ENCOUNTER, other)
    templates = {
        "own": "Encounter/{{context.encounterId}}",
        "gone": "Encounter/nothing",
        "foreign": "Encounter/e-2",
        "unknown": "Observation?code={{context.somethingElse}}",
    }
    sandbox.cds.services = [Offered("x", "patient-view", "X", templates)]

    sandbox.page("/chart/p-1")

    prefetch = sandbox.cds.asked[0]["prefetch"]
    assert prefetch["own"]["id"] == "e-1"
    assert {name: prefetch[name] for name in prefetch if name != "own"} == {
        "gone": None,
        "foreign": None,
    }


@pytest.mark.parametrize("hook", ["encounter-start", "encounter-discharge"])
def test_the_hooks_of_an_encounter_are_fired_by_a_button(
    sandbox: Any, made: Any, hook: str
) -> None:
    sandbox.put(made.patient(), ENCOUNTER)
    sandbox.cds.services = [Offered("x", hook, "X", {}), Offered("y", "patient-view", "Y", {})]
    sandbox.cds.answer = {"cards": [CARD]}

    answer = sandbox.post(f"/chart/p-1/hooks/{hook}")

    (asked,) = sandbox.cds.asked
    assert (asked["hook"], asked["context"]) == (
        hook,
        {
            "userId": "Practitioner/sandbox-clinician-1",
            "patientId": "p-1",
            "encounterId": "e-1",
        },
    )
    assert answer.status_code == 303
    assert "Look" in sandbox.page(answer.location)


def test_without_an_encounter_its_hooks_are_not_fired(sandbox: Any, made: Any) -> None:
    sandbox.put(made.patient())

    answer = sandbox.post("/chart/p-1/hooks/encounter-start")

    assert (answer.status_code, sandbox.cds.asked) == (422, [])
    assert "encounter-start" not in sandbox.page("/chart/p-1")


def test_only_hooks_that_need_no_order_are_fired_from_the_chart(sandbox: Any, made: Any) -> None:
    sandbox.put(made.patient(), ENCOUNTER)

    assert [
        sandbox.post(f"/chart/p-1/hooks/{hook}").status_code for hook in ("order-sign", "other")
    ] == [404, 404]


def _calls(sandbox: Any) -> list[str]:
    page = sandbox.parsed("/chart/_calls")
    links = [attrs.get("href") or "" for tag, attrs in page.tags if tag == "a"]
    return [href for href in links if href.startswith("/chart/_calls/")]


def test_the_panel_shows_request_and_answer_of_each_call_without_secrets(
    sandbox: Any, made: Any
) -> None:
    sandbox.put(made.patient())
    sandbox.cds.answer = {"cards": [CARD]}
    sandbox.page("/chart/p-1")
    token = sandbox.cds.asked[0]["fhirAuthorization"]["access_token"]

    pages = [sandbox.page(path) for path in _calls(sandbox)]

    assert len(pages) == 2
    hook = next(page for page in pages if "&#34;hookInstance&#34;" in page)
    assert "POST http://127.0.0.1:8104/cds-services/early-warning" in hook
    assert "&#34;summary&#34;: &#34;Look&#34;" in hook
    assert hook.count("[masked]") == 2
    for page in pages:
        assert token not in page
        assert all(bearer not in page for _, bearer in sandbox.cds.bearers)


def test_a_launch_is_in_the_panel_without_its_handle(sandbox: Any, made: Any) -> None:
    sandbox.put(made.patient(), ENCOUNTER)
    location = sandbox.post("/chart/p-1/launch", client="wherry-smart").location
    handle = location.partition("launch=")[2]

    (path,) = _calls(sandbox)
    page = sandbox.page(path)

    assert handle not in page
    assert "launch=[masked]" in page
    assert "&#34;encounter&#34;: &#34;e-1&#34;" in page


def test_calls_of_another_session_are_not_shown(sandbox: Any, made: Any) -> None:
    sandbox.put(made.patient())
    sandbox.page("/chart/p-1")
    (path, *_) = _calls(sandbox)
    other = sandbox.client.application.test_client()
    other.post("/chart/_session", data={"clinician": "sandbox-clinician-2"})

    assert other.get(path).status_code == 404
    assert "None yet" in other.get("/chart/_calls").get_data(as_text=True)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Heard(500, b"<html>"), "it answered 500"),
        (Heard(412, b'{"issue": [{"details": {"text": "no vitals"}}]}'), "412: no vitals"),
        (Heard(200, b"not JSON"), "it answered 200"),
        (Failure(Kind.UNAVAILABLE, "it cannot be reached"), "it cannot be reached"),
        ({"cards": [{**CARD, "suggestions": [{}], "selectionBehavior": "all"}]}, "cannot be shown"),
    ],
)
def test_a_failing_service_is_shown_as_such_and_the_chart_is_there(
    sandbox: Any, made: Any, answer: Any, said: str
) -> None:
    sandbox.put(made.patient())
    sandbox.cds.answer = answer

    page = sandbox.page("/chart/p-1")

    assert "Testperson" in page
    assert said in page
    assert "does not mean that there is no risk" in page


def test_a_server_whose_catalogue_hangs_does_not_keep_the_others_waiting(
    sandbox: Any, made: Any, answering: Any
) -> None:
    sandbox.put(made.patient())
    release = threading.Event()

    class Two(answering):  # type: ignore[misc]  # a fixture's class
        services = (Offered("x", "patient-view", "Quick", {}),)

        def ask(self, method: str, url: str, body: Any, **how: Any) -> Heard:
            if url.startswith("http://127.0.0.1:9999"):
                release.wait(30)
            return super().ask(method, url, body, **how)  # type: ignore[no-any-return]

        def answered(self, service: str, body: Any, timeout_s: float) -> Any:
            return {"cards": [CARD]}

    slow = CdsServer("slow", "Slow one", "http://127.0.0.1:9999")
    sandbox.client.application.extensions["wherry"] = replace(
        sandbox.deps,
        hooks=Two(),
        cds_servers=(slow, *sandbox.deps.cds_servers),
        cds_deadline_s=0.5,
    )

    page = sandbox.page("/chart/p-1")
    release.set()

    assert "Look" in page
    assert "Slow one: it did not answer in time" in page
