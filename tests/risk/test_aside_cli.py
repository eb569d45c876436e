"""`wherry risk aside` and `requeue`, on a database of made-up patients."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from wherry.adapters.changes_sql import SqlChanges
from wherry.adapters.migrate import upgrade
from wherry.adapters.sql import make_engine
from wherry.codec import decode
from wherry_risk.cli import risk

Run = Callable[..., Result]
REASONS = {"p-1": "fault: ZeroDivisionError", "p-2": "not_found at patient"}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """The commands on a database in which the patients of REASONS are aside."""
    url = f"sqlite:///{tmp_path / 'wherry.db'}"
    upgrade(url)
    engine = make_engine(url)
    changes = SqlChanges(engine)
    changes.mark(list(REASONS))
    for lent in changes.due(owner="risk", limit=9, quiet_s=0, lease_s=9):
        changes.put_off(lent, reason=REASONS[lent[0]], pauses=())
    engine.dispose()

    def invoked(*arguments: str) -> Result:
        return CliRunner().invoke(risk, [*arguments, "--data", str(tmp_path)])

    return invoked


def left(run: Run) -> list[str]:
    return [decode(line)["patient"] for line in run("aside", "--json").stdout.splitlines()]


def test_who_is_aside_is_listed_with_reason_and_attempts(run: Run) -> None:
    lines = [decode(line) for line in run("aside", "--json").stdout.splitlines()]

    assert [(one["patient"], one["reason"], one["attempts"]) for one in lines] == [
        (patient_id, reason, 1) for patient_id, reason in REASONS.items()
    ]
    assert lines[0]["tried_at"].endswith("+00:00")


def test_without_json_there_is_one_line_a_patient(run: Run) -> None:
    lines = run("aside").stdout.splitlines()

    assert [(line.split()[0], line.split("x  ")[1]) for line in lines] == list(REASONS.items())


@pytest.mark.parametrize(
    ("arguments", "said", "after"),
    [
        (["p-1"], "1 requeued", ["p-2"]),
        (["--all"], "2 requeued", []),
        (["--reason", "not_found"], "1 requeued", ["p-1"]),
        (["--reason", "unheard of"], "0 requeued", ["p-1", "p-2"]),
    ],
)
def test_the_chosen_ones_are_sent_back(
    arguments: list[str], said: str, after: list[str], run: Run
) -> None:
    done = run("requeue", *arguments)

    assert (done.exit_code, done.stdout.strip(), left(run)) == (0, said, after)


def test_an_id_that_is_not_aside_is_an_error(run: Run) -> None:
    done = run("requeue", "p-1", "p-9", "--json")

    assert (done.exit_code, decode(done.stdout.splitlines()[0])) == (1, {"requeued": 1})
    assert "not set aside" in done.output


@pytest.mark.parametrize("arguments", [[], ["p-1", "--all"], ["p-1", "--reason", "fault"]])
def test_it_is_never_guessed_who_is_meant(arguments: list[str], run: Run) -> None:
    assert (run("requeue", *arguments).exit_code, left(run)) == (2, ["p-1", "p-2"])


def test_without_a_database_nothing_is_made(tmp_path: Path) -> None:
    done = CliRunner().invoke(risk, ["aside", "--data", str(tmp_path)])

    assert (done.exit_code, list(tmp_path.iterdir())) == (1, [])
