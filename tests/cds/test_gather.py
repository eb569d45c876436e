"""Where the record comes from, and when it is refused."""

from typing import Any

import pytest
from pydantic import SecretStr

from wherry.errors import Failure, Kind
from wherry.resource import Resource
from wherry_cds.deps import Servers

Body = dict[str, Any]
EHR = "https://ehr.example.org/fhir"
OWN = "http://127.0.0.1:8100/fhir"
PATIENT_AT = "/Patient/p-1"
OBSERVATIONS_AT = "/Observation?patient=p-1&category=vital-signs&_sort=-date&_count=200"
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "x"}]}


def serve(world: Any, base: str, patient: Resource, bundle: Resource) -> None:
    world.reader.pages = {base + PATIENT_AT: patient, base + OBSERVATIONS_AT: bundle}


def authorize(body: Body, server: str = EHR, expires_in: int = 300) -> None:
    body["fhirServer"] = server
    body["fhirAuthorization"] = {
        "access_token": "made-up-token",
        "token_type": "Bearer",
        "expires_in": expires_in,
        "scope": "patient/Patient.r patient/Observation.s",
        "subject": "wherry",
    }


def place(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["issue"][0]["expression"][0]


def test_prefetch_is_scored_as_it_came_and_nothing_is_read(
    world: Any, request_body: Body, patient: Resource, pulse: Resource
) -> None:
    authorize(request_body)

    answer = world.call(request_body)

    assert answer.status_code == 200
    assert world.scorer.asked == [[patient, pulse]]
    assert world.reader.asked == []


@pytest.mark.parametrize(
    "value", [None, {"resourceType": "Bundle"}, {"resourceType": "Bundle", "entry": []}]
)
def test_no_data_is_scored_as_such_and_not_asked_again(
    world: Any, request_body: Body, patient: Resource, value: Any
) -> None:
    authorize(request_body)
    request_body["prefetch"]["observations"] = value

    answer = world.call(request_body)

    assert answer.status_code == 200
    assert world.scorer.asked == [[patient]]
    assert world.reader.asked == []


@pytest.mark.parametrize("key", ["patient", "observations"])
def test_what_the_client_could_not_obtain_is_not_asked_again(
    world: Any, request_body: Body, key: str
) -> None:
    authorize(request_body)
    request_body["prefetch"][key] = OUTCOME

    answer = world.call(request_body)

    assert place(answer) == (412, f"prefetch.{key}")
    assert key in answer.get_json()["issue"][0]["details"]["text"]
    assert (world.reader.asked, world.scorer.asked) == ([], [])


@pytest.mark.parametrize("key", ["patient", "observations"])
def test_a_key_that_was_not_sent_and_cannot_be_read_is_named(
    world: Any, request_body: Body, key: str
) -> None:
    del request_body["prefetch"][key]

    assert place(world.call(request_body)) == (412, f"prefetch.{key}")
    assert world.scorer.asked == []


def test_without_prefetch_the_named_server_is_read_with_its_token(
    world: Any, request_body: Body, patient: Resource, bundle: Resource, pulse: Resource
) -> None:
    del request_body["prefetch"]
    authorize(request_body, server=f"{EHR}/")
    serve(world, EHR, patient, bundle)

    answer = world.call(request_body)

    assert answer.status_code == 200
    assert world.scorer.asked == [[patient, pulse]]
    assert world.reader.asked == [
        (EHR + PATIENT_AT, "made-up-token"),
        (EHR + OBSERVATIONS_AT, "made-up-token"),
    ]


def test_a_listed_server_is_read_without_a_token_when_none_came(
    world: Any, request_body: Body, patient: Resource, bundle: Resource
) -> None:
    del request_body["prefetch"]
    request_body["fhirServer"] = EHR
    serve(world, EHR, patient, bundle)

    assert world.call(request_body).status_code == 200
    assert {token for _, token in world.reader.asked} == {""}


@pytest.mark.parametrize(
    "server",
    ["https://evil.example.org/fhir", "https://ehr.example.org/fhir/x", "http://169.254.169.254"],
)
def test_a_server_that_is_not_listed_is_never_asked(
    world: Any, request_body: Body, server: str
) -> None:
    del request_body["prefetch"]["observations"]
    authorize(request_body, server=server)

    assert place(world.call(request_body)) == (412, "prefetch.observations")
    assert world.reader.asked == []


def test_a_token_that_is_over_is_not_used_and_not_replaced_by_ours(
    build: Any, request_body: Body
) -> None:
    world = build(servers=Servers(own=OWN, own_token=SecretStr("ours")))
    del request_body["prefetch"]["patient"]
    authorize(request_body, server=OWN, expires_in=0)

    assert place(world.call(request_body)) == (412, "prefetch.patient")
    assert world.reader.asked == []


@pytest.mark.parametrize(
    ("named", "by_default"), [({"fhirServer": OWN}, False), ({"fhirServer": OWN}, True), ({}, True)]
)
def test_our_own_server_is_read_with_our_token(
    build: Any,
    request_body: Body,
    *,
    patient: Resource,
    bundle: Resource,
    named: Body,
    by_default: bool,
) -> None:
    world = build(servers=Servers(OWN, SecretStr("ours"), own_by_default=by_default))
    del request_body["prefetch"]
    request_body.update(named)
    serve(world, OWN, patient, bundle)

    assert world.call(request_body).status_code == 200
    assert world.reader.asked == [(OWN + PATIENT_AT, "ours"), (OWN + OBSERVATIONS_AT, "ours")]


def test_a_stranger_does_not_stand_in_for_our_own_server(build: Any, request_body: Body) -> None:
    servers = Servers(own=OWN, own_token=SecretStr("ours"), own_by_default=True)
    world = build(servers=servers)
    del request_body["prefetch"]
    request_body["fhirServer"] = "https://evil.example.org/fhir"

    assert world.call(request_body).status_code == 412
    assert world.reader.asked == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("patient", {"resourceType": "Patient", "id": "p-2"}),
        ("patient", {"resourceType": "Encounter", "id": "p-1"}),
        ("observations", {"resourceType": "Observation"}),
        ("observations", []),
    ],
)
def test_another_patient_or_type_is_never_scored(
    world: Any, request_body: Body, key: str, value: Any
) -> None:
    request_body["prefetch"][key] = value

    assert place(world.call(request_body)) == (400, f"prefetch.{key}")
    assert world.scorer.asked == []


def test_one_foreign_observation_spoils_the_request(
    world: Any, request_body: Body, pulse: Resource
) -> None:
    foreign = {**pulse, "subject": {"reference": "Patient/p-2"}}
    request_body["prefetch"]["observations"]["entry"].append({"resource": foreign})

    assert place(world.call(request_body)) == (400, "prefetch.observations")
    assert world.scorer.asked == []


@pytest.mark.parametrize(
    "read", [None, OUTCOME, {"resourceType": "Patient", "id": "p-2"}, {"resourceType": "Basic"}, 5]
)
def test_a_server_that_answers_something_else_is_not_believed(
    world: Any, request_body: Body, read: Any
) -> None:
    del request_body["prefetch"]["patient"]
    request_body["fhirServer"] = EHR
    world.reader.pages = {EHR + PATIENT_AT: read}

    assert place(world.call(request_body)) == (412, "prefetch.patient")
    assert world.scorer.asked == []


def test_a_server_that_is_away_is_told_as_such(world: Any, request_body: Body) -> None:
    del request_body["prefetch"]["patient"]
    request_body["fhirServer"] = EHR
    away = Failure(Kind.UNAVAILABLE, "the FHIR server did not answer", at="prefetch.patient")
    world.reader.pages = {EHR + PATIENT_AT: away}

    answer = world.call(request_body)

    assert place(answer) == (503, "prefetch.patient")
    assert answer.headers["Retry-After"] == "2"


def paged(bundle: Resource, url: str) -> Resource:
    return {**bundle, "link": [{"relation": "next", "url": url}]}


def test_further_pages_are_read_from_the_same_server(
    world: Any, request_body: Body, patient: Resource, pulse: Resource, bundle: Resource
) -> None:
    authorize(request_body)
    request_body["prefetch"]["observations"] = paged(bundle, f"{EHR}/page/2")
    world.reader.pages = {f"{EHR}/page/2": paged(bundle, "page/3"), f"{EHR}/page/3": bundle}

    answer = world.call(request_body)

    assert world.scorer.asked == [[patient, pulse, pulse, pulse]]
    assert world.reader.asked == [
        (f"{EHR}/page/2", "made-up-token"),
        (f"{EHR}/page/3", "made-up-token"),
    ]
    assert "longer than could be read" not in answer.get_json()["cards"][0]["detail"]


@pytest.mark.parametrize(
    ("url", "page", "asked"),
    [
        ("https://evil.example.org/page/2", None, 0),
        (f"{EHR}/page/2", Failure(Kind.UNAVAILABLE, "late"), 1),
        (f"{EHR}/page/2", Failure(Kind.UNMET, "gone"), 1),
        (f"{EHR}/page/2", OUTCOME, 1),
        (f"{EHR}/page/2", "same again", 5),
    ],
    ids=["foreign", "late", "gone", "outcome", "endless"],
)
def test_a_page_that_cannot_be_had_is_told_on_the_card(
    world: Any, request_body: Body, url: str, page: Any, asked: int
) -> None:
    bundle = request_body["prefetch"]["observations"]
    authorize(request_body)
    request_body["prefetch"]["observations"] = paged(bundle, url)
    world.reader.pages = {url: paged(bundle, url) if page == "same again" else page}

    answer = world.call(request_body)

    assert answer.status_code == 200
    assert "longer than could be read" in answer.get_json()["cards"][0]["detail"]
    assert len(world.reader.asked) == asked


def test_pages_are_not_read_from_a_server_that_is_not_listed(
    world: Any, request_body: Body, bundle: Resource
) -> None:
    authorize(request_body, server="https://evil.example.org/fhir")
    url = "https://evil.example.org/fhir/page/2"
    request_body["prefetch"]["observations"] = paged(bundle, url)

    answer = world.call(request_body)

    assert "longer than could be read" in answer.get_json()["cards"][0]["detail"]
    assert world.reader.asked == []


def test_a_page_about_another_patient_is_never_scored(
    world: Any, request_body: Body, bundle: Resource, pulse: Resource
) -> None:
    authorize(request_body)
    request_body["prefetch"]["observations"] = paged(bundle, f"{EHR}/page/2")
    foreign = {**pulse, "subject": {"reference": "Patient/p-2"}}
    world.reader.pages = {
        f"{EHR}/page/2": {"resourceType": "Bundle", "entry": [{"resource": foreign}]}
    }

    assert place(world.call(request_body)) == (412, "prefetch.observations")
    assert world.scorer.asked == []
