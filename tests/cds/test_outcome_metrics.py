"""Gauges of what came of cards, over real tables. All data are synthetic."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry

from wherry.adapters.sql import make_engine
from wherry.errors import Failure, Kind
from wherry_cds.board.port import About, Said
from wherry_cds.board.sql import SqlBoard
from wherry_cds.board.tally_sql import SqlTally
from wherry_cds.migrate import upgrade
from wherry_cds.outcome_metrics import OutcomesCollector
from wherry_cds.policy.decide import Finding
from wherry_cds.policy.levels import Level
from wherry_cds.policy.policy import Repeat, ServicePolicy

NOW = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)
EACH_TIME = ServicePolicy(repeat_after_h=Repeat(info=0, warning=0, critical=0), most_a_day=1000)
ABOUT = About("t", "ehr", "early-warning", "patient-view", "p-1", "card-1", model="news2")


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(f"{request.param}_url")
    upgrade(found)
    return found


def test_each_card_counts_once_by_the_last_that_was_said(url: str) -> None:
    engine = make_engine(url)
    board = SqlBoard(engine)
    for number, days in enumerate((9, 3, 2, 1)):
        at = NOW - timedelta(days=days)
        card = replace(ABOUT, card=f"card-{number}")
        assert board.judge(card, Finding(at, Level.WARNING, 0.4, "Practitioner/u"), EACH_TIME).shown
    said = [
        Said("card-3", "accepted", NOW - timedelta(hours=23), suggestions=("s",)),
        Said("card-3", "overridden", NOW - timedelta(hours=22)),
        Said("card-0", "accepted", NOW - timedelta(days=9), suggestions=("s",)),
    ]
    board.take("t", "early-warning", said, EACH_TIME)

    registry = CollectorRegistry()
    registry.register(OutcomesCollector(SqlTally(engine), lambda: NOW))
    told = {
        (sample.labels["week"], sample.labels["outcome"]): sample.value
        for metric in registry.collect()
        for sample in metric.samples
    }
    engine.dispose()

    assert told == {
        ("this", "accepted"): 0,
        ("this", "overridden"): 1,
        ("this", "ignored"): 2,
        ("before", "accepted"): 1,
        ("before", "overridden"): 0,
        ("before", "ignored"): 0,
    }


def test_while_the_database_is_away_nothing_is_said() -> None:
    class Away:
        def shown(self, since: datetime, until: datetime) -> dict[tuple[str, str], dict[str, int]]:
            raise Failure(Kind.UNAVAILABLE, "the database is not available")

    assert list(OutcomesCollector(Away(), lambda: NOW).collect()) == []
