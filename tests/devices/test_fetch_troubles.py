"""A vendor who refuses, is busy, away or talks nonsense; notices; nothing of it told in logs."""

from dataclasses import replace

import pytest
from structlog.testing import capture_logs
from tests.devices.fake_withings import said
from tests.devices.fetched import AWAY, connected, lent, pulses, reading, work
from tests.devices.harness import NOW, House

from wherry.errors import Failure
from wherry.ports import State
from wherry_devices.accounts.connections import Access, Lent, Tokens
from wherry_devices.accounts.fetching import fetch
from wherry_devices.fetcher import fetch_due
from wherry_devices.vendors.protocol import Answer, Request


def test_a_refusal_is_seen_and_never_tried_again(house: House) -> None:
    made = connected(house)
    house.withings.refresh = "made-up-other"
    work(house)
    asked = len(house.withings.asked)
    house.connections.time_s += 10**6

    assert work(house) == 0
    assert len(house.withings.asked) == asked
    [seen] = house.connections.search()
    assert (seen.access, seen.trouble) == (Access.REFUSED, "refused")
    assert house.connections.standing([made.key])[made.key].access_refused


def test_a_token_that_was_given_just_now_and_is_not_taken_is_believed_when_it_stays(
    house: House,
) -> None:
    connected(house)
    troubles = []
    for _ in range(3):
        house.withings.troubles = [None, Answer(401, b"")]
        kept = house.connections.rows[house.connections.search()[0].id]
        kept.tokens = replace(kept.tokens, expires_at=NOW)
        work(house)
        [seen] = house.connections.search()
        troubles.append((seen.access, seen.trouble))
        house.connections.time_s += 901

    assert troubles == [
        (Access.ACTIVE, "unauthorized"),
        (Access.ACTIVE, "unauthorized"),
        (Access.REFUSED, "refused"),
    ]


def test_an_outage_of_a_vendors_sign_in_does_not_cost_everybody_their_consent(
    house: House,
) -> None:
    for number in range(12):
        connected(house, account=f"acc-{number}")
    house.withings.troubles = [said(401)] * 99

    for _ in range(60):  # two minutes
        work(house)
        house.connections.time_s += 2

    states = [one.access for one in house.connections.search()]
    assert states.count(Access.REFUSED) <= 10
    assert house.connections.figures().away == {"withings": True}


def test_without_a_refresh_token_the_consent_is_over_with_the_access_token(house: House) -> None:
    made = connected(house)
    kept = house.connections.rows[made.id]
    kept.tokens = replace(kept.tokens, refresh_token="")

    work(house)

    assert house.withings.asked == []
    assert kept.connection.access is Access.REFUSED


@pytest.mark.parametrize(
    ("answer", "trouble", "least_s", "pauses_vendor"),
    [
        (Answer(429, b"", retry_after_s=120), "busy", 120, True),
        (said(601), "busy", 60, True),
        (Answer(500, b""), "away", 4, False),
        (Answer(503, b"", retry_after_s=50), "away", 50, True),
        (AWAY, "away", 4, False),
        (Answer(200, b"<html>"), "malformed", 900, False),
    ],
)
def test_a_trouble_pauses_for_as_long_as_it_has_to(
    house: House, answer: Answer | Failure, trouble: str, least_s: float, pauses_vendor: bool
) -> None:
    connected(house, expired=False)
    house.withings.troubles = [answer]
    now_s = house.connections.time_s

    work(house)

    [seen] = house.connections.search()
    assert (seen.trouble, seen.failures, seen.access) == (trouble, 1, Access.ACTIVE)
    assert least_s <= seen.next_at.timestamp() - now_s <= max(900, least_s)
    assert (house.connections.circuits["withings"].free_s > now_s) is pauses_vendor


def test_pauses_grow_and_end_with_the_first_good_answer(house: House) -> None:
    connected(house, expired=False)
    pauses = []
    for _ in range(8):
        house.withings.troubles = [Answer(500, b"")]
        work(house)
        [seen] = house.connections.search()
        pauses.append(round(seen.next_at.timestamp() - house.connections.time_s, 3))
        house.connections.time_s = seen.next_at.timestamp()
    work(house)

    assert pauses == sorted(pauses)
    assert pauses[-1] <= 300
    [seen] = house.connections.search()
    assert seen.failures == 0


def test_a_wrong_client_is_our_mistake_and_no_refusal(house: House) -> None:
    connected(house)
    house.withings.troubles = [said(342)]

    work(house)

    [seen] = house.connections.search()
    assert (seen.access, seen.trouble) == (Access.ACTIVE, "client")


def test_after_a_lost_lease_nothing_more_is_written(house: House) -> None:
    made = connected(house, expired=False)
    house.withings.groups = [reading(1)]
    mine = lent(house)
    house.connections.time_s += 61
    theirs = lent(house)

    assert fetch(mine, house.deps()) is None
    assert house.withings.asked == []
    assert house.connections.rows[made.id].cursor == "0"
    assert fetch(theirs, house.deps()) is not None


def test_a_crash_before_the_new_tokens_are_kept_is_made_good_while_the_old_one_works(
    house: House,
) -> None:
    """Withings takes the old refresh token until the new access token is used."""
    made = connected(house)

    def die(_lent: Lent, _tokens: Tokens) -> bool:
        raise KeyboardInterrupt  # after the vendor answered, before we wrote

    real = house.connections.renewed
    house.connections.renewed = die  # type: ignore[method-assign,assignment]
    with pytest.raises(KeyboardInterrupt):
        work(house)
    house.connections.renewed = real  # type: ignore[method-assign]
    house.withings.refresh = "made-up-refresh-0"
    house.connections.time_s += 61

    work(house)

    assert house.connections.rows[made.id].connection.access is Access.ACTIVE
    assert house.connections.rows[made.id].tokens.refresh_token == "made-up-refresh-2"


def test_a_bug_in_one_answer_stops_no_other_connection(house: House) -> None:
    connected(house, expired=False)
    connected(house, account="acc-2", expired=False)
    broken = iter([True])

    def stumble(_request: Request) -> None:
        if next(broken, False):
            raise ZeroDivisionError("made-up-access-0 of acc-4711")

    house.withings.then = stumble
    with capture_logs() as logs:
        assert work(house) == 2

    assert house.connections.ended == {("withings", "malformed"): 1, ("withings", "ok"): 1}
    [told] = [one for one in logs if one["event"] == "fetch_broke"]
    assert told["error"] == "ZeroDivisionError"
    assert "made-up" not in repr(logs)


def test_no_secret_and_no_account_is_logged_whatever_happens(house: House) -> None:
    made = connected(house)
    house.withings.groups = [reading(1)]
    with capture_logs() as logs:
        for trouble in (None, AWAY, Answer(500, b"made-up-access-1"), said(342), Answer(401, b"")):
            house.withings.troubles = [trouble]
            house.connections.time_s += 1000
            work(house)
            house.work()

    assert len(logs) >= 5
    for secret in ("made-up", "acc-4711"):
        assert secret not in repr(logs)
        assert secret not in repr(house.connections.rows[made.id])


def test_a_notice_makes_the_account_due(house: House) -> None:
    connected(house, expired=False)
    work(house)
    house.connections.time_s += 40
    house.withings.groups = [reading(1, modified=9999)]

    house.keep(b"userid=acc-4711&appli=4&startdate=1&enddate=2")
    assert work(house) == 0  # kept, but not yet worked on
    house.work()

    assert work(house) == 1
    house.work()
    assert pulses(house) == ["61"]


def test_a_notice_of_an_unlinked_account_has_it_tried_at_once(house: House) -> None:
    made = connected(house, expired=False)
    work(house)
    house.withings.access = house.withings.refresh = ""

    house.keep(b"userid=acc-4711&appli=46&action=unlink")
    house.work()

    assert work(house) == 1
    assert house.connections.standing([made.key])[made.key].access_refused


def test_a_notice_of_a_stranger_is_kept_and_starts_nothing(house: House) -> None:
    connected(house, expired=False)
    work(house)
    house.connections.time_s += 40

    id_ = house.keep(b"userid=stranger&appli=4&startdate=1&enddate=2")
    house.work()

    assert house.ended(id_) == (State.DONE, "")
    assert work(house) == 0


def test_a_stopping_fetcher_takes_no_connection(house: House) -> None:
    connected(house)

    assert fetch_due(house.deps(), owner="f1", stopping=lambda: True) == 0
    assert house.withings.asked == []
