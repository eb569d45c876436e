"""How fresh all devices are, as gauges for Prometheus; no label holds a patient or a device."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil

from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from wherry.errors import Failure
from wherry_devices.deps import Deps
from wherry_devices.freshness.judging import Person, judged
from wherry_devices.freshness.seen import Steps
from wherry_devices.mapping.heard import STEPS

_SHARES = {"0.5": 0.5, "0.9": 0.9, "1": 1.0}
_PAGE = 500
_KEEP = timedelta(seconds=60)


class FreshnessCollector(Collector):
    """Judges all devices at a scrape, at most once a minute; silent while the database is away.

    `wherry_devices_freshness_known` is then 0: silence must not look as if all were well.
    """

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._judged_at: datetime | None = None
        self._families: list[Metric] = []

    def describe(self) -> Iterator[Metric]:
        """Names without values, so that registering asks no database."""
        yield from (_known(0), *_of_people([]), *_of_steps({}))

    def collect(self) -> Iterator[Metric]:
        """The metrics as they are now, or were less than a minute ago."""
        try:
            yield from (_known(1), *self._now(), *_of_steps(self._deps.seen.steps()))
        except Failure:
            yield _known(0)

    def _now(self) -> Sequence[Metric]:
        now = self._deps.clock.now()
        if self._judged_at is None or not self._judged_at <= now < self._judged_at + _KEEP:
            self._families = list(_of_people(_all(self._deps, now)))
            self._judged_at = now
        return self._families


def _all(deps: Deps, now: datetime) -> list[Person]:
    """Everybody; a person whose devices stand on two pages is there twice, with some on each."""
    people: list[Person] = []
    after = ""
    while page := deps.bindings.holding(now, after=after, limit=_PAGE):
        people += judged(page, deps)
        after = page[-1].key
    return people


def _known(value: float) -> Metric:
    return GaugeMetricFamily(
        "wherry_devices_freshness_known", "Whether it can be told how fresh devices are", value
    )


def _of_people(people: Sequence[Person]) -> Iterator[Metric]:
    states: Counter[tuple[str, str, str]] = Counter()
    ages: dict[tuple[str, str], list[float]] = {}
    for device in (device for person in people for device in person.devices):
        worst = device.worst.fresh
        states[device.binding.source, worst.state, worst.cause or "none"] += 1
        for kind in device.kinds:
            if kind.fresh.age is not None:
                of = (device.binding.source, kind.name)
                ages.setdefault(of, []).append(kind.fresh.age.total_seconds())
    devices = GaugeMetricFamily(
        "wherry_devices_bound",
        "Bound devices and accounts by source, state and likely cause",
        labels=["source", "state", "cause"],
    )
    for labels, count in sorted(states.items()):
        devices.add_metric(list(labels), count)
    age = GaugeMetricFamily(
        "wherry_devices_reading_age_seconds",
        "Age of the last reading by source and kind, that a share of devices does not exceed",
        labels=["source", "kind", "share"],
    )
    for (source, kind_name), found in sorted(ages.items()):
        ordered = sorted(found)
        for name, share in _SHARES.items():
            value = ordered[ceil(share * len(ordered)) - 1]
            age.add_metric([source, kind_name, name], value)
    yield from (devices, age)


_NAMED = {
    "lag": ("wherry_devices_lag_seconds", "From the measurement of a reading to its receipt"),
    "clock": ("wherry_devices_clock_correction_seconds", "Between a device's clock and its hub's"),
}


def _of_steps(steps: Mapping[tuple[str, str], Steps]) -> Iterator[Metric]:
    for name, (metric, words) in _NAMED.items():
        family = HistogramMetricFamily(
            metric, f"{words}, by source; a replay counts", labels=["source"]
        )
        for (source, which), found in sorted(steps.items()):
            if which == name:
                family.add_metric([source], _cumulative(found, STEPS[name]), found.sum_s)
        yield family


def _cumulative(found: Steps, ends: Sequence[float]) -> list[tuple[str, float]]:
    total, buckets = 0, list[tuple[str, float]]()
    for bound in (*(f"{end:g}" for end in ends), "+Inf"):
        total += found.counts.get(bound, 0)
        buckets.append((bound, total))
    return buckets
