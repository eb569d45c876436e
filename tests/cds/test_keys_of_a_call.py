"""Required and optional keys, lent scopes, servers per client, and what is noted."""

from collections.abc import Sequence
from dataclasses import replace
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from pydantic import SecretStr

from wherry.errors import Failure, Kind
from wherry_cds.clients.client import LOCAL, Client
from wherry_cds.clients.profile import PROFILES, STRICT
from wherry_cds.deadline import Deadline
from wherry_cds.deps import Servers
from wherry_cds.gather import Record, gather
from wherry_cds.parallel import Threads
from wherry_cds.protocol.call import Call, parse
from wherry_cds.protocol.catalogue import EARLY_WARNING, Key
from wherry_cds.protocol.prefetch import Obtained

Body = dict[str, Any]
EHR, OWN = "https://ehr.example.org/fhir", "http://127.0.0.1:8100/fhir"
LABORATORY = Key(
    "laboratory",
    "Observation?patient={{context.patientId}}&category=laboratory",
    "Observation",
    many=True,
    required=False,
)
LAB_AT = "/Observation?patient=p-1&category=laboratory"
STAY = Key("stay", "Encounter/{{context.encounterId}}", "Encounter", many=False, required=False)
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "x"}]}
ALL = "patient/*.rs"


class Rows:
    """Audit rows in memory."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, dict[str, str]]] = []

    def write(self, event: str, **ids: str) -> None:
        self.rows.append((event, ids))


def lend(body: Body, *, scope: str = ALL, server: str = EHR, **more: Any) -> None:
    body["fhirServer"] = server
    body["fhirAuthorization"] = {
        "access_token": "made-up-token",
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": scope,
        "subject": "wherry",
        **more,
    }


def gathered(world: Any, body: Body, *keys: Key, client: Client = LOCAL, **changes: Any) -> Record:
    service = replace(EARLY_WARNING, keys=(*EARLY_WARNING.keys, *keys))
    call = parse(body, [service])
    assert isinstance(call, Call)
    deadline = Deadline(2.5, lambda: 0.0)
    return gather(call, client, replace(world.deps, **changes), deadline)


@pytest.mark.parametrize(
    ("sent", "obtained"),
    [
        ({}, Obtained.NOT_OBTAINED),
        ({"laboratory": None}, Obtained.NONE),
        ({"laboratory": OUTCOME}, Obtained.UNAVAILABLE),
        ({"laboratory": {"resourceType": "Bundle"}}, Obtained.NONE),
    ],
)
def test_an_optional_key_is_told_apart_and_never_refused(
    world: Any, request_body: Body, sent: Body, obtained: Obtained
) -> None:
    request_body["prefetch"] |= sent

    record = gathered(world, request_body, LABORATORY)

    assert record.obtained == {
        "patient": Obtained.DATA,
        "observations": Obtained.DATA,
        "laboratory": obtained,
    }
    assert record.by_key["laboratory"] == ()
    assert world.reader.asked == []


@pytest.mark.parametrize("kind", [Kind.UNMET, Kind.UNAVAILABLE])
def test_an_optional_key_that_cannot_be_read_is_done_without(
    world: Any, request_body: Body, kind: Kind
) -> None:
    lend(request_body)
    world.reader.pages = {EHR + LAB_AT: Failure(kind, "no")}

    record = gathered(world, request_body, LABORATORY)

    assert record.obtained["laboratory"] is Obtained.NOT_OBTAINED
    assert world.reader.asked == [(EHR + LAB_AT, "made-up-token")]


def test_an_optional_key_is_read_when_it_can_be(
    world: Any, request_body: Body, bundle: Body, pulse: Body
) -> None:
    lend(request_body)
    world.reader.pages = {EHR + LAB_AT: bundle}

    record = gathered(world, request_body, LABORATORY)

    assert record.by_key["laboratory"] == (pulse,)
    assert record.obtained["laboratory"] is Obtained.DATA


@pytest.mark.parametrize("value", [5, {"resourceType": "Basic"}, {"resourceType": "Patient"}])
def test_another_type_is_refused_under_an_optional_key_too(
    world: Any, request_body: Body, value: Any
) -> None:
    request_body["prefetch"]["laboratory"] = value

    with pytest.raises(Failure) as caught:
        gathered(world, request_body, LABORATORY)

    assert (caught.value.kind, caught.value.at) == (Kind.INVALID, "prefetch.laboratory")


def test_a_template_whose_token_did_not_come_is_not_read(world: Any, request_body: Body) -> None:
    del request_body["context"]["encounterId"]
    lend(request_body)

    record = gathered(world, request_body, STAY)

    assert record.obtained["stay"] is Obtained.NOT_OBTAINED
    assert world.reader.asked == []


@pytest.mark.parametrize(
    ("scope", "refused"),
    [
        ("patient/Patient.rs", "prefetch.observations"),
        ("patient/Observation.rs", "prefetch.patient"),
        ("patient/Observation.r patient/Patient.r", "prefetch.observations"),
        ("", "prefetch.patient"),
    ],
)
def test_what_the_scope_does_not_cover_is_not_asked_for(
    world: Any, request_body: Body, scope: str, refused: str
) -> None:
    request_body["prefetch"] = {}
    lend(request_body, scope=scope)

    answer = world.call(request_body)

    issue = answer.get_json()["issue"][0]
    assert (answer.status_code, issue["expression"]) == (412, [refused])
    assert "scope does not cover it" in issue["details"]["text"]
    assert world.reader.asked == []


def test_nothing_is_read_when_a_required_key_cannot_be(world: Any, request_body: Body) -> None:
    del request_body["prefetch"]["patient"]
    request_body["prefetch"]["observations"] = OUTCOME
    lend(request_body)

    assert world.call(request_body).status_code == 412
    assert world.reader.asked == []


def test_reads_get_the_life_of_the_token_when_it_is_shorter(
    world: Any, request_body: Body, patient: Body
) -> None:
    del request_body["prefetch"]["patient"]
    lend(request_body, expires_in=1)
    timeouts: list[float] = []

    class Timed:
        def get(self, address: str, *, token: str, timeout_s: float, at: str) -> Any:
            timeouts.append(timeout_s)
            return patient

    gathered(world, request_body, fhir=Timed())

    assert timeouts == [1.0]


# servers per client


@pytest.fixture
def stranger() -> Client:
    """An EHR that was registered without servers of its own."""
    return Client("ehr", "ward", "https://ehr.example.org", STRICT)


def read_for(world: Any, body: Body, client: Client) -> list[tuple[str, str]]:
    body["prefetch"].pop("patient")
    with pytest.raises(Failure):
        gathered(world, body, client=client)
    return list(world.reader.asked)


def test_a_registered_client_does_not_read_our_server_with_our_token(
    build: Any, request_body: Body, stranger: Client
) -> None:
    world = build(servers=Servers(OWN, SecretStr("ours"), own_by_default=True))

    assert read_for(world, request_body | {"fhirServer": OWN}, stranger) == []


def test_nor_does_it_by_naming_no_server(build: Any, request_body: Body, stranger: Client) -> None:
    world = build(servers=Servers(OWN, SecretStr("ours"), own_by_default=True))

    assert read_for(world, request_body, stranger) == []


def test_a_client_that_lists_our_server_reads_it_with_our_token(
    build: Any, request_body: Body, stranger: Client
) -> None:
    world = build(servers=Servers(OWN, SecretStr("ours")))
    client = replace(stranger, fhir_servers=(OWN,))

    asked = read_for(world, request_body | {"fhirServer": OWN}, client)

    assert asked == [(f"{OWN}/Patient/p-1", "ours")]


@pytest.mark.parametrize(
    ("own_list", "server", "read"),
    [
        ((), EHR, True),
        ((), "https://other.example.org/r4", False),
        (("https://other.example.org/r4",), "https://other.example.org/r4", True),
        (("https://other.example.org/r4",), EHR, False),
    ],
)
def test_a_clients_own_list_takes_the_place_of_the_common_one(
    world: Any,
    request_body: Body,
    stranger: Client,
    *,
    own_list: tuple[str, ...],
    server: str,
    read: bool,
) -> None:
    client = replace(stranger, fhir_servers=own_list)
    lend(request_body, server=server)

    assert (read_for(world, request_body, client) != []) is read


def test_a_fixed_server_is_the_only_one(world: Any, request_body: Body, stranger: Client) -> None:
    fixed = replace(PROFILES["oracle"], fhir_server="https://fixed.example.org/r4")
    lend(request_body)

    assert read_for(world, request_body, replace(stranger, profile=fixed)) == []


# what is noted


@pytest.mark.parametrize(
    ("change", "at"),
    [
        (lambda body: body["prefetch"]["patient"].update(id="p-2"), "prefetch.patient"),
        (
            lambda body: body["prefetch"]["observations"]["entry"][0]["resource"].update(
                subject={"reference": "Patient/p-2"}
            ),
            "prefetch.observations",
        ),
        (lambda body: lend(body, patient="p-2"), "fhirAuthorization.patient"),
    ],
)
def test_another_patient_anywhere_is_refused_and_noted_without_a_value(
    build: Any, request_body: Body, change: Any, at: str
) -> None:
    world = build(audit=Rows())
    change(request_body)

    answer = world.call(request_body)

    assert (answer.status_code, answer.get_json()["issue"][0]["expression"]) == (400, [at])
    assert world.scorer.asked == []
    assert world.deps.audit.rows == [
        (
            "patient-mismatch",
            {
                "tenant": "local",
                "client": "local",
                "service": "early-warning",
                "hook_instance": request_body["hookInstance"],
                "patient_id": "p-1",
                "at": at,
            },
        )
    ]


def test_a_server_that_answers_with_another_patient_is_noted(
    build: Any, request_body: Body
) -> None:
    world = build(audit=Rows())
    del request_body["prefetch"]["patient"]
    lend(request_body)
    world.reader.pages = {f"{EHR}/Patient/p-1": {"resourceType": "Patient", "id": "p-2"}}

    assert world.call(request_body).status_code == 412
    assert [ids["at"] for _, ids in world.deps.audit.rows] == ["fhirServer, patient"]


def test_a_mismatch_that_cannot_be_noted_is_no_answer(build: Any, request_body: Body) -> None:
    class Away:
        def write(self, event: str, **ids: str) -> None:
            raise Failure(Kind.UNAVAILABLE, "the database is not available")

    request_body["prefetch"]["patient"]["id"] = "p-2"

    assert build(audit=Away()).call(request_body).status_code == 503


# at the same time


class Meeting:
    """A FHIR server whose reads wait for one another: in turn they would never end."""

    def __init__(self, answers: Sequence[Any]) -> None:
        self.barrier = Barrier(len(answers), timeout=5.0)
        self.answers = {("Patient" in str(one.get("resourceType"))): one for one in answers}

    def get(self, address: str, *, token: str, timeout_s: float, at: str) -> Any:
        try:
            self.barrier.wait()
        except BrokenBarrierError:
            raise Failure(Kind.UNAVAILABLE, "alone", at=at) from None
        return self.answers["/Patient/" in address]


def test_keys_are_read_at_the_same_time(
    world: Any, request_body: Body, patient: Body, bundle: Body, pulse: Body
) -> None:
    request_body["prefetch"] = {}
    lend(request_body)

    record = gathered(world, request_body, fhir=Meeting([patient, bundle]), together=Threads(2))

    assert record.resources == (patient, pulse)


def test_what_is_not_done_in_time_is_a_failure_and_the_rest_is_kept() -> None:
    held = Barrier(2, timeout=5.0)

    ended = Threads(2).run([lambda: 1, held.wait], timeout_s=0.05)

    held.wait()
    assert ended[0] == 1
    assert isinstance(ended[1], Failure)
    assert ended[1].kind is Kind.UNAVAILABLE
