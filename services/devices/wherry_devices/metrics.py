"""What came in and what became of it, as counts for Prometheus; no label holds patient data."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from wherry.errors import Failure
from wherry_devices.owning.bindings import Tally


class Metrics:
    """Counts of this process's requests."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._payloads = Counter(
            "wherry_devices_payloads",
            "Payloads that were kept, by source",
            ["source"],
            registry=registry,
        )
        self._signatures = Counter(
            "wherry_devices_signatures",
            "Signatures that were checked, by source and verdict",
            ["source", "verdict"],
            registry=registry,
        )

        self._doors = Counter(
            "wherry_devices_doors",
            "Requests with a secret in their path, by source (empty: none has a door) and verdict",
            ["source", "verdict"],
            registry=registry,
        )

    def kept(self, source: str) -> None:
        """Count one payload."""
        self._payloads.labels(source).inc()

    def checked(self, source: str, verdict: str) -> None:
        """Count one signature."""
        self._signatures.labels(source, verdict).inc()

    def knocked(self, source: str, verdict: str) -> None:
        """Count one request at a door; `source` is one that has a door, or empty."""
        self._doors.labels(source, verdict).inc()


class TallyCollector(Collector):
    """Reads what the workers counted at each scrape; says nothing while the database is away."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def describe(self) -> Iterator[Metric]:
        """Names without values, so that registering asks no database."""
        yield CounterMetricFamily("wherry_devices_readings", "Readings by source and outcome")

    def collect(self) -> Iterator[Metric]:
        """The counts as they are now."""
        try:
            counts = self._tally.counts()
        except Failure:
            return
        readings = CounterMetricFamily(
            "wherry_devices_readings",
            "Readings by source and outcome: placed with a patient, or why not; a replay counts",
            labels=["source", "outcome"],
        )
        for (source, outcome), count in sorted(counts.items()):
            readings.add_metric([source, outcome], count)
        yield readings
