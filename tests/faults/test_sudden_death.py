"""What is flushed, hangs or dies with a claim: what was acknowledged is stored once, in order.

Real processes; all data are synthetic. Those that are killed under load: `test_under_fire.py`.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from inspect import signature

import pytest
from redis import Redis
from tests.faults.fragile import MESSAGES, FragileHouse, Sender
from tests.life.house import TOKEN, wait_for

from wherry.adapters.fhir_http import HttpFhir
from wherry.adapters.http import session
from wherry.adapters.inbox_desk import SqlInboxDesk
from wherry.adapters.rq_worker import run_worker
from wherry.adapters.sql import make_engine
from wherry.ports import State
from wherry_hl7.settings import Settings

pytestmark = pytest.mark.slow

LEASE_S = 2.0
UNFINISHED = (State.WAITING, State.CLAIMED)


@pytest.fixture(scope="module")
def house(
    tmp_path_factory: pytest.TempPathFactory, redis_server_url: str
) -> Iterator[FragileHouse]:
    with Redis.from_url(redis_server_url) as redis, pytest.MonkeyPatch.context() as patch:
        redis.flushall()
        patch.setenv("WHERRY_HL7_LEASE_S", str(LEASE_S))
        rooms = FragileHouse(tmp_path_factory.mktemp("house"), redis_server_url)
        try:
            rooms.enter("inbox-tables", "ehr-tables")
            rooms.enter("ehr", "hl7-feed", "hl7-worker")
            yield rooms
        finally:
            rooms.close()


@pytest.fixture
def desk(house: FragileHouse) -> Iterator[SqlInboxDesk]:
    engine = make_engine(house.database_url)
    yield SqlInboxDesk(engine)
    engine.dispose()


@pytest.fixture
def flush(redis_server_url: str) -> Iterator[Callable[[], object]]:
    with Redis.from_url(redis_server_url) as redis:
        yield redis.flushall


def finished(desk: SqlInboxDesk) -> bool | None:
    return not any(desk.counts().get(("hl7", state)) for state in UNFINISHED) or None


def stored(house: FragileHouse, mrn: str) -> Mapping[str, list[tuple[int, str]]]:
    """Values and versions by code, of everything that is stored for one patient."""
    fhir = HttpFhir(house.at.fhir, session(token=TOKEN))
    (patient,) = fhir.search("Patient", {"identifier": mrn})
    found: dict[str, list[tuple[int, str]]] = {}
    for one in fhir.search("Observation", {"patient": patient["id"]}):
        value = int(one["valueQuantity"]["value"])
        version = one["meta"]["versionId"]
        found.setdefault(one["code"]["coding"][0]["code"], []).append((value, version))
    return found


def check(house: FragileHouse, sender: Sender) -> None:
    for mrn in sender.patients():
        found = stored(house, mrn)

        assert sorted(found["8867-4"]) == [(number, "1") for number in range(MESSAGES)]
        assert [value for value, _ in found["8310-5"]] == [MESSAGES - 1]


def test_a_flushed_redis_costs_nothing(
    house: FragileHouse, desk: SqlInboxDesk, flush: Callable[[], object]
) -> None:
    with Sender(house, "flush") as sender:
        for count in (20, 60, 100):
            sender.wait_until_acked(count)
            flush()

    flush()
    wait_for(lambda: finished(desk))
    check(house, sender)


def test_messages_are_acknowledged_while_the_fhir_server_hangs(
    house: FragileHouse, desk: SqlInboxDesk
) -> None:
    with house.asleep("ehr"), Sender(house, "hang") as sender:
        sender.wait_until_acked(sender_total := len(sender.patients()) * MESSAGES)

        assert sum(desk.counts().get(("hl7", state), 0) for state in UNFINISHED) == sender_total

    wait_for(lambda: finished(desk))
    check(house, sender)


def test_the_claim_of_a_dead_worker_is_taken_over(house: FragileHouse, desk: SqlInboxDesk) -> None:
    with house.asleep("ehr"):
        with Sender(house, "claim") as sender:
            pass
        (claimed, *_) = wait_for(lambda: desk.search(state=State.CLAIMED, limit=100) or None)
        house.kill("hl7-worker")
    house.enter("hl7-worker")

    wait_for(lambda: finished(desk))
    after = desk.get(claimed.id)
    assert (after.state, after.attempts) == (State.DONE, claimed.attempts + 1)
    check(house, sender)


def test_a_worker_that_sleeps_through_its_lease_does_no_harm_when_it_wakes(
    house: FragileHouse, desk: SqlInboxDesk
) -> None:
    house.enter("hl7-worker-2")
    with Sender(house, "sleep") as sender:
        for count in (20, 60, 100):
            sender.wait_until_acked(count)
            with house.asleep("hl7-worker"):
                time.sleep(LEASE_S * 1.2)

    wait_for(lambda: finished(desk))
    check(house, sender)
    assert desk.search(state=State.ASIDE, limit=1) == []


def test_the_default_lease_and_the_sweep_fit_into_ten_seconds() -> None:
    swept_every_s = signature(run_worker).parameters["sweep_every_s"].default

    assert Settings.model_fields["lease_s"].default + swept_every_s < 10.0
