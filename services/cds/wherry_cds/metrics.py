"""Counts and times of calls, without any patient data in a label."""

from prometheus_client import CollectorRegistry, Counter, Histogram


class Metrics:
    """What /metrics tells about calls."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._calls = Counter(
            "wherry_cds_calls",
            "Calls of a CDS service by HTTP status and the indicator of the card",
            ["service", "status", "indicator"],
            registry=registry,
        )
        self._seconds = Histogram(
            "wherry_cds_call_seconds",
            "Seconds to answer a call",
            ["service"],
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
            registry=registry,
        )

        self._refused = Counter(
            "wherry_cds_clients_refused",
            "Callers that were not let in, by the rule that their token broke",
            ["rule"],
            registry=registry,
        )

        self._decisions = Counter(
            "wherry_cds_decisions",
            "Decisions of the policy by rule; shown no: the answer held no card",
            ["service", "level", "rule", "shown"],
            registry=registry,
        )
        self._feedback = Counter(
            "wherry_cds_feedback",
            "What clinicians did with cards, by override reason",
            ["service", "outcome", "reason"],
            registry=registry,
        )

    def refused(self, rule: str) -> None:
        """Count one caller who was not let in."""
        self._refused.labels(rule).inc()

    def answered(self, service: str, *, status: int, indicator: str, seconds: float) -> None:
        """Count one answered call."""
        self._calls.labels(service, str(status), indicator).inc()
        self._seconds.labels(service).observe(seconds)

    def decided(self, service: str, *, level: str, rule: str, shown: bool) -> None:
        """Count one decision of the policy."""
        self._decisions.labels(service, level, rule, "yes" if shown else "no").inc()

    def told(self, service: str, *, outcome: str, reason: str) -> None:
        """Count one item of feedback."""
        self._feedback.labels(service, outcome, reason).inc()
