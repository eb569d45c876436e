"""The daily look: records become findings, findings gauges, once a day and without a patient."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from tests.risk.fake_records import FakeRecords

from wherry.errors import Failure, Kind
from wherry.retention import Keeping
from wherry_risk.lifecycle.roles import Role
from wherry_risk.lifecycle.standing import Cast
from wherry_risk.model.judgement import judge
from wherry_risk.model.record import record
from wherry_risk.monitoring.chore import watch_when_due
from wherry_risk.monitoring.gauges import FindingsCollector
from wherry_risk.monitoring.job import Watch, monitor
from wherry_risk.monitoring.outcomes import Happening, Outcome
from wherry_risk.monitoring.seen import Level
from wherry_risk.monitoring.watch import Findings, lateness
from wherry_risk.onnx.load import PACKAGES
from wherry_risk.recording import kept_of

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
MODEL = "icu-mortality-24h"


class FakeOutcomes:
    """The `Outcomes` port in memory."""

    def __init__(self, *rows: Outcome) -> None:
        self.rows = list(rows)

    def add(self, tenant: str, outcomes: Sequence[Outcome]) -> None:
        del tenant
        self.rows += outcomes

    def since(self, tenant: str, at: datetime) -> Iterator[Outcome]:
        del tenant
        return iter([one for one in self.rows if one.at >= at])

    def drop(self, before: datetime) -> int:
        count = len(self.rows)
        self.rows = [one for one in self.rows if one.at >= before]
        return count - len(self.rows)

    def reseal(self) -> int:
        return 0


class FakeFound:
    """The `Found` port in memory; set `away` to make it fail."""

    def __init__(self) -> None:
        self.rows: list[Findings] = []
        self.away = False

    def add(self, findings: Sequence[Findings]) -> None:
        self.rows += findings

    def latest(self, tenant: str) -> list[Findings]:
        if self.away:
            raise Failure(Kind.UNAVAILABLE, "the database is away")
        return [one for one in self.rows if one.tenant == tenant]

    def between(self, tenant: str, since: datetime, until: datetime) -> list[Findings]:
        return [one for one in self.latest(tenant) if since <= one.until < until]


@pytest.fixture
def records(models: Any, make: Any) -> FakeRecords:
    """Two people, scored twice by the worker an hour apart; one has no creatinine."""
    kept = FakeRecords()
    for n, patient_id in enumerate(("p-1", "p-2")):
        for hour in (0, 1):
            of = replace(make, patient_id=patient_id, at=AT + hour * timedelta(hours=1))
            resources = of.icu(without=("2160-0",) if n else ())
            judged = judge(models[MODEL], record(resources), at=of.at)
            kept.add([kept_of(judged, id_=f"{patient_id}-{hour}", made_at=of.at,
                              asked_by="worker")])  # fmt: skip
            for one in resources:
                one["id"] = f"{one['id']}-{hour}"
    return kept


@pytest.fixture
def watch(records: FakeRecords, models: Any) -> Callable[..., Watch]:
    def made(*outcomes: Outcome, **more: Any) -> Watch:
        cast = Cast({MODEL: models[MODEL], "news2": models["news2"]}, {}, **more)
        return Watch(
            records, FakeOutcomes(*outcomes), FakeFound(), lambda: cast, PACKAGES, "default"
        )

    return made


def test_findings_say_what_came_and_what_was_missing(watch: Callable[..., Watch]) -> None:
    needs = watch()

    (told,) = monitor(needs, since=AT - DAY, until=AT + DAY)

    missing = {one.input: one.missing for one in told.feeds}
    assert (told.model, told.role, told.alerting.scores) == (MODEL, "champion", 4)
    assert (missing["creatinine"], missing["heart-rate"]) == (0.5, 0.0)
    assert {one.level for one in told.drifts} == {Level.INSUFFICIENT}
    assert needs.found.latest("default") == [told]


def test_outcomes_answer_older_scores_too_and_few_of_them_are_called_that(
    watch: Callable[..., Watch],
) -> None:
    death = Outcome("p-1", "", Happening.DEATH_IN_HOSPITAL, True, AT + 2 * DAY)

    (told,) = monitor(watch(death), since=AT + 3 * DAY, until=AT + 4 * DAY)

    assert told.alerting.scores == 0
    assert told.performance is not None
    assert (told.performance.figures["n"], told.performance.figures["events"]) == (2, 2)
    assert told.performance.level is Level.INSUFFICIENT


def test_a_shadow_has_findings_of_its_own(watch: Callable[..., Watch], models: Any) -> None:
    beside = {MODEL: [(Role.SHADOW, models["icu-mortality-24h-full"])]}

    told = monitor(watch(beside=beside), since=AT - DAY, until=AT + DAY)

    assert [(one.model, one.role) for one in told] == [
        (MODEL, "champion"),
        ("icu-mortality-24h-full", "shadow"),
    ]


def test_gauges_tell_the_newest_findings_and_no_patient(watch: Callable[..., Watch]) -> None:
    needs = watch()
    monitor(needs, since=AT - DAY, until=AT + DAY)
    registry = CollectorRegistry()
    registry.register(FindingsCollector(needs.found, "default"))

    text = generate_latest(registry).decode()

    of = 'input="creatinine",model="icu-mortality-24h",role="champion"'
    assert f"wherry_risk_input_missing_ratio{{{of}}} 0.5" in text
    assert "wherry_risk_watched_timestamp_seconds{" in text
    assert "p-1" not in text


def test_while_the_database_is_away_the_gauges_are_silent(watch: Callable[..., Watch]) -> None:
    found = FakeFound()
    monitor(replace(watch(), found=found), since=AT - DAY, until=AT + DAY)
    found.away = True

    assert list(FindingsCollector(found, "default").collect()) == []


class FakeChores:
    """One process's view of who took what."""

    def __init__(self) -> None:
        self.done_at: datetime | None = None
        self.now = AT

    def take(self, name: str, *, due: datetime, owner: str, lease_s: float) -> bool:
        del name, owner, lease_s
        return self.done_at is None or self.done_at < due

    def extend(self, name: str, *, owner: str, lease_s: float) -> bool:
        del name, owner, lease_s
        return True

    def done(self, name: str, *, bodies: int, rows: int, owner: str = "") -> None:
        del name, bodies, rows, owner
        self.done_at = self.now

    def last(self, name: str) -> Any:
        raise NotImplementedError(name)


@pytest.mark.parametrize(("at", "times"), [(time(4), 2), (None, 0)])
def test_it_is_done_once_a_day_and_never_when_it_is_off(
    watch: Callable[..., Watch], at: time | None, times: int
) -> None:
    chores, needs = FakeChores(), watch()
    keeping = Keeping(365, 365, at)
    for hours in (0, 1, 20, 25):
        chores.now = AT + timedelta(hours=hours)
        watch_when_due(chores, needs, at=keeping, window=DAY, now=chores.now, owner="w")

    assert len(needs.found.latest("default")) == times


def test_outcomes_go_when_the_records_go_that_they_answer(watch: Callable[..., Watch]) -> None:
    old, new = (Outcome("p-1", f"e-{days}", Happening.DEATH_IN_HOSPITAL, True,
                        AT - timedelta(days=days)) for days in (400, 20))  # fmt: skip
    needs = watch(old, new)

    watch_when_due(
        FakeChores(), needs, at=Keeping(365, 365, time(4)), window=DAY, now=AT, owner="w"
    )

    assert list(needs.outcomes.since("default", AT - timedelta(days=999))) == [new]


def test_a_laboratory_value_may_come_later_than_a_vital_sign(models: Any) -> None:
    limits = lateness(models[MODEL].manifest)

    assert limits["heart-rate"].warn_s == 3600
    assert limits["heart-rate"].alarm_s == 4 * 3600
    assert limits["creatinine"].warn_s > 4 * 3600
    assert "age" not in limits
