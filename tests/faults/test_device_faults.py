"""Readings at home while a part dies, hangs or is away: none lost, none twice, none out of order.

Real processes; all data are synthetic. Each test has people of its own.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import pytest
from tests.faults.fragile import FragileHouse
from tests.faults.home import PULSE, SOURCE, WEIGHT, Cloud, Wearer, examine, post
from tests.faults.servers import RedisServer
from tests.faults.witness import Findings
from tests.life.house import TOKEN, wait_for

from wherry.adapters.fhir_http import HttpFhir
from wherry.adapters.http import session
from wherry.adapters.inbox_desk import SqlInboxDesk
from wherry.adapters.sql import make_engine
from wherry.codec import decode
from wherry.fhir.bundle import transaction
from wherry.ports import State
from wherry.resource import EntryRequest
from wherry.suite.demo.web import Service

pytestmark = pytest.mark.slow

PEOPLE, PAYLOADS = 3, 12
LEASE_S = 2.0
UNFINISHED = (State.WAITING, State.CLAIMED)
POISON = (
    b"no JSON",
    b'{"status": 0, "body": {"measuregrps": 7}}',
    b'{"status": 0, "body": {"measuregrps": [{"grpid": 1, "date": "x", "deviceid": "d"}]}}',
    b"[" * 2_000,
    b'{"data": [{"type": "someone else"}]}',
)


@dataclass
class Home:
    """A house with devices, and what tests do with it."""

    rooms: FragileHouse
    redis: RedisServer
    desk: SqlInboxDesk
    database: Path
    fhir: HttpFhir = field(init=False)
    url: str = field(init=False)
    aside: int = 0

    def __post_init__(self) -> None:
        self.fhir = HttpFhir(self.rooms.at.fhir, session(token=TOKEN))
        self.url = self.rooms.at.url("devices")

    def people(self, name: str, count: int = PAYLOADS, people: int = PEOPLE) -> list[Wearer]:
        """New patients with a bound cuff each; what lies aside from now on is of them."""
        self.aside = self.count(State.ASIDE)
        with closing(Service("devices", self.url)) as devices:
            made = []
            for n in range(people):
                patient = self.fhir.create({"resourceType": "Patient"})
                one = Wearer(f"{name}{n}", patient, count)
                devices.put(
                    "/v1/bindings",
                    {
                        "source": SOURCE,
                        "device": one.device,
                        "patient": patient,
                        "valid_from": "2020-01-01T00:00:00Z",
                        "verified_by": "test",
                    },
                )
                made.append(one)
            return made

    def send(self, people: list[Wearer]) -> list[Cloud]:
        """Begin to send all of these people's payloads, side by side."""
        clouds = [Cloud(self.url, one) for one in people]
        for cloud in clouds:
            cloud.start()
        return clouds

    def count(self, *states: State) -> int:
        """How many payloads are in these states."""
        counts = self.desk.counts()
        return sum(counts.get(("devices", state), 0) for state in states)

    def drained(self) -> bool | None:
        """Whether every payload has ended."""
        return not self.count(*UNFINISHED) or None

    def flawless(self, people: list[Wearer], clouds: list[Cloud]) -> None:
        """Everything was answered 202 in the end, and is stored once and in order."""
        for cloud in clouds:
            cloud.join(60.0)
            assert not cloud.is_alive()
        wait_for(self.drained)
        assert [cloud.kept for cloud in clouds] == [one.count for one in people]
        assert examine(people, self.fhir) == Findings(stored=sum(one.count for one in people))
        assert self.count(State.ASIDE) == self.aside


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    directory = tmp_path_factory.mktemp("devices")
    redis = RedisServer(directory / "redis")
    settings = {"WHERRY_DEVICES_LEASE_S": str(LEASE_S)}
    rooms = FragileHouse(directory, redis.url, settings=settings)
    engine = make_engine(rooms.database_url)
    try:
        redis.start()
        rooms.enter("inbox-tables", "ehr-tables")
        rooms.enter("devices-tables")
        rooms.enter("ehr", "devices", "devices-worker")
        yield Home(rooms, redis, SqlInboxDesk(engine), directory / "wherry.db")
    finally:
        engine.dispose()
        rooms.close()
        redis.kill()


def test_the_claim_of_a_worker_that_was_killed_is_taken_over(home: Home) -> None:
    people = home.people("claim")
    with home.rooms.asleep("ehr"):
        clouds = home.send(people)
        (claimed, *_) = wait_for(lambda: home.desk.search(state=State.CLAIMED, limit=100) or None)
        home.rooms.kill("devices-worker")
    home.rooms.enter("devices-worker")

    home.flawless(people, clouds)

    after = home.desk.get(claimed.id)
    assert (after.state, after.attempts) == (State.DONE, claimed.attempts + 1)


def test_payloads_are_kept_while_the_fhir_server_is_away_and_land_after_it(home: Home) -> None:
    people = home.people("away")
    home.rooms.kill("ehr")
    clouds = home.send(people)
    for cloud in clouds:
        cloud.join(60.0)
    waiting = home.count(*UNFINISHED)
    home.rooms.enter("ehr")

    home.flawless(people, clouds)

    assert waiting == PEOPLE * PAYLOADS


def test_a_flushed_redis_costs_nothing(home: Home) -> None:
    people = home.people("flush")
    clouds = home.send(people)
    for count in (6, 18, 30):
        until_kept(clouds, count)
        home.redis.flush()

    home.flawless(people, clouds)


def test_a_payload_that_was_kept_but_never_answered_is_sent_again_and_stored_once(
    home: Home,
) -> None:
    people = home.people("unheard", people=1)
    before = home.count(*State)
    home.redis.suspend(True)  # the service waits for it between the commit and its answer
    try:
        clouds = home.send(people)
        wait_for(lambda: home.count(*State) > before or None)
        unheard = clouds[0].kept
        home.rooms.kill("devices")
    finally:
        home.redis.suspend(False)
    home.rooms.enter("devices")

    home.flawless(people, clouds)

    assert unheard == 0
    assert clouds[0].sent > PAYLOADS
    assert home.count(*State) - before > PAYLOADS  # one of them twice


def test_a_service_that_is_killed_again_and_again_loses_nothing_that_it_answered(
    home: Home,
) -> None:
    people = home.people("killed")
    clouds = home.send(people)
    for count in (5, 17, 29):
        until_kept(clouds, count)
        home.rooms.kill("devices")
        home.rooms.enter("devices")

    home.flawless(people, clouds)


def test_while_somebody_has_the_database_locked_senders_are_told_and_all_goes_on_after(
    home: Home,
) -> None:
    people = home.people("locked")
    with closing(sqlite3.connect(home.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        clouds = home.send(people)
        time.sleep(2.0)
        meanwhile = sum(cloud.kept for cloud in clouds)
        other.execute("ROLLBACK")

    home.flawless(people, clouds)

    assert meanwhile == 0


def test_poison_is_set_aside_and_delays_the_next_payload_by_less_than_a_second(home: Home) -> None:
    people = home.people("poison", count=2, people=1)
    alone_s = until_stored(home, lambda: None, people[0].payload(0))

    after_s = until_stored(home, lambda: poison(home), people[0].payload(1))

    wait_for(home.drained)
    assert home.count(State.ASIDE) - home.aside == len(POISON)
    assert after_s - alone_s < 1.0
    assert examine(people, home.fhir) == Findings(stored=2)


def poison(home: Home) -> None:
    """Send all of it; each is kept."""
    with session() as web:
        assert [post(web, home.url, body) for body in POISON] == [202] * len(POISON)


def until_stored(home: Home, first: Callable[[], None], body: bytes) -> float:
    """Seconds from when it is sent, after something else, until it is stored."""
    with closing(Service("devices", home.url)) as devices:
        first()
        began_s = time.monotonic()
        id_ = devices.post(f"/v1/sources/{SOURCE}", decode(body))["id"]
        wait_for(lambda: home.desk.get(id_).state is State.DONE or None)
        return time.monotonic() - began_s


def until_kept(clouds: list[Cloud], count: int) -> None:
    """Go on in the middle of the load."""
    wait_for(lambda: sum(cloud.kept for cloud in clouds) >= count or None)


def test_what_is_lost_doubled_or_out_of_order_would_be_noticed(home: Home) -> None:
    (one,) = people = home.people("witness", count=3, people=1)
    home.flawless(people, home.send(people))
    stored = home.fhir.search("Observation", {"patient": one.patient})
    pulse, weight = (
        next(each for each in stored if each["code"]["coding"][0]["code"] == code)
        for code in (PULSE, WEIGHT)
    )

    assert examine([replace(one, count=4)], home.fhir).lost == ["witness0-3"]

    home.fhir.create({name: pulse[name] for name in pulse if name not in ("id", "identifier")})
    old = {**weight, "valueQuantity": {**weight["valueQuantity"], "value": Decimal("60.001")}}
    put: EntryRequest = {"method": "PUT", "url": f"Observation/{old['id']}"}
    home.fhir.send(transaction([{"resource": old, "request": put}]))
    found = examine(people, home.fhir)

    assert len(found.doubled) == 1
    assert found.disordered == ["witness0: 1 after 2", "witness0: the last weight is of 1"]
