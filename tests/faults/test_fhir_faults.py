"""The FHIR server or Redis is away, busy or silent: messages are acknowledged, and land once.

Real processes; a proxy that misbehaves stands before the FHIR server. All data are synthetic.
"""

import time
from collections.abc import Iterator

import pytest
from tests.faults.families import Family
from tests.faults.fire import BurningHouse, burning
from tests.faults.fragile import FragileHouse
from tests.faults.load import Engine, Gate, until
from tests.faults.proxy import DELAYS, FORGETS, HANGS, TEARS, Fault, Proxy
from tests.faults.witness import Findings, examine

from wherry.ports import State

pytestmark = pytest.mark.slow

COUNT = 16
ENDS_WITHIN_S = 60.0
RETRY_AFTER_S = 3
WORKERS = ("hl7-worker", "hl7-worker-2")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[BurningHouse, Proxy]]:
    proxy = Proxy()

    def prepare(rooms: FragileHouse) -> None:
        proxy.target = rooms.at.fhir
        proxy.open()
        for worker in WORKERS:
            rooms.equip(worker, {"WHERRY_FHIR_URL": proxy.url, "WHERRY_FHIR_TIMEOUT_S": "0.5"})

    with burning(tmp_path_factory.mktemp("faults"), "sqlite", {}, prepare) as house:
        yield house, proxy
    proxy.close()


def send_all(house: BurningHouse, family: Family) -> int:
    """Send a family's messages; how many were acknowledged."""
    gate = Gate()
    gate.open_until = family.count
    engine = Engine(house.rooms.at.port("mllp"), [family], gate)
    engine.start()
    engine.join(ENDS_WITHIN_S)
    gate.over = True
    return gate.acked


def ended(house: BurningHouse, family: Family) -> tuple[int, Findings]:
    """How many lie aside, and what is stored, when nothing waits any more."""
    assert until(house.drained, ENDS_WITHIN_S), "it did not drain"
    return house.count(State.ASIDE), examine(family, house.fhir)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("broken", Fault(500)),
        ("stale", Fault(412)),
        ("hangs", HANGS),
        ("forgets", FORGETS),
        ("tears", TEARS),
        ("delays", DELAYS),
    ],
)
def test_a_fhir_server_that_misbehaves_costs_nothing_but_time(
    place: tuple[BurningHouse, Proxy], name: str, fault: Fault
) -> None:
    house, proxy = place
    family = Family(f"{name}-", COUNT)
    with proxy.failing(fault):
        before = proxy.faults
        acked = send_all(house, family)
        happened = until(lambda: proxy.faults > before, ENDS_WITHIN_S)
        time.sleep(1.0)

    aside, found = ended(house, family)

    assert (acked, happened, aside) == (COUNT, True, 0)
    assert found == Findings(stored=COUNT)


def test_a_fhir_server_that_is_away_costs_nothing_but_time(
    place: tuple[BurningHouse, Proxy],
) -> None:
    house, proxy = place
    family = Family("away-", COUNT)
    with proxy.away():
        acked = send_all(house, family)
        time.sleep(2.0)
        unfinished = house.count(State.WAITING, State.CLAIMED)

    aside, found = ended(house, family)

    assert (acked, unfinished, aside) == (COUNT, COUNT, 0)
    assert found == Findings(stored=COUNT)


def test_a_busy_fhir_server_is_left_alone_for_as_long_as_it_wants(
    place: tuple[BurningHouse, Proxy],
) -> None:
    house, proxy = place
    family = Family("busy-", COUNT)
    before = len(proxy.asked_s)
    busy = Fault(429, {"Retry-After": str(RETRY_AFTER_S)})
    with proxy.failing(busy):
        acked = send_all(house, family)
        assert until(lambda: len(proxy.asked_s) > before, ENDS_WITHIN_S)
        time.sleep(RETRY_AFTER_S / 2)
        first = proxy.asked_s[before:]

    aside, found = ended(house, family)
    again_after_s = min(at - first[-1] for at in proxy.asked_s[before + len(first) :])

    assert (acked, aside) == (COUNT, 0)
    assert found == Findings(stored=COUNT)
    assert len(first) <= len(WORKERS)
    assert again_after_s >= RETRY_AFTER_S - (first[-1] - first[0]) - 0.1


def test_a_redis_that_hangs_holds_back_no_acknowledgment(
    place: tuple[BurningHouse, Proxy],
) -> None:
    house, _ = place
    family = Family("redis-", COUNT)
    house.redis.suspend(True)
    try:
        acked = send_all(house, family)
    finally:
        house.redis.suspend(False)

    aside, found = ended(house, family)

    assert (acked, aside) == (COUNT, 0)
    assert found == Findings(stored=COUNT)
