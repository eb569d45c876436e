"""What a token opens. Requirement ids are those of SMART App Launch 2.2 (Rnnn)."""

from dataclasses import replace
from typing import Any

import pytest
from tests.ehr.auth.driver import ids_of, patient, pulse, query, second_token

from wherry.codec import encode
from wherry_ehr.migrate import upgrade

ALL = "launch patient/*.rs"
INVALID = 'Bearer error="invalid_token"'
SCOPE = 'Bearer error="insufficient_scope"'


def test_without_a_token_or_with_a_made_up_one_nothing_is_read(smart: Any) -> None:
    """R94."""
    answers = [
        smart.client.get("/fhir/Patient/p-1"),
        smart.fhir("made-up", "Patient/p-1"),
        smart.fhir("", "Patient/p-1"),
        smart.client.get("/fhir/Patient/p-1", headers={"Authorization": "Basic x"}),
    ]

    assert [one.status_code for one in answers] == [401] * 4
    assert [one.headers["WWW-Authenticate"] for one in answers] == [
        "Bearer",
        INVALID,
        INVALID,
        INVALID,
    ]


def test_a_made_up_token_is_refused_even_when_the_door_is_open(sqlite_url: str, serve: Any) -> None:
    """R94."""
    upgrade(sqlite_url)
    with serve(sqlite_url, open_fhir=True) as ehr:
        assert ehr.get("/Patient").status_code == 200
        assert ehr.get("/Patient", Authorization="Bearer made-up").status_code == 401


def test_a_token_ends_after_an_hour(smart: Any) -> None:
    """R77, R91, R94."""
    token = smart.token()
    smart.clock.go(minutes=59, seconds=59)
    in_time = smart.fhir(token, "Patient/p-1")
    smart.clock.go(seconds=1)
    late = smart.fhir(token, "Patient/p-1")

    assert (in_time.status_code, late.status_code) == (200, 401)
    assert late.headers["WWW-Authenticate"] == INVALID


def test_a_token_ends_with_the_session(smart: Any) -> None:
    token = smart.token()

    smart.client.post("/chart/_session/end")

    assert smart.fhir(token, "Patient/p-1").status_code == 401


def test_a_token_for_one_base_is_nothing_at_another(smart: Any) -> None:
    """R96: the resource server is the one that aud named."""
    token = smart.token()
    headers = {"Authorization": f"Bearer {token}", "Host": "127.0.0.1:8100"}

    assert smart.client.get("/fhir/Patient/p-1", headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("scope", "path", "status"),
    [
        ("launch patient/Patient.rs", "Patient/p-1", 200),
        ("launch patient/Patient.rs", "Observation/o-1", 403),
        ("launch patient/Patient.rs", "Observation", 403),
        ("launch patient/Patient.r", "Patient", 403),
        ("launch patient/Patient.s", "Patient", 200),
        ("launch patient/Patient.s", "Patient/p-1", 403),
        ("launch patient/Patient.r", "Patient/p-1/_history/1", 200),
        ("launch patient/Patient.s", "Patient/p-1/_history/1", 403),
        (ALL, "Practitioner/sandbox-clinician-1", 403),
        (ALL, "Practitioner", 403),
        (ALL, "Organization", 403),
    ],
)
def test_the_scope_decides_types_and_interactions(
    smart: Any, scope: str, path: str, status: int
) -> None:
    """R95, R121, R125, R138, R243."""
    answer = smart.fhir(second_token(smart, scope), path)

    assert answer.status_code == status
    assert answer.headers.get("WWW-Authenticate") == (SCOPE if status == 403 else None)


def test_every_entry_of_a_batch_is_judged_by_itself(smart: Any) -> None:
    """R130."""
    urls = ["Patient/p-1", "Patient/p-2", "Observation?patient=p-2", "Practitioner", "Observation"]
    entries = [{"request": {"method": "GET", "url": url}} for url in urls]
    write = {"request": {"method": "POST", "url": "Patient"}, "resource": patient("x")}
    gone = {"request": {"method": "DELETE", "url": "Patient/p-1"}}
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": [*entries, write, gone]}

    answer = smart.fhir(second_token(smart, ALL), "", method="POST", json=bundle).get_json()

    statuses = [entry["response"]["status"][:3] for entry in answer["entry"]]
    assert statuses == ["200", "404", "200", "403", "200", "403", "403"]
    assert [entry["resource"]["total"] for entry in (answer["entry"][2], answer["entry"][4])] == [
        0,
        1,
    ]


def test_a_transaction_with_one_refused_entry_is_refused(smart: Any) -> None:
    """R130."""
    write = {"request": {"method": "POST", "url": "Patient"}, "resource": patient("x")}
    read = {"request": {"method": "GET", "url": "Patient/p-1"}}
    token = second_token(smart, ALL)

    def status(*entries: Any) -> int:
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [*entries]}
        return int(smart.fhir(token, "", method="POST", json=bundle).status_code)

    assert (status(read), status(read, write)) == (200, 403)
    assert ids_of(smart.fhir(token, "Patient")) == ["p-1"]


@pytest.mark.parametrize(
    ("method", "path", "resource"),
    [
        ("PUT", "Patient/p-1", patient("p-1")),
        ("PUT", "Patient?_id=p-1", patient("p-1")),
        ("POST", "Observation", pulse("x", "p-1")),
        ("DELETE", "Patient/p-1", None),
    ],
)
def test_no_app_writes(smart: Any, method: str, path: str, resource: Any) -> None:
    """R95, R123."""
    more = {"data": encode(resource), "content_type": "application/fhir+json"} if resource else {}

    answer = smart.fhir(second_token(smart, "launch patient/*.cruds"), path, method=method, **more)

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (403, SCOPE)


def test_who_may_know_the_user_may_read_the_user_and_no_one_else(smart: Any) -> None:
    """R198, R209."""
    smart.client.application.test_client().post(
        "/chart/_session", data={"clinician": "sandbox-clinician-2"}
    )
    token = smart.token(scope="launch openid fhirUser patient/Patient.r")
    without = smart.token(scope="launch openid patient/Patient.r")

    def status(held: str, number: int) -> int:
        return int(smart.fhir(held, f"Practitioner/sandbox-clinician-{number}").status_code)

    assert [status(token, 1), status(token, 2), status(without, 1)] == [200, 403, 403]


def test_the_suites_own_token_is_not_limited(smart: Any) -> None:
    answer = smart.fhir("made-up-service-secret", "Patient?_sort=_id")

    assert ids_of(answer) == ["p-1", "p-2"]


def test_an_app_and_the_suite_see_the_addresses_that_they_use(smart: Any) -> None:
    """R96, R378: the configured issuer is the base for apps, whatever Host says."""
    public = "http://127.0.0.1:8100/fhir"
    smart.client.application.extensions["wherry"] = replace(smart.deps, issuer=public)
    browser = {"base_url": "http://127.0.0.1:8100"}
    smart.client.post("/chart/_session", data={"clinician": "sandbox-clinician-1"}, **browser)
    launch = smart.client.post("/chart/p-1/launch", data={"client": "app"}, **browser).location
    asked = smart.asked(launch=query(launch)["launch"], aud=public)
    code = query(smart.client.get("/auth/authorize", query_string=asked, **browser).location)
    made = smart.exchange(
        code["code"], client_assertion=smart.assertion(aud="http://127.0.0.1:8100/auth/token")
    ).get_json()

    def first_address(token: str) -> str:
        bundle = smart.fhir(token, "Patient?_id=p-1", base_url="http://ehr:8000").get_json()
        return str(bundle["entry"][0]["fullUrl"])

    assert (query(launch)["iss"], code["iss"]) == (public, public)
    assert first_address(made["access_token"]) == f"{public}/Patient/p-1"
    assert first_address("made-up-service-secret") == "http://ehr:8000/fhir/Patient/p-1"
