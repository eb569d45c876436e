"""The newest findings become gauges when Prometheus asks; no label ever names a patient."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from wherry.errors import Failure
from wherry_risk.monitoring.findings_sql import Found
from wherry_risk.monitoring.seen import Level
from wherry_risk.monitoring.watch import Findings

Sample = tuple[Sequence[str], float | None]
Samples = Callable[[Findings], Iterator[Sample]]

OF_INPUT, OF_MODEL = ("model", "role", "input"), ("model", "role")
LEVELS: Mapping[Level, int] = {
    Level.OK: 0,
    Level.INSUFFICIENT: 0,
    Level.WARN: 1,
    Level.ALARM: 2,
}


def _lags(found: Findings) -> Iterator[Sample]:
    for one in found.feeds:
        yield (one.input, "0.5"), one.lag_p50_s
        yield (one.input, "0.95"), one.lag_p95_s


def _feeds(pick: Callable[..., float | None]) -> Samples:
    return lambda found: (((one.input,), pick(one)) for one in found.feeds)


def _drifts(pick: Callable[..., float | None]) -> Samples:
    return lambda found: (((one.name,), pick(one)) for one in found.drifts)


def _once(pick: Callable[[Findings], float | None]) -> Samples:
    return lambda found: iter([((), pick(found))])


def _figure(name: str) -> Samples:
    def told(found: Findings) -> float | None:
        return found.performance.figures[name] if found.performance else None

    return _once(told)


# Name, what it tells, labels, and where it comes from.
GAUGES: tuple[tuple[str, str, Sequence[str], Samples], ...] = (
    ("feed_lag_seconds", "From a measurement until a score had it",
     (*OF_INPUT, "quantile"), _lags),
    ("feed_silent_seconds", "Since the last new value of an input, at the last look",
     OF_INPUT, _feeds(lambda one: one.silent_s)),
    ("input_missing_ratio", "Share of scores without a usable value of an input",
     OF_INPUT, _feeds(lambda one: one.missing)),
    ("input_unusable_ratio", "Share of scores with a value that had a wrong unit or range",
     OF_INPUT, _feeds(lambda one: one.unusable)),
    ("input_too_old_ratio", "Share of scores whose newest value of an input was too old",
     OF_INPUT, _feeds(lambda one: one.too_old)),
    ("input_level", "Lateness and silence of an input: 0 nothing to tell, 1 warning, 2 alarm",
     OF_INPUT, _feeds(lambda one: float(LEVELS[one.level]))),
    ("feature_psi", "Population stability index beside training; feature score is the score",
     (*OF_MODEL, "feature"), _drifts(lambda one: one.psi)),
    ("alerts_per_100_patient_days", "Rises above the lowest tier",
     OF_MODEL, _once(lambda found: found.alerting.per_100_patient_days)),
    ("abstained_ratio", "Share of refusals",
     OF_MODEL, _once(lambda found: found.alerting.abstained)),
    ("outcome_events", "Scores whose outcome came and was a yes", OF_MODEL, _figure("events")),
    ("auroc", "Of scores whose outcome came", OF_MODEL, _figure("auroc")),
    ("calibration_slope", "Of scores whose outcome came", OF_MODEL, _figure("slope")),
    ("observed_over_expected", "Of scores whose outcome came", OF_MODEL, _figure("o_e")),
    ("watch_level", "0 nothing to tell, 1 warning, 2 alarm",
     OF_MODEL, _once(lambda found: float(LEVELS[found.level]))),
    ("watched_timestamp_seconds", "When the scores were last looked at",
     OF_MODEL, _once(lambda found: found.until.timestamp())),
)  # fmt: skip


class FindingsCollector(Collector):
    """Asks the database at each scrape; says nothing while it is away."""

    def __init__(self, found: Found, tenant: str) -> None:
        self._found, self._tenant = found, tenant

    def describe(self) -> Iterator[Metric]:
        """The names without values, so that registering asks no database."""
        for name, told, _, _ in GAUGES:
            yield GaugeMetricFamily(f"wherry_risk_{name}", told)

    def collect(self) -> Iterator[Metric]:
        """The gauges of the newest findings of each model and role; the newest version's."""
        try:
            latest = self._found.latest(self._tenant)
        except Failure:
            return
        newest = {(one.model, one.role): one for one in sorted(latest, key=lambda one: one.until)}
        for name, told, labels, samples in GAUGES:
            gauge = GaugeMetricFamily(f"wherry_risk_{name}", told, labels=labels)
            for (model, role), found in sorted(newest.items()):
                for more, value in samples(found):
                    if value is not None:
                        gauge.add_metric([model, role, *more], value)
            yield gauge
