"""Counts of changed patients become gauges when Prometheus asks."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from wherry.errors import Failure
from wherry.ports import ChangesDesk

_NAME = "wherry_risk_changed_patients"
_TOLD = "Patients whose record changed: waiting to be scored, or set aside after repeated failures"


class ChangesCollector(Collector):
    """Asks the database at each scrape; says nothing while it is away."""

    def __init__(self, desk: ChangesDesk) -> None:
        self._desk = desk

    def describe(self) -> Iterator[Metric]:
        """The name without values, so that registering asks no database."""
        yield GaugeMetricFamily(_NAME, _TOLD)

    def collect(self) -> Iterator[Metric]:
        """The gauge as it is now."""
        try:
            counts = self._desk.counts()
        except Failure:
            return
        patients = GaugeMetricFamily(_NAME, _TOLD, labels=["state"])
        for state, count in sorted(counts.items()):
            patients.add_metric([state.value], count)
        yield patients
