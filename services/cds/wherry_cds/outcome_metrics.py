"""What came of the cards of the last week, and of the week before, as gauges."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from wherry.errors import Failure

_NAME = "wherry_cds_cards_in_a_week"
_TOLD = "Shown cards by what came of them: accepted, overridden or ignored; week: this or before"
_WEEK = timedelta(days=7)
_FRESH = timedelta(seconds=60)
OUTCOMES = ("accepted", "overridden", "ignored")


class Tallies(Protocol):
    """Counts of shown cards."""

    def shown(
        self, since: datetime, until: datetime
    ) -> Mapping[tuple[str, str], Mapping[str, int]]:
        """By tenant and service, cards by outcome. Raises: Failure(UNAVAILABLE)."""
        ...


class OutcomesCollector(Collector):
    """Asks the database at most once a minute; says nothing while it is away."""

    def __init__(self, tallies: Tallies, now: Callable[[], datetime]) -> None:
        self._tallies, self._now = tallies, now
        self._made: tuple[datetime, GaugeMetricFamily] | None = None

    def describe(self) -> Iterator[Metric]:
        """The name without values, so that registering asks no database."""
        yield GaugeMetricFamily(_NAME, _TOLD)

    def collect(self) -> Iterator[Metric]:
        """The gauge as it is now."""
        now = self._now()
        if self._made is None or now - self._made[0] > _FRESH:
            try:
                self._made = (now, self._gauge(now))
            except Failure:
                return
        yield self._made[1]

    def _gauge(self, now: datetime) -> GaugeMetricFamily:
        gauge = GaugeMetricFamily(_NAME, _TOLD, labels=["tenant", "service", "week", "outcome"])
        for week, until in (("this", now), ("before", now - _WEEK)):
            for (tenant, service), counts in self._tallies.shown(until - _WEEK, until).items():
                for outcome in OUTCOMES:
                    gauge.add_metric([tenant, service, week, outcome], counts.get(outcome, 0))
        return gauge
