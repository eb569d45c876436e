"""Clouds that fail on purpose, over HTTP: nothing is lost, nothing doubled, nobody else waits."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.devices.afar import Afar, World, world
from tests.devices.harness import NOW
from tests.devices.sandboxed import bp, one

from wherry.errors import Failure, Kind
from wherry.ports import State
from wherry_devices.accounts.connections import Access
from wherry_devices.accounts.registration import Registration
from wherry_devices.vendors import VENDORS
from wherry_devices.vendors.protocol import Answer, Request

CODES = {"weight": ("29463-7",), "glucose": ("99504-3", "2339-0", "41653-7"), "bp": ("8480-6",)}
KIND = {"dexcom": "glucose", "omron": "bp"}
COUNT = 9


def readings(vendor: str) -> list[dict[str, Any]]:
    """One every 25 hours, the oldest first; their numbers go up from 100."""
    kind = KIND.get(vendor, "weight")
    made = []
    for number in range(COUNT):
        at = (NOW - timedelta(hours=25 * (COUNT - number))).isoformat()
        made.append(bp(at, 100 + number, 60) if kind == "bp" else one(kind, at, 100 + number))
    return made


def numbers(at: World, vendor: str) -> list[int]:
    found = at.house.numbers(*CODES[KIND.get(vendor, "weight")])
    grams = 1000 if vendor == "google-health" else 1
    return [round(Decimal(text) / grams) for text in found]


WANTED = list(range(100, 100 + COUNT))


def connected(at: World, vendor: str) -> None:
    at.clouds.person(vendor)
    at.clouds.measure(vendor, *readings(vendor))
    at.connect(vendor)


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("kind", ["throttle", "error", "drop", "malformed"])
def test_a_fault_in_the_midst_of_a_run_loses_and_doubles_nothing(vendor: str, kind: str) -> None:
    with world(page_size=2) as at:
        connected(at, vendor)
        value = {"throttle": 7, "error": 503}.get(kind, 0)
        at.clouds.fault(vendor, kind, value=value, skip=1)

        at.house.fetch()
        [broken] = at.house.connections.search()
        waiting = at.house.fetch()
        at.house.connections.time_s += 1000
        at.house.fetch()

        [mended] = at.house.connections.search()
        assert (broken.failures, waiting) == (1, 0)
        assert broken.trouble == {"throttle": "busy", "malformed": "malformed"}.get(kind, "away")
        assert (mended.failures, mended.trouble) == (0, "")
        assert numbers(at, vendor) == WANTED
        assert {len(each) for each in at.house.fhir.versions.values()} == {1}


@pytest.mark.parametrize(("kind", "most_s"), [("throttle", 61), ("error", 30)])
def test_a_vendor_is_asked_again_soon_but_not_before_it_wants_to(kind: str, most_s: int) -> None:
    with world() as at:
        connected(at, "withings")
        at.clouds.fault("withings", kind, value=40 if kind == "throttle" else 500)
        at.house.fetch()

        at.house.connections.time_s += 5
        too_early = at.house.fetch()
        at.house.connections.time_s += most_s
        assert (too_early, at.house.fetch()) == (0, 1)
        assert numbers(at, "withings") == WANTED


def test_a_vendor_in_trouble_holds_up_no_other() -> None:
    with world() as at:
        for vendor in ("withings", "ihealth"):
            connected(at, vendor)
        at.clouds.fault("withings", "error", value=500, times=50)

        assert at.house.fetch() == 2

        assert numbers(at, "ihealth") == WANTED


def test_a_page_that_cannot_be_read_is_set_aside_and_the_next_is_not_delayed() -> None:
    with world(page_size=1) as at:
        at.clouds.person("withings")
        bad = {**readings("withings")[0], "extra": {"date": "soon"}}
        at.clouds.measure("withings", bad, *readings("withings")[1:])
        at.connect("withings")

        at.house.fetch()

        assert at.house.inbox.counts() == {
            ("devices", State.ASIDE): 1,
            ("devices", State.DONE): COUNT - 1,
        }
        assert numbers(at, "withings") == WANTED[1:]


@pytest.mark.parametrize("vendor", VENDORS)
def test_an_access_token_that_ended_early_is_renewed_once_and_nothing_is_lost(vendor: str) -> None:
    with world(page_size=2) as at:
        connected(at, vendor)
        at.clouds.post(f"/people/{vendor}/made-up-1/expire", {})

        assert at.house.fetch() == 1

        assert numbers(at, vendor) == WANTED
        assert at.clouds.deps.grants.renewed == {(vendor, "made-up-1"): 1}


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_refused_refresh_says_that_the_consent_is_over(vendor: str) -> None:
    with world() as at:
        connected(at, vendor)
        at.house.fetch()
        at.clouds.post(f"/people/{vendor}/made-up-1/revoke", {})
        at.house.connections.time_s += 1000
        at.house.fetch()

        [connection] = at.house.connections.search()

        assert connection.access is Access.REFUSED
        assert numbers(at, vendor) == WANTED


class Killed(BaseException):
    """The process is gone."""


class Mortal:
    """A cloud whose asker dies after so many answers for data; the answer never arrives."""

    def __init__(self, house: Afar, lives: int) -> None:
        self._cloud = house.clouds().cloud
        self._lives = lives

    def ask(self, registration: Registration, request: Request, *, token: str = "") -> Answer:
        if token:
            self._lives -= 1
            if self._lives < 0:
                raise Killed
        return self._cloud.ask(registration, request, token=token)


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("lives", [1, 2, 3])
def test_a_fetcher_that_is_killed_between_pages_loses_and_doubles_nothing(
    vendor: str, lives: int
) -> None:
    with world(page_size=2) as at:
        connected(at, vendor)
        at.house.mortal = Mortal(at.house, lives)
        with pytest.raises(Killed):
            at.house.fetch()
        at.house.mortal = None

        at.house.connections.time_s += 61
        at.house.fetch()

        assert numbers(at, vendor) == WANTED
        assert {len(each) for each in at.house.fhir.versions.values()} == {1}


def test_nothing_is_fetched_past_an_inbox_that_is_away() -> None:
    with world(page_size=2) as at:
        connected(at, "withings")
        at.house.inbox.away = True
        with pytest.raises(Failure) as caught:
            at.house.fetch()
        at.house.inbox.away = False

        at.house.connections.time_s += 61
        at.house.fetch()

        assert caught.value.kind is Kind.UNAVAILABLE
        assert numbers(at, "withings") == WANTED


def test_no_name_number_or_token_of_a_failing_cloud_is_told(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with world() as at:
        connected(at, "ihealth")
        for kind in ("drop", "malformed", "error"):
            at.clouds.fault("ihealth", kind, value=500)
            at.house.fetch()
            at.house.connections.time_s += 1000

        told = caplog.text + "".join(capsys.readouterr())

    assert "fetch_failed" in told
    secrets = [*at.clouds.deps.grants.access, *at.clouds.deps.grants.refresh, "sandbox-secret"]
    assert not [one for one in (*secrets, "made-up-1 ", "/user/made-up-1") if one in told]
