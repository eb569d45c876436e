"""The session's token goes to the session's FHIR server and nowhere else."""

from typing import Any

import pytest
import responses

from wherry.errors import Failure, Kind
from wherry_smart.fhir_of import fhir_of

BASE = "https://ehr.example.org/fhir"
TOKEN = "made-up-token"


@pytest.fixture
def web() -> Any:
    with responses.RequestsMock() as mock:
        yield mock


def _page(next_link: str) -> dict[str, Any]:
    return {"resourceType": "Bundle", "link": [{"relation": "next", "url": next_link}]}


def test_every_page_is_asked_for_with_the_token(web: Any) -> None:
    web.add("POST", f"{BASE}/Observation/_search", json=_page(f"{BASE}?page=2"))
    web.add("GET", f"{BASE}?page=2", json={"resourceType": "Bundle"})

    with fhir_of(timeout_s=1, routes={})(BASE, TOKEN) as fhir:
        fhir.search("Observation", {"patient": "p-1"})

    sent = [call.request.headers["Authorization"] for call in web.calls]
    assert sent == ["Bearer made-up-token"] * 2


@pytest.mark.parametrize(
    "link",
    ["https://evil.example/fhir?page=2", "http://ehr.example.org/fhir?page=2", "//evil.example/"],
)
def test_a_next_page_on_another_origin_is_not_fetched(web: Any, link: str) -> None:
    web.add("POST", f"{BASE}/Observation/_search", json=_page(link))

    with (
        fhir_of(timeout_s=1, routes={})(BASE, TOKEN) as fhir,
        pytest.raises(Failure) as failure,
    ):
        fhir.search("Observation", {"patient": "p-1"})

    assert failure.value.kind is Kind.FORBIDDEN
    assert len(web.calls) == 1


def test_a_redirect_is_not_followed(web: Any) -> None:
    web.add("GET", f"{BASE}/Patient/p-1", status=307, headers={"Location": "https://evil.example/"})

    with fhir_of(timeout_s=1, routes={})(BASE, TOKEN) as fhir, pytest.raises(Failure):
        fhir.read("Patient", "p-1")

    assert len(web.calls) == 1


def test_a_route_leads_inside_and_the_server_hears_its_own_name(web: Any) -> None:
    web.add("GET", "http://ehr:8000/fhir/Patient/p-1", json={"resourceType": "Patient"})
    routes = {"https://ehr.example.org": "http://ehr:8000"}

    with fhir_of(timeout_s=1, routes=routes)(BASE, TOKEN) as fhir:
        fhir.read("Patient", "p-1")

    assert web.calls[0].request.headers["Host"] == "ehr.example.org"
