"""From a patient's consent by a vendor's notice to an Observation, over HTTP, for each vendor."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from tests.devices.afar import World, world
from tests.devices.harness import NOW
from tests.devices.sandboxed import bp, one

from wherry.ports import State

MORNING, NOON = (NOW - timedelta(hours=hours) for hours in (4, 1))
CUFF, GLUCOSE, PULSE = ("8480-6",), ("99504-3", "2339-0", "41653-7"), ("8867-4",)


@dataclass(frozen=True)
class Case:
    """What one vendor's people measure first and later, and what becomes of it."""

    vendor: str
    codes: tuple[str, ...]
    first: dict[str, Any]
    later: dict[str, Any]
    numbers: tuple[str, str]
    tells: bool = True


CASES = [
    Case("withings", CUFF, bp(MORNING.isoformat(), 143), bp(NOON.isoformat(), 121), ("143", "121")),
    Case("omron", CUFF, bp(MORNING.isoformat(), 143), bp(NOON.isoformat(), 121), ("143", "121")),
    Case(
        "google-health",
        PULSE,
        one("heart_rate", MORNING.isoformat(), 64),
        one("heart_rate", NOON.isoformat(), 71),
        ("64", "71"),
    ),
    Case(
        "dexcom",
        GLUCOSE,
        one("glucose", MORNING.isoformat(), 110),
        one("glucose", NOON.isoformat(), 98),
        ("110", "98"),
        tells=False,
    ),
    Case(
        "ihealth",
        CUFF,
        bp(MORNING.isoformat(), 143),
        bp(NOON.isoformat(), 121),
        ("143", "121"),
        tells=False,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.vendor)
def test_consent_notice_pull_inbox_fhir(case: Case) -> None:
    with world() as at:
        at.clouds.person(case.vendor)
        at.clouds.measure(case.vendor, case.first)
        at.connect(case.vendor)
        if case.tells:
            at.tell(case.vendor)

        assert at.house.fetch() == 1
        assert at.house.numbers(*case.codes) == [case.numbers[0]]

        at.house.connections.time_s += 120
        assert at.house.fetch() == 0  # nobody said anything, and it is not time yet
        told = at.clouds.post(
            f"/people/{case.vendor}/made-up-1/readings", {"readings": [case.later]}
        )
        assert told.json is not None
        if case.tells:
            assert told.json["told"][0] in (200, 204)
            at.house.work()
        else:
            at.house.connections.time_s += 900
        assert at.house.fetch() == 1

        assert at.house.numbers(*case.codes) == list(case.numbers)
        assert set(at.house.inbox.counts()) == {("devices", State.DONE)}
        for again in (901, 901):
            at.house.connections.time_s += again
            at.house.fetch()
        assert at.house.numbers(*case.codes) == list(case.numbers)
        assert len(at.house.fhir.all("Patient")) == 2


def test_a_notice_at_a_wrong_path_moves_nobody() -> None:
    with world() as at:
        at.clouds.person("omron")
        at.connect("omron")
        at.house.fetch()
        hook = f"{at.house.here}/v1/sources/omron/{'x' * 30}"
        at.clouds.deps.state.person("omron", "made-up-1").callbacks.append(hook)
        at.house.connections.time_s += 120

        told = at.clouds.post(
            "/people/omron/made-up-1/readings", {"readings": [bp(NOON.isoformat())]}
        )

        assert told.json is not None
        assert told.json["told"] == [404]
        assert at.house.fetch() == 0


def revoked(at: World, vendor: str) -> bool:
    """Whether the consent is over at the vendor."""
    return (vendor, "made-up-1") not in at.clouds.deps.grants.refresh.values()


@pytest.mark.parametrize("vendor", ["withings", "google-health"])
def test_a_connection_that_is_ended_is_ended_at_the_vendor_too(vendor: str) -> None:
    with world() as at:
        at.clouds.person(vendor)
        at.connect(vendor)
        [connection] = at.house.connections.search()

        answer = at.http.delete(
            f"{at.house.here}/v1/connections/{connection.id}", params={"by": "nurse 7"}
        )

        assert (answer.status_code, answer.json()["vendor_told"]) == (200, True)
        assert revoked(at, vendor)
