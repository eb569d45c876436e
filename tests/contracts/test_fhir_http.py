"""What HttpFhir makes of a server's answers: kinds, safe texts, addresses without identifiers."""

import pytest
import requests
import responses

from wherry.adapters.fhir_http import HttpFhir
from wherry.adapters.http import session
from wherry.errors import Failure, Kind
from wherry.resource import Bundle

BASE = "http://127.0.0.1:9/fhir"
SECRET = "Smith, John, born 1970"
TRANSACTION: Bundle = {"resourceType": "Bundle", "type": "transaction", "entry": []}


@pytest.fixture
def fhir() -> HttpFhir:
    return HttpFhir(BASE, session())


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, Kind.UNPROCESSABLE),
        (400, Kind.UNPROCESSABLE),
        (401, Kind.UNAUTHENTICATED),
        (403, Kind.FORBIDDEN),
        (404, Kind.NOT_FOUND),
        (409, Kind.CONFLICT),
        (410, Kind.GONE),
        (412, Kind.STALE),
        (413, Kind.TOO_LARGE),
        (418, Kind.UNPROCESSABLE),
        (422, Kind.UNPROCESSABLE),
        (429, Kind.UNAVAILABLE),
        (500, Kind.UNAVAILABLE),
        (502, Kind.UNAVAILABLE),
        (503, Kind.UNAVAILABLE),
        (504, Kind.UNCERTAIN),
    ],
)
@responses.activate
def test_a_status_becomes_a_kind_and_the_servers_text_stays_out(
    fhir: HttpFhir, status: int, kind: Kind
) -> None:
    responses.post(BASE, status=status, body=SECRET)

    with pytest.raises(Failure) as caught:
        fhir.send(TRANSACTION)

    assert caught.value.kind is kind
    assert "Smith" not in str(caught.value)


@pytest.mark.parametrize(
    ("expression", "at"),
    [
        (["Bundle.entry[3].resource.period"], "Bundle.entry[3].resource.period"),
        ([f"Patient.name = '{SECRET}'"], ""),
        (["Patient"], "Patient"),
        ([7], ""),
        ([], ""),
    ],
)
@responses.activate
def test_the_element_that_the_server_names_is_told_when_it_is_a_plain_path(
    fhir: HttpFhir, expression: list[object], at: str
) -> None:
    issue = {"severity": "error", "code": "invalid", "expression": expression}
    outcome = {"resourceType": "OperationOutcome", "issue": [issue]}
    responses.post(BASE, status=422, json=outcome)

    with pytest.raises(Failure) as caught:
        fhir.send(TRANSACTION)

    assert caught.value.at == at


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (requests.ConnectTimeout(SECRET), Kind.UNAVAILABLE),
        (requests.ReadTimeout(SECRET), Kind.UNCERTAIN),
        (requests.ConnectionError(SECRET), Kind.UNAVAILABLE),
        (requests.TooManyRedirects(SECRET), Kind.UNAVAILABLE),
    ],
)
@responses.activate
def test_a_broken_connection_becomes_a_kind(
    fhir: HttpFhir, error: requests.RequestException, kind: Kind
) -> None:
    responses.post(BASE, body=error)

    with pytest.raises(Failure) as caught:
        fhir.send(TRANSACTION)

    assert (caught.value.kind, caught.value.__cause__) == (kind, None)
    assert "Smith" not in str(caught.value)


@pytest.mark.parametrize("body", [b"<html>", b"", b"[]", b'"x"'])
@responses.activate
def test_a_page_that_is_no_json_object_is_no_answer(fhir: HttpFhir, body: bytes) -> None:
    responses.get(f"{BASE}/Patient/1", body=body)

    with pytest.raises(Failure) as caught:
        fhir.read("Patient", "1")

    assert caught.value.kind is Kind.UNAVAILABLE


@responses.activate
def test_an_answer_of_another_length_is_uncertain(fhir: HttpFhir) -> None:
    responses.post(BASE, json={"resourceType": "Bundle", "type": "x", "entry": [{}]})

    with pytest.raises(Failure) as caught:
        fhir.send(TRANSACTION)

    assert caught.value.kind is Kind.UNCERTAIN


@responses.activate
@pytest.mark.parametrize(("type_", "prefer"), [("transaction", "return=minimal"), ("batch", None)])
def test_what_a_transaction_wrote_is_not_sent_back_and_what_a_batch_read_is(
    fhir: HttpFhir, type_: str, prefer: str | None
) -> None:
    responses.post(BASE, json={"resourceType": "Bundle", "type": f"{type_}-response"})

    fhir.send({"resourceType": "Bundle", "type": type_, "entry": []})

    assert responses.calls[0].request.headers.get("Prefer") == prefer


@responses.activate
def test_a_search_is_never_answered_out_of_a_cache(fhir: HttpFhir) -> None:
    responses.post(f"{BASE}/Observation/_search", json={"resourceType": "Bundle"})

    fhir.search("Observation", {"patient": "p-1"})

    assert responses.calls[0].request.headers["Cache-Control"] == "no-cache"


@responses.activate
def test_search_parameters_travel_in_the_body(fhir: HttpFhir) -> None:
    responses.post(f"{BASE}/Patient/_search", json={"resourceType": "Bundle"})

    fhir.search("Patient", {"identifier": "urn:example:mrn|77"})

    request = responses.calls[0].request
    assert request.url == f"{BASE}/Patient/_search"
    assert request.body == "identifier=urn%3Aexample%3Amrn%7C77"


@responses.activate
def test_pages_are_followed_up_to_the_limit(fhir: HttpFhir) -> None:
    def page(id_: str, following: str) -> dict[str, object]:
        return {
            "resourceType": "Bundle",
            "entry": [
                {"resource": {"id": id_}, "search": {"mode": "match"}},
                {"resource": {"id": "other"}, "search": {"mode": "include"}},
            ],
            "link": [{"relation": "next", "url": following}],
        }

    responses.post(f"{BASE}/Patient/_search", json=page("1", f"{BASE}?page=2"))
    responses.get(f"{BASE}?page=2", json=page("2", f"{BASE}?page=3"))

    found = fhir.search("Patient", {}, limit=2)

    assert found == [{"id": "1"}, {"id": "2"}]
    assert len(responses.calls) == 2


@pytest.mark.parametrize(
    "link", ["http://evil.example/fhir?page=2", "https://127.0.0.1:9/fhir", "http://127.0.0.1/fhir"]
)
@responses.activate
def test_a_next_link_to_another_origin_is_not_followed(fhir: HttpFhir, link: str) -> None:
    responses.post(
        f"{BASE}/Patient/_search",
        json={"resourceType": "Bundle", "link": [{"relation": "next", "url": link}]},
    )

    with pytest.raises(Failure) as caught:
        fhir.search("Patient", {})

    assert caught.value.kind is Kind.FORBIDDEN
    assert len(responses.calls) == 1


@responses.activate
def test_the_new_id_comes_from_the_location(fhir: HttpFhir) -> None:
    responses.post(
        f"{BASE}/Patient", status=201, headers={"Location": f"{BASE}/Patient/p-7/_history/1"}
    )

    assert fhir.create({"resourceType": "Patient"}) == "p-7"


@pytest.mark.parametrize("answer", [{"status": 500}, {"json": {"resourceType": "Patient"}}])
@responses.activate
def test_ping_fails_when_no_fhir_server_answers(fhir: HttpFhir, answer: dict[str, object]) -> None:
    responses.get(f"{BASE}/metadata", **answer)

    with pytest.raises(Failure) as caught:
        fhir.ping()

    assert caught.value.kind is Kind.UNAVAILABLE
