"""`wherry devices derive`, on a database without any note."""

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from wherry.adapters.migrate import upgrade as upgrade_inbox
from wherry.adapters.sql import make_engine
from wherry_devices.cli import devices
from wherry_devices.derivation.days import Touched
from wherry_devices.derivation.days_sql import SqlDays
from wherry_devices.mapping.rules import RULES
from wherry_devices.migrate import upgrade


def run(data: Path, *arguments: str) -> Result:
    return CliRunner().invoke(devices, ["derive", *arguments, "--data", str(data)])


def test_what_a_person_asks_for_is_noted_for_the_worker(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'wherry.db'}"
    upgrade_inbox(url)
    upgrade(url)

    told = run(tmp_path, "p1", "p2", "--from", "2026-02-27", "--to", "2026-03-01")

    assert (told.exit_code, told.output) == (0, "2 patients, 3 days noted\n")
    engine = make_engine(url)
    lent = SqlDays(engine).due(owner="w", limit=99, quiet_s=0, lease_s=9)
    engine.dispose()
    noted = {one.touched for one in lent}
    assert {one.day for one in noted if one.what == "average-bp"} == {
        date(2026, 2, 27),
        date(2026, 2, 28),
        date(2026, 3, 1),
    }
    windows = {what for what, rule in RULES.items() if rule.window}
    assert {one for one in noted if one.what in windows} == {
        Touched(patient, what, date(2026, 3, 1)) for patient in ("p1", "p2") for what in windows
    }


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "Missing argument"),
        (["p1", "--from", "2026-03-02", "--to", "2026-03-01"], "must not be after"),
        (["p1"], "there is no database"),
    ],
)
def test_what_cannot_be_done_is_said(tmp_path: Path, arguments: list[str], says: str) -> None:
    told = run(tmp_path, *arguments)

    assert told.exit_code != 0
    assert says in told.output
