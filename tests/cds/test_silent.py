"""The burden of a service in silent mode, as figures and as a command. All data are synthetic."""

import json
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result

from wherry.adapters.sql import make_engine
from wherry_cds.board.port import About, Row
from wherry_cds.board.sql import SqlBoard
from wherry_cds.cli import cds
from wherry_cds.migrate import upgrade
from wherry_cds.policy.decide import Finding
from wherry_cds.policy.levels import Level
from wherry_cds.policy.policy import ServicePolicy
from wherry_cds.silent import Burden, Tally

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
_ids = count(1)


def row(rule: str, *, patient: str = "p-1", hours: float = 0, **more: Any) -> Row:
    about = About(
        "t",
        "ehr",
        more.get("service", "deterioration"),
        "patient-view",
        patient,
        "c",
        model=more.get("model", "m"),
        version=more.get("version", "1.0.0"),
    )
    return Row(
        next(_ids),
        NOW - timedelta(hours=hours),
        about,
        "u",
        more.get("level", Level.WARNING),
        0.3,
        rule == "first-crossing",
        rule,
        more.get("policy", "quiet"),
    )


def figures(*rows: Row) -> list[Burden]:
    tally = Tally()
    tally.add(rows)
    return list(tally.burdens())


def test_cards_are_counted_for_100_calls_and_for_each_patient_and_day() -> None:
    told = figures(
        row("silent-mode"),
        row("within-repeat-window"),
        row("silent-mode", hours=24, level=Level.CRITICAL),
        row("below-least-level", patient="p-2", level=Level.NONE),
        row("silent-mode", version="2.0.0"),
    )

    assert [(one.version, one.level, one.cards) for one in told] == [
        ("1.0.0", "critical", 1),
        ("1.0.0", "warning", 1),
        ("1.0.0", "info", 0),
        ("2.0.0", "critical", 0),
        ("2.0.0", "warning", 1),
        ("2.0.0", "info", 0),
    ]
    assert (told[0].calls, told[0].patient_days) == (4, 3)
    assert (told[0].per_100_calls, round(told[0].per_patient_day, 3)) == (25.0, 0.333)


@pytest.mark.parametrize(
    "other",
    [
        row("switched-off"),
        row("no-occasion"),
        row("first-crossing", policy="live"),
        row("within-repeat-window", policy="live"),
    ],
)
def test_calls_without_a_score_and_calls_while_it_was_live_do_not_thin_it(other: Row) -> None:
    assert figures(row("silent-mode"), other) == figures(row("silent-mode"))


def test_a_service_that_was_never_silent_is_not_told() -> None:
    assert figures(row("first-crossing"), row("within-repeat-window")) == []


@pytest.fixture
def board(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("WHERRY_DATABASE_URL", sqlite_url)
    upgrade(sqlite_url)
    engine = make_engine(sqlite_url)
    yield SqlBoard(engine)
    engine.dispose()


def run(*words: str) -> Result:
    return CliRunner().invoke(cds, ["audit", "silent", "--tenant", "t", *words])


def test_the_command_tells_what_was_held_back_in_these_days(board: SqlBoard) -> None:
    now = datetime.now(UTC)  # noqa: TID251 - the command asks its own clock
    silent = msgspec.structs.replace(ServicePolicy(), mode="silent")
    for patient, days in (("p-1", 1), ("p-2", 2), ("p-3", 50)):
        about = About("t", "ehr", "deterioration", "patient-view", patient, "c", model="m")
        finding = Finding(now - timedelta(days=days), Level.WARNING, 0.4, "Practitioner/u")
        board.judge(about, finding, silent)

    told = [json.loads(line) for line in run("--json").stdout.splitlines()]
    assert [(one["level"], one["cards"], one["calls"]) for one in told] == [
        ("critical", 0, 2),
        ("warning", 2, 2),
        ("info", 0, 2),
    ]
    assert (told[1]["per_100_calls"], told[1]["per_patient_day"]) == (100.0, 1.0)
    words = run("--days", "60").stdout.splitlines()
    assert words[1] == (
        "deterioration m not known warning: 3 cards; 100.0 per 100 calls (3), "
        "1.00 per patient-day (3)"
    )


def test_without_silent_mode_that_is_said(board: SqlBoard) -> None:
    assert run().stdout == "no card of t was held back by silent mode in 30 days\n"
    assert run("--json").stdout == ""
