"""Requests counted by interaction and outcome: no label ever comes from a request."""

from prometheus_client import CollectorRegistry, Counter, Histogram

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """The service's own meters."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "wherry_ehr_requests",
            "FHIR requests by interaction and status class",
            ("interaction", "status"),
            registry=registry,
        )
        self._seconds = Histogram(
            "wherry_ehr_request_seconds",
            "Time to answer a FHIR request",
            ("interaction",),
            buckets=_SECONDS,
            registry=registry,
        )

    def answered(self, interaction: str, status: int, seconds: float) -> None:
        """Count one answer."""
        self._requests.labels(interaction, f"{status // 100}xx").inc()
        self._seconds.labels(interaction).observe(seconds)
