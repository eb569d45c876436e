"""The inbox's counts and its senders' figures become metrics when Prometheus asks."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from wherry.desk import Desk
from wherry.errors import Failure
from wherry.feeds import feeds_of
from wherry.ports import Tally
from wherry.retention import DAILY, Chore, Chores
from wherry_hl7.sender_labels import OTHER
from wherry_hl7.sender_metrics import by_sender, families

_MOST_ROWS = 500


class InboxCollector(Collector):
    """Reads the inbox at each scrape; says nothing while the database is away."""

    def __init__(
        self, desk: Desk, tally: Tally, *, encrypted: bool = True, chores: Chores | None = None
    ) -> None:
        self._desk = desk
        self._tally = tally
        self._encrypted = encrypted
        self._chores = chores

    def describe(self) -> Iterator[Metric]:
        """Names without values, so that registering asks no database."""
        yield from families()
        yield from _families()
        yield from _purged(Chore())

    def collect(self) -> Iterator[Metric]:
        """The metrics as they are now."""
        try:
            counts, oldest_s = self._desk.counts(), self._desk.oldest_waiting_s()
            feeds, asides = feeds_of(self._desk, self._tally), self._desk.asides()
            unknown = self._tally.counts()
            chore = self._chores.last(DAILY) if self._chores else None
        except Failure:
            return
        messages, oldest, aside, codes, encrypted = _families()
        for (source, state), count in sorted(counts.items()):
            messages.add_metric([source, state.value], count)
        oldest.add_metric([], oldest_s)
        for labels, count in _capped(asides):
            aside.add_metric(labels, count)
        for labels, count in _capped(unknown):
            codes.add_metric(labels, count)
        encrypted.add_metric([], float(self._encrypted))
        yield from (messages, oldest, aside, codes, encrypted)
        yield from by_sender(feeds)
        if chore:
            yield from _purged(chore)


def _capped(counts: Mapping[Any, int]) -> Iterable[tuple[tuple[str, ...], int]]:
    """The largest counts; what is left, of senders that a stranger made up, is one row."""
    ordered = Counter(dict(counts)).most_common()
    yield from ordered[:_MOST_ROWS]
    rest = ordered[_MOST_ROWS:]
    if rest:
        yield (OTHER,) * len(rest[0][0]), sum(count for _, count in rest)


def _purged(chore: Chore) -> Iterator[Metric]:
    ended_s = chore.ended_at.timestamp() if chore.ended_at else 0.0
    yield GaugeMetricFamily(
        "wherry_inbox_purge_timestamp_seconds",
        "When the inbox was purged last; 0 before the first time",
        value=ended_s,
    )
    yield CounterMetricFamily(
        "wherry_inbox_purged_bodies", "Bodies that were removed", value=chore.bodies
    )
    yield CounterMetricFamily("wherry_inbox_purged_rows", "Rows removed", value=chore.rows)


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
            "wherry_inbox_aside",
            "Messages aside, by sender and class of reason",
            labels=("source", "sender", "reason"),
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
