"""What Prometheus is told of senders, and how little of senders that somebody made up."""

from prometheus_client import CollectorRegistry, generate_latest

from wherry.braking import Braking
from wherry.hl7 import head
from wherry.ports import Arrival, Outcome, State
from wherry.retention import Chore
from wherry.testing.hl7 import message, segment
from wherry.testing.inbox import FakeInbox
from wherry.testing.tally import FakeTally
from wherry_hl7.feed_metrics import FeedMetrics
from wherry_hl7.inbox_metrics import InboxCollector
from wherry_hl7.sender_labels import MOST_SENDERS

BODY = message(segment("PID", {3: "1^^^NORTH^MR"}), kind="ADT^A08")


class StandingChores:
    """A purge that was done."""

    def last(self, name: str) -> Chore:
        return Chore(None, 7, 3)


def scraped(inbox: FakeInbox, tally: FakeTally | None = None) -> list[str]:
    registry = CollectorRegistry()
    registry.register(
        InboxCollector(inbox, tally or FakeTally(), chores=StandingChores())  # type: ignore[arg-type]  # only asked for the last
    )
    return generate_latest(registry).decode().splitlines()


def test_a_brake_that_is_on_is_told_by_sender() -> None:
    inbox = FakeInbox(Braking(limit=1))
    inbox.keep([Arrival("hl7", BODY, sender="BAD"), Arrival("hl7", BODY, sender="GOOD")])
    claim = inbox.claim("hl7", owner="w", limit=1, lease_s=60)
    assert claim
    inbox.settle(claim, [Outcome(1, State.ASIDE, "invalid: OBX-5")])

    told = scraped(inbox)

    assert 'wherry_inbox_brake{sender="BAD",source="hl7"} 1.0' in told
    assert 'wherry_inbox_brake{sender="GOOD",source="hl7"} 0.0' in told
    assert 'wherry_inbox_aside{reason="invalid",sender="BAD",source="hl7"} 1.0' in told


def test_senders_beyond_the_limit_are_one_and_those_that_were_first_stay() -> None:
    inbox = FakeInbox()
    for n in range(MOST_SENDERS):
        inbox.time_s += 1
        inbox.keep([Arrival("hl7", BODY, sender=f"KNOWN{n}")])
    inbox.time_s += 1
    inbox.keep([Arrival("hl7", BODY, sender=f"MADE UP {n}", aside="not_hl7") for n in range(900)])

    told = scraped(inbox)

    received = [line for line in told if line.startswith("wherry_inbox_received_total{")]
    assert len(received) == MOST_SENDERS + 1
    assert 'wherry_inbox_received_total{sender="other",source="other"} 900.0' in received
    assert 'wherry_inbox_received_total{sender="KNOWN0",source="hl7"} 1.0' in received
    aside = [line for line in told if line.startswith("wherry_inbox_aside{")]
    assert len(aside) == 501
    assert 'wherry_inbox_aside{reason="other",sender="other",source="other"} 400.0' in aside
    assert len(told) < 200 * 20


def test_codes_of_too_many_senders_are_one_row() -> None:
    tally = FakeTally()
    tally.add({(f"MADE UP {n}", "AdministrativeSex"): 1 for n in range(700)})

    told = [line for line in scraped(FakeInbox(), tally) if "unknown_codes{" in line]

    assert len(told) == 501
    assert 'wherry_hl7_unknown_codes{sender="other",table="other"} 200.0' in told


def test_the_purge_tells_when_it_was_done_and_what_it_removed() -> None:
    told = scraped(FakeInbox())

    assert "wherry_inbox_purge_timestamp_seconds 0.0" in told
    assert "wherry_inbox_purged_bodies_total 7.0" in told
    assert "wherry_inbox_purged_rows_total 3.0" in told


def test_answers_are_counted_by_sender_up_to_so_many() -> None:
    registry = CollectorRegistry()
    metrics = FeedMetrics(registry)

    for n in range(MOST_SENDERS + 300):
        metrics.answered(head.read(b"MSH|^~\\&|APP%d|FAC" % n), "AA")
    metrics.came_again(head.read(b"MSH|^~\\&|APP0|FAC"))

    told = generate_latest(registry).decode().splitlines()
    answers = [line for line in told if line.startswith("wherry_hl7_mllp_answers_total{")]
    assert len(answers) == MOST_SENDERS + 1
    assert 'wherry_hl7_mllp_answers_total{code="AA",sender="APP0|FAC"} 1.0' in answers
    assert 'wherry_hl7_mllp_answers_total{code="AA",sender="other"} 300.0' in answers
    assert 'wherry_hl7_mllp_repeated_total{sender="APP0|FAC"} 1.0' in told
