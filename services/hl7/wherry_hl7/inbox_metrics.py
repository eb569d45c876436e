"""The inbox's counts and its senders' figures become metrics when Prometheus asks."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from wherry.desk import Desk
from wherry.errors import Failure
from wherry.feeds import Feed, feeds_of
from wherry.ports import Tally

_MOST_SENDERS = 200
_MOST_ROWS = 200

_SENDER = ("source", "sender")
_Family = type[CounterMetricFamily] | type[GaugeMetricFamily]
_Of = Callable[[Feed], float | None]

# Of each sender, for at most 200 of them. name, help, kind, value; None is left out
_BY_SENDER: tuple[tuple[str, str, _Family, _Of], ...] = (
    (
        "wherry_inbox_received",
        "Messages kept, by sender",
        CounterMetricFamily,
        lambda feed: feed.status.received,
    ),
    (
        "wherry_inbox_translated",
        "Messages that ended as done, by sender",
        CounterMetricFamily,
        lambda feed: feed.status.done,
    ),
    (
        "wherry_inbox_set_aside",
        "Messages that a worker set aside, by sender",
        CounterMetricFamily,
        lambda feed: feed.status.aside_so_far,
    ),
    (
        "wherry_inbox_waiting",
        "Messages that have not ended, by sender",
        GaugeMetricFamily,
        lambda feed: feed.status.waiting,
    ),
    (
        "wherry_inbox_waiting_seconds",
        "Age of the oldest message that has not ended, by sender",
        GaugeMetricFamily,
        lambda feed: feed.status.oldest_waiting_s,
    ),
    (
        "wherry_inbox_lag_seconds",
        "Receipt to end of the message that ended last, by sender",
        GaugeMetricFamily,
        lambda feed: feed.status.lag_s if feed.status.ended_at else None,
    ),
    (
        "wherry_inbox_last_received_timestamp_seconds",
        "When the last message came, by sender",
        GaugeMetricFamily,
        lambda feed: feed.status.last_at.timestamp(),
    ),
    (
        "wherry_hl7_clock_skew_seconds",
        "How far MSH-7 of the last message was ahead of our clock, by sender",
        GaugeMetricFamily,
        lambda feed: feed.skew_s,
    ),
)


class InboxCollector(Collector):
    """Reads the inbox at each scrape; says nothing while the database is away."""

    def __init__(self, desk: Desk, tally: Tally, *, encrypted: bool = True) -> None:
        self._desk = desk
        self._tally = tally
        self._encrypted = encrypted

    def describe(self) -> Iterator[Metric]:
        """Names without values, so that registering asks no database."""
        yield from (kind(name, text, labels=_SENDER) for name, text, kind, _ in _BY_SENDER)
        yield from _families()

    def collect(self) -> Iterator[Metric]:
        """The metrics as they are now."""
        try:
            counts, oldest_s = self._desk.counts(), self._desk.oldest_waiting_s()
            feeds, asides = feeds_of(self._desk, self._tally), self._desk.asides()
            unknown = self._tally.counts()
        except Failure:
            return
        messages, oldest, aside, codes, encrypted = _families()
        for (source, state), count in sorted(counts.items()):
            messages.add_metric([source, state.value], count)
        oldest.add_metric([], oldest_s)
        by_reason: Counter[tuple[str, str]] = Counter()
        for (source, _, reason), count in asides.items():
            by_reason[source, reason] += count
        for (source, reason), count in by_reason.most_common(_MOST_ROWS):
            aside.add_metric([source, reason], count)
        for (sender, table), times in list(unknown.items())[:_MOST_ROWS]:
            codes.add_metric([sender, table], times)
        encrypted.add_metric([], float(self._encrypted))
        yield from (messages, oldest, aside, codes, encrypted)
        yield from _by_sender(feeds[:_MOST_SENDERS])


def _families() -> tuple[GaugeMetricFamily, ...]:
    return (
        GaugeMetricFamily(
            "wherry_inbox_messages",
            "Messages in the inbox by source and state",
            labels=("source", "state"),
        ),
        GaugeMetricFamily(
            "wherry_inbox_oldest_waiting_seconds", "Age of the oldest unfinished message", labels=()
        ),
        GaugeMetricFamily(
            "wherry_inbox_aside", "Messages aside, by class of reason", labels=("source", "reason")
        ),
        GaugeMetricFamily(
            "wherry_hl7_unknown_codes",
            "Codes that a code table does not have, since the start of the database",
            labels=("sender", "table"),
        ),
        GaugeMetricFamily(
            "wherry_inbox_encrypted", "1 when a key encrypts what comes in", labels=()
        ),
    )


def _by_sender(feeds: Iterable[Feed]) -> Iterator[Metric]:
    told = list(feeds)
    for name, text, kind, value in _BY_SENDER:
        family = kind(name, text, labels=_SENDER)
        for feed in told:
            if (figure := value(feed)) is not None:
                family.add_metric([feed.status.source, feed.status.sender], figure)
        yield family
