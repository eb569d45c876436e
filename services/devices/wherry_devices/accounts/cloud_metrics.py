"""Connections and fetches as counts for Prometheus; no label holds patient data."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from wherry.errors import Failure
from wherry_devices.accounts.connections import FetchFigures, Figures

_NOTHING = Figures({}, {}, {}, {})


class CloudCollector(Collector):
    """Reads the tables at each scrape; says nothing while the database is away."""

    def __init__(self, figures: FetchFigures) -> None:
        self._figures = figures

    def describe(self) -> Iterator[Metric]:
        """Names without values, so that registering asks no database."""
        yield from _told(_NOTHING)

    def collect(self) -> Iterator[Metric]:
        """The figures as they are now."""
        try:
            found = self._figures.figures()
        except Failure:
            return
        yield from _told(found)


def _told(found: Figures) -> Iterator[Metric]:
    fetches = CounterMetricFamily(
        "wherry_devices_fetches",
        "Fetches of connections by source and outcome: ok, or what was wrong",
        labels=["source", "outcome"],
    )
    for pair, count in sorted(found.fetches.items()):
        fetches.add_metric(list(pair), count)
    connections = GaugeMetricFamily(
        "wherry_devices_connections",
        "Accounts connected at vendors by source and state",
        labels=["source", "state"],
    )
    for pair, count in sorted(found.connections.items()):
        connections.add_metric(list(pair), count)
    overdue = GaugeMetricFamily(
        "wherry_devices_connection_overdue_seconds",
        "For how long the connection that waits longest has been due, by source",
        labels=["source"],
    )
    for source, seconds in sorted(found.overdue_s.items()):
        overdue.add_metric([source], seconds)
    away = GaugeMetricFamily(
        "wherry_devices_vendor_away",
        "1 while many connections of a source find its vendor away",
        labels=["source"],
    )
    for source, is_away in sorted(found.away.items()):
        away.add_metric([source], float(is_away))
    yield from (fetches, connections, overdue, away)
