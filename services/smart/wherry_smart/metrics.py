"""Counts of launches by how they ended; no label ever names a person or an address."""

from prometheus_client import CollectorRegistry, Counter


class Metrics:
    """What /metrics tells about launches."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._launches = Counter(
            "wherry_smart_launches",
            "Launches by step (launch, callback) and result (ok, or why not)",
            ["step", "result"],
            registry=registry,
        )

    def launched(self, step: str, result: str) -> None:
        """Count one launch that came to this step."""
        self._launches.labels(step, result).inc()
