"""The CapabilityStatement tells the truth; health and metrics pages answer."""

from typing import Any

import pytest

from wherry.errors import Failure, Kind
from wherry.fhir.check import problems
from wherry_ehr.interactions.table import INTERACTIONS
from wherry_ehr.search.params import parameters
from wherry_ehr.search.types import types
from wherry_ehr.store.sql_store import open_store


def test_the_statement_is_valid_and_lists_every_type(ehr: Any, body: Any) -> None:
    statement = body(ehr.get("/metadata"))

    assert problems(statement) == []
    assert {one["type"] for one in statement["rest"][0]["resource"]} == types()
    assert "not for production" in statement["implementation"]["description"]


def test_every_search_parameter_that_is_claimed_is_taken(ehr: Any, body: Any) -> None:
    values = {
        "token": "a|b",
        "reference": "1",
        "date": "2024",
        "string": "a",
        "quantity": "5.4|urn:a|mg",
        "number": "0.5",
        "uri": "urn:a",
        "composite": "a$2024",
    }
    refused = [
        (one["type"], param["name"])
        for one in body(ehr.get("/metadata"))["rest"][0]["resource"]
        for param in one["searchParam"]
        if ehr.get(f"/{one['type']}?{param['name']}={values[param['type']]}").status_code != 200
    ]

    assert refused == []


# FHIR R4 http, 3.1.0.1.11: how each claimed interaction is asked for.
ASKED = {
    "read": ("GET", "/Basic/1"),
    "vread": ("GET", "/Basic/1/_history/1"),
    "history-instance": ("GET", "/Basic/1/_history"),
    "history-type": ("GET", "/Basic/_history"),
    "history-system": ("GET", "/_history"),
    "update": ("PUT", "/Basic/1"),
    "patch": ("PATCH", "/Basic/1"),
    "create": ("POST", "/Basic"),
    "delete": ("DELETE", "/Basic/1"),
    "search-type": ("GET", "/Basic"),
    "transaction": ("POST", ""),
    "batch": ("POST", ""),
}


def test_what_is_claimed_is_what_is_routed(ehr: Any, body: Any) -> None:
    rest = body(ehr.get("/metadata"))["rest"][0]

    of_type = {one["code"] for one in rest["resource"][0]["interaction"]}
    of_system = {one["code"] for one in rest["interaction"]}
    assert of_type | of_system == ASKED.keys()
    assert of_system == {"transaction", "batch", "history-system"}
    assert of_type | of_system == {code for one in INTERACTIONS for code in one.codes}
    assert {code for code, asked in ASKED.items() if ehr.ask(*asked).status_code in {404, 405}} <= {
        "read",
        "vread",
        "history-instance",
    }  # nothing is stored: their 404 is about that


def test_what_is_said_of_every_type_is_true(ehr: Any, body: Any, make: Any) -> None:
    said = body(ehr.get("/metadata"))["rest"][0]["resource"]

    for one in said:
        assert one["conditionalRead"] == "full-support"
        assert one["conditionalDelete"] == "single"
        assert one["conditionalCreate"] is one["conditionalUpdate"] is one["updateCreate"] is True
        assert {each["name"] for each in one["searchParam"]} == set(parameters()[one["type"]])
    named = {one["type"]: [each["name"] for each in one["operation"]] for one in said}
    assert named.pop("Patient") == ["everything", "validate"]
    assert set(map(tuple, named.values())) == {("validate",)}


def test_every_include_that_is_claimed_is_taken(ehr: Any, body: Any) -> None:
    said = {one["type"]: one for one in body(ehr.get("/metadata"))["rest"][0]["resource"]}

    asked = [
        f"/{type_}?{name}={value}"
        for type_ in ("Patient", "Observation", "DiagnosticReport", "Encounter", "Provenance")
        for name, listed in (("_include", "searchInclude"), ("_revinclude", "searchRevInclude"))
        for value in said[type_].get(listed, [])
    ]

    assert len(asked) > 200
    assert [path for path in asked if ehr.get(path).status_code != 200] == []


def test_a_public_address_is_the_one_in_links(sqlite_url: str, serve: Any, body: Any) -> None:
    with serve(sqlite_url, public_url="https://sandbox.example.org/fhir") as ehr:
        statement = body(ehr.get("/metadata"))

    assert statement["implementation"]["url"] == "https://sandbox.example.org/fhir"


def test_ready_needs_a_migrated_store(ehr: Any, sqlite_url: str, serve: Any) -> None:
    with serve(f"{sqlite_url}.empty") as empty:
        assert empty.client.get("/readyz").status_code == 503
    assert ehr.client.get("/readyz").status_code == 200


def test_requests_are_counted_by_interaction_and_status(ehr: Any, make: Any) -> None:
    secret = make.patient("secret-mrn")
    ehr.ask("PUT", "/Patient?identifier=urn:example:mrn|secret-mrn", secret)
    ehr.get("/Patient/nobody")

    text = ehr.client.get("/metrics").get_data(as_text=True)

    name = "wherry_ehr_requests_total"
    assert f'{name}{{interaction="conditional-update",status="2xx"}} 1.0' in text
    assert f'{name}{{interaction="read",status="4xx"}} 1.0' in text
    assert "secret-mrn" not in text


def test_a_store_that_is_away_is_unavailable(sqlite_url: str, serve: Any) -> None:
    with serve(f"{sqlite_url}.empty") as empty:
        answer = empty.get("/Patient/1")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


def test_a_store_that_cannot_be_made_says_so() -> None:
    with pytest.raises(Failure) as caught:
        open_store("sqlite:////dev/null/ehr.db")

    assert caught.value.kind is Kind.UNAVAILABLE
