"""PostgreSQL is away or somebody sleeps with its locks: no acknowledgment, and all goes on after.

Real processes and a real PostgreSQL; all data are synthetic.
"""

import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from tests.faults.families import Family
from tests.faults.fire import BurningHouse, burning
from tests.faults.load import until
from tests.faults.witness import Findings, examine

from wherry.adapters.inbox_sql import SqlInbox
from wherry.adapters.migrate import upgrade
from wherry.adapters.sql import make_engine
from wherry.errors import Failure, Kind
from wherry.hl7.mllp_client import MllpClient
from wherry.ports import Arrival, State

pytestmark = pytest.mark.slow

WITHIN_S = 60.0
PATIENCE_S = 0.3
KEEPING = "SELECT pg_advisory_xact_lock(7201, hashtext(''))"


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BurningHouse]:
    with burning(tmp_path_factory.mktemp("away"), "postgresql", {}) as made:
        yield made


def answers(house: BurningHouse, message: bytes) -> str:
    """MSA-1, or what happened instead."""
    try:
        with MllpClient("127.0.0.1", house.rooms.at.port("mllp"), timeout_s=WITHIN_S) as client:
            return client.send(message).split(b"\rMSA|")[1][:2].decode()
    except Failure as failure:
        return failure.detail


def test_while_the_database_is_away_lines_are_closed_and_after_it_all_is_stored(
    house: BurningHouse,
) -> None:
    family = Family("away", 12)
    said = [answers(house, family.message(number)) for number in range(4)]
    assert house.postgres is not None

    house.postgres.kill()
    gone = [answers(house, family.message(4)) for _ in range(3)]
    alive = all(house.rooms.alive(name) for name in ("hl7-feed", "hl7-worker", "ehr"))
    house.postgres.start()
    assert until(lambda: answers(house, family.message(4)) == "AA", WITHIN_S)
    said += [answers(house, family.message(number)) for number in range(5, family.count)]

    assert until(house.drained, WITHIN_S)
    assert gone == ["the peer closed without an acknowledgment"] * 3
    assert (alive, set(said), house.count(State.ASIDE)) == (True, {"AA"}, 0)
    assert examine(family, house.fhir) == Findings(stored=family.count)


@pytest.fixture
def engine(postgres_url: str) -> Iterator[Engine]:
    upgrade(postgres_url)
    made = make_engine(postgres_url, busy_timeout_s=PATIENCE_S)
    yield made
    made.dispose()


def test_who_waits_for_a_lock_gives_up_and_who_sleeps_with_it_loses_it(engine: Engine) -> None:
    inbox, asleep, wake = SqlInbox(engine), threading.Event(), threading.Event()

    def sleeper() -> None:
        connection = engine.connect()
        connection.execute(text(KEEPING))
        asleep.set()
        wake.wait(WITHIN_S)
        connection.invalidate()
        connection.close()

    sleeping = threading.Thread(target=sleeper)
    sleeping.start()
    assert asleep.wait(WITHIN_S)
    began_s = time.monotonic()
    with pytest.raises(Failure) as caught:
        inbox.receive([Arrival("hl7", b"synthetic")])
    gave_up_after_s = time.monotonic() - began_s

    kept = until(lambda: bool(_received(inbox)), WITHIN_S)
    wake.set()
    sleeping.join()

    assert caught.value.kind is Kind.UNAVAILABLE
    assert gave_up_after_s < PATIENCE_S * 10
    assert kept


def _received(inbox: SqlInbox) -> list[object]:
    try:
        return list(inbox.receive([Arrival("hl7", b"synthetic")]))
    except Failure:
        return []
