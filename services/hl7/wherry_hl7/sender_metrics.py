"""Figures of senders become metrics, one row for each; of too many senders, one for the rest."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from wherry.feeds import Feed
from wherry_hl7.sender_labels import MOST_SENDERS, OTHER

_SENDER = ("source", "sender")
_Family = type[CounterMetricFamily] | type[GaugeMetricFamily]
_Of = Callable[[Feed], float | None]
_Join = Callable[[Iterable[float]], float]

# name, help, kind, value (None is left out), how the values of several senders are one
_BY_SENDER: tuple[tuple[str, str, _Family, _Of, _Join], ...] = (
    (
        "wherry_inbox_received",
        "Messages kept, by sender",
        CounterMetricFamily,
        lambda feed: feed.status.received,
        sum,
    ),
    (
        "wherry_inbox_translated",
        "Messages that ended as done, by sender",
        CounterMetricFamily,
        lambda feed: feed.status.done,
        sum,
    ),
    (
        "wherry_inbox_set_aside",
        "Messages that a worker set aside, by sender",
        CounterMetricFamily,
        lambda feed: feed.status.aside_so_far,
        sum,
    ),
    (
        "wherry_inbox_waiting",
        "Messages that have not ended, by sender",
        GaugeMetricFamily,
        lambda feed: feed.status.waiting,
        sum,
    ),
    (
        "wherry_inbox_waiting_seconds",
        "Age of the oldest message that has not ended, by sender",
        GaugeMetricFamily,
        lambda feed: feed.status.oldest_waiting_s,
        max,
    ),
    (
        "wherry_inbox_lag_seconds",
        "Receipt to end of the message that ended last, by sender",
        GaugeMetricFamily,
        lambda feed: feed.status.lag_s if feed.status.ended_at else None,
        max,
    ),
    (
        "wherry_inbox_last_received_timestamp_seconds",
        "When the last message came, by sender",
        GaugeMetricFamily,
        lambda feed: feed.status.last_at.timestamp(),
        max,
    ),
    (
        "wherry_inbox_brake",
        "1 while the brake of the sender is on: too many in a row were set aside",
        GaugeMetricFamily,
        lambda feed: float(feed.status.brake is not None),
        max,
    ),
    (
        "wherry_hl7_clock_skew_seconds",
        "How far MSH-7 of the last message was ahead of our clock, by sender",
        GaugeMetricFamily,
        lambda feed: feed.skew_s,
        max,
    ),
)


def families() -> Iterator[Metric]:
    """Names without values."""
    return (kind(name, text, labels=_SENDER) for name, text, kind, _, _ in _BY_SENDER)


def by_sender(feeds: Sequence[Feed]) -> Iterator[Metric]:
    """The figures of the senders that came first; those of all others together.

    Who came first stays first, so that a stranger's made-up names displace nobody.
    """
    ordered = sorted(feeds, key=lambda feed: (feed.status.first_at, feed.status.sender))
    told, rest = ordered[:MOST_SENDERS], ordered[MOST_SENDERS:]
    for name, text, kind, value, join in _BY_SENDER:
        family = kind(name, text, labels=_SENDER)
        for feed in told:
            if (figure := value(feed)) is not None:
                family.add_metric([feed.status.source, feed.status.sender], figure)
        if figures := [found for feed in rest if (found := value(feed)) is not None]:
            family.add_metric([OTHER, OTHER], join(figures))
        yield family
