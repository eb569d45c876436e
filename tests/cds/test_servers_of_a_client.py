"""Which server a client's calls are read from, and what is noted of other patients."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr
from tests.cds.lent import (
    EHR,
    OWN,
    Body,
    Rows,
    gathered,
    lend,
)

from wherry.errors import Failure, Kind
from wherry_cds.clients.client import Client
from wherry_cds.clients.profile import PROFILES, STRICT
from wherry_cds.deps import Servers

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
