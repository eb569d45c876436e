"""Counts and times of scoring, without any patient data in a label."""

from prometheus_client import CollectorRegistry, Counter, Histogram

from wherry_risk.model.interface import Refusal, Score


class Metrics:
    """What /metrics tells about scoring."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._scores = Counter(
            "wherry_risk_scores",
            "Scores by model, tier and whether inputs were missing",
            ["model", "tier", "partial"],
            registry=registry,
        )
        self._refusals = Counter(
            "wherry_risk_refusals",
            "Refusals by model and code",
            ["model", "code"],
            registry=registry,
        )
        self._assessments = Counter(
            "wherry_risk_assessments",
            "Verdicts of the worker that were new, by model and why they were written or not",
            ["model", "why"],
            registry=registry,
        )
        self._seconds = Histogram(
            "wherry_risk_score_seconds",
            "Seconds from the request to the verdict, FHIR reads included",
            ["model"],
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
            registry=registry,
        )

    def judged(self, model: str, verdict: Score | Refusal, *, seconds: float) -> None:
        """Count one verdict."""
        if isinstance(verdict, Score):
            self._scores.labels(model, verdict.tier, str(verdict.partial).lower()).inc()
        else:
            self._refusals.labels(model, verdict.code).inc()
        self._seconds.labels(model).observe(seconds)

    def planned(self, model: str, why: str | None) -> None:
        """Count one verdict of the worker; without a reason to write it, as unchanged enough."""
        self._assessments.labels(model, why or "unchanged_enough").inc()
