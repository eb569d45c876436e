"""What is to be derived again as a count for Prometheus."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from wherry.errors import Failure
from wherry_devices.derivation.days import Days

_NAME = "wherry_devices_days"
_TEXT = "Days of patients whose derived values wait to be made again, or failed and are tried later"


class DaysCollector(Collector):
    """Reads the notes at each scrape; says nothing while the database is away."""

    def __init__(self, days: Days) -> None:
        self._days = days

    def describe(self) -> Iterator[Metric]:
        """Names without values, so that registering asks no database."""
        yield GaugeMetricFamily(_NAME, _TEXT, labels=["state"])

    def collect(self) -> Iterator[Metric]:
        """The counts as they are now."""
        try:
            counts = self._days.counts()
        except Failure:
            return
        family = GaugeMetricFamily(_NAME, _TEXT, labels=["state"])
        for state, count in sorted(counts.items()):
            family.add_metric([state], count)
        yield family
