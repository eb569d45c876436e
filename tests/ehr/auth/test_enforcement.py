"""What a token opens. Requirement ids are those of SMART App Launch 2.2 (Rnnn)."""

from dataclasses import replace
from typing import Any

import pytest

from tests.ehr.auth.driver import OTHER, patient, pulse
from wherry.codec import encode
from wherry_ehr.migrate import upgrade

ALL = "launch patient/*.rs"
INVALID = 'Bearer error="invalid_token"'
SCOPE = 'Bearer error="insufficient_scope"'


def _ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return [entry["resource"]["id"] for entry in answer.get_json().get("entry", [])]


def _token(smart: Any, scope: str) -> str:
    """A token of the second app, whose registration allows every type."""
    address = "http://127.0.0.1:8205/callback"
    code = smart.code(
        client_id="second",
        redirect_uri=address,
        scope=scope,
        launch=smart.handle(client="second"),
    )
    made = smart.exchange(
        code,
        redirect_uri=address,
        client_assertion=smart.assertion(key=OTHER, iss="second", sub="second"),
    )
    return str(made.get_json()["access_token"])


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
        (ALL, "Practitioner/sandbox-clinician-1", 404),
        (ALL, "Practitioner", 403),
        (ALL, "Organization", 403),
    ],
)
def test_the_scope_decides_types_and_interactions(
    smart: Any, scope: str, path: str, status: int
) -> None:
    """R95, R121, R125, R138, R243."""
    answer = smart.fhir(_token(smart, scope), path)

    assert answer.status_code == status
    assert answer.headers.get("WWW-Authenticate") == (SCOPE if status == 403 else None)


@pytest.mark.parametrize(
    "path",
    [
        "Patient/p-2",
        "Patient/p-2/_history/1",
        "Observation/o-2",
        "Observation/o-2/_history/1",
        "Patient/nobody",
    ],
)
def test_another_patients_resources_are_not_even_said_to_exist(smart: Any, path: str) -> None:
    """R95, R136."""
    answers = [smart.fhir(_token(smart, ALL), each) for each in (path, "Patient/nobody")]

    assert [one.status_code for one in answers] == [404, 404]


@pytest.mark.parametrize(
    ("path", "ids"),
    [
        ("Patient", ["p-1"]),
        ("Patient?_id=p-1,p-2", ["p-1"]),
        ("Patient?_id=p-2", []),
        ("Observation", ["o-1"]),
        ("Observation?patient=p-2", []),
        ("Observation?subject=Patient/p-2", []),
        ("Observation?_id=o-2", []),
        ("Observation?patient=p-1,p-2", ["o-1"]),
        ("Encounter", ["e-1"]),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_search_stays_with_the_patient(
    smart: Any, path: str, ids: list[str], method: str
) -> None:
    """R95, R136, also by POST _search."""
    token = _token(smart, ALL)
    type_, _, params = path.partition("?")

    if method == "GET":
        answer = smart.fhir(token, path)
    else:
        form = {"data": params, "content_type": "application/x-www-form-urlencoded"}
        answer = smart.fhir(token, f"{type_}/_search", method="POST", **form)

    assert _ids(answer) == ids
    assert answer.get_json()["total"] == len(ids)


def test_the_pages_of_somebody_elses_search_stay_with_the_patient(smart: Any) -> None:
    """R95, R136: a page token that leaked shows nothing more."""
    smart.put(*(pulse(f"x-{n}", "p-2") for n in range(3)), pulse("o-3", "p-1"))
    service = smart.client.get(
        "/fhir/Observation?_count=1&_sort=_id",
        headers={"Authorization": "Bearer made-up-service-secret"},
    )
    link = {one["relation"]: one["url"] for one in service.get_json()["link"]}["next"]

    seen = []
    token = _token(smart, ALL)
    for _ in range(9):
        page = smart.fhir(token, link.partition("/fhir/")[2])
        seen += _ids(page)
        link = {one["relation"]: one["url"] for one in page.get_json()["link"]}.get("next", "")
        if not link:
            break

    assert seen == ["o-3"]


def test_every_entry_of_a_batch_is_judged_by_itself(smart: Any) -> None:
    """R130."""
    urls = ["Patient/p-1", "Patient/p-2", "Observation?patient=p-2", "Practitioner", "Observation"]
    entries = [{"request": {"method": "GET", "url": url}} for url in urls]
    write = {"request": {"method": "POST", "url": "Patient"}, "resource": patient("x")}
    gone = {"request": {"method": "DELETE", "url": "Patient/p-1"}}
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": [*entries, write, gone]}

    answer = smart.fhir(_token(smart, ALL), "", method="POST", json=bundle).get_json()

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
    token = _token(smart, ALL)

    def status(*entries: Any) -> int:
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [*entries]}
        return int(smart.fhir(token, "", method="POST", json=bundle).status_code)

    assert (status(read), status(read, write)) == (200, 403)
    assert _ids(smart.fhir(token, "Patient")) == ["p-1"]


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

    answer = smart.fhir(_token(smart, "launch patient/*.cruds"), path, method=method, **more)

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (403, SCOPE)


def _provenance(id_: str, *targets: str) -> dict[str, Any]:
    return {
        "resourceType": "Provenance",
        "id": id_,
        "target": [{"reference": target} for target in targets],
        "recorded": "2026-03-01T12:00:00Z",
        "agent": [{"who": {"display": "Made up"}}],
    }


def test_where_a_value_came_from_belongs_to_the_value(smart: Any) -> None:
    """R136: a Provenance is seen with what it is about, and with nothing of others."""
    smart.put(
        _provenance("v-1", "Observation/o-1"),
        _provenance("v-2", "Observation/o-2"),
        _provenance("v-3", "Patient/p-1", "Observation/o-1"),
    )
    token = _token(smart, ALL)

    def found(query: str) -> list[str]:
        return _ids(smart.fhir(token, f"Provenance?{query}_sort=_id"))

    assert found("") == ["v-3"]
    assert found("target=Observation/o-1&") == ["v-1", "v-3"]
    assert found("target=Observation/o-2&") == []
    assert found("target=Observation/o-1,Observation/o-2&") == ["v-3"]
    assert smart.fhir(token, "Provenance/v-1").status_code == 200
    assert smart.fhir(token, "Provenance/v-2").status_code == 404


def test_an_old_version_of_another_patient_is_not_shown(smart: Any) -> None:
    """R95, R136: a value that was moved to this patient keeps its earlier life to itself."""
    smart.put(pulse("o-2", "p-1"))
    token = _token(smart, ALL)

    statuses = [
        smart.fhir(token, f"Observation/o-2{version}").status_code
        for version in ("", "/_history/2", "/_history/1")
    ]

    assert statuses == [200, 200, 404]


def test_a_device_belongs_to_its_patient(smart: Any) -> None:
    """Device has no place in R4's compartment; here Device.patient gives it one."""
    device = {"resourceType": "Device", "id": "d-1", "patient": {"reference": "Patient/p-1"}}
    smart.put(device, {"resourceType": "Device", "id": "d-2"})
    token = _token(smart, ALL)

    assert _ids(smart.fhir(token, "Device")) == ["d-1"]
    assert smart.fhir(token, "Device/d-2").status_code == 404


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

    assert _ids(answer) == ["p-1", "p-2"]


def test_a_public_address_is_the_base_of_everything(smart: Any) -> None:
    """R96, R378: endpoints, iss and aud follow the configured address, whatever Host says."""
    public = "http://127.0.0.1:8100/fhir"
    smart.client.application.extensions["wherry"] = replace(smart.deps, public_url=public)

    answer = smart.client.get("/fhir/.well-known/smart-configuration").get_json()

    assert answer["issuer"] == public
    assert answer["token_endpoint"] == "http://127.0.0.1:8100/auth/token"
