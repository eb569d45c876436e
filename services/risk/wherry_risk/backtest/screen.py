"""The tables of a backtest on a terminal, and how far it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

FIGURES = ("auroc", "auprc", "brier", "slope", "ece", "o_e")
POINTS = ("flag", "sens", "spec", "ppv", "npv", "alerts_per_100_patient_days")


class Bar:
    """One line on stderr."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=None)

    def step(self, text: str, total: int | None) -> None:
        """A new step has begun."""
        self._progress.reset(self._task, total=total, description=text)

    def advance(self, by: int = 1) -> None:
        """So much further."""
        self._progress.advance(self._task, by)


@contextmanager
def bar() -> Iterator[Bar]:
    """A bar on stderr."""
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"),
               TimeElapsedColumn())  # fmt: skip
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield Bar(progress)


def show(told: dict[str, Any]) -> None:
    """Print everything that `--json` has, as tables."""
    console, rows = Console(), told["rows"]
    console.print(f"{told['model']}@{told['version']}, asked at: {told['moments']}")
    refusals = ", ".join(f"{count} {code}" for code, count in rows["refusals"].items()) or "none"
    console.print(
        f"{rows['people']} people, {rows['moments']} moments, {rows['answered']} answered; "
        f"refused: {refusals}; {rows['with_outcome']} in scope with a known outcome, "
        f"{rows['outcome_unknown']} without"
    )
    if told["figures"] is None:
        console.print("No outcome is known, so there are no figures.")
        return
    console.print(_figures(told))
    console.print(_thresholds(told))
    console.print(_groups("group", told["subgroups"]))
    console.print(_missing(told["missing"]))


def _figures(told: dict[str, Any]) -> Table:
    lines = {told["model"]: told["figures"], "whom it answered": told["answered"],
             **told["comparators"]}  # fmt: skip
    known = {name: one for name, one in lines.items() if one is not None}
    table = Table("", *known, title="Figures, 95 % intervals by patient")
    for name in ("n", "events", *FIGURES):
        table.add_row(name, *(_cell(one, name) for one in known.values()))
    return table


def _thresholds(told: dict[str, Any]) -> Table:
    table = Table("tier", "from", *(name.replace("_", " ") for name in POINTS), title="Thresholds")
    for one in told["thresholds"]:
        table.add_row(one["name"], f"{one['value']:g}", *(_cell(one, name) for name in POINTS))
    return table


def _groups(title: str, told: dict[str, Any]) -> Table:
    table = Table(title, "n", "events", "AUROC", "slope", "O/E", title="Groups")
    for name, one in told.items():
        table.add_row(name, *_brief(one))
    return table


def _missing(told: dict[str, Any]) -> Table:
    table = Table("input", "missing", "n", "events", "AUROC", "slope", "O/E",
                  title="When an input is missing")  # fmt: skip
    for name, one in sorted(told.items(), key=lambda pair: -pair[1]["share"]):
        table.add_row(name, f"{one['share']:.1%}", *_brief(one["without"]))
    return table


def _brief(one: dict[str, Any]) -> list[str]:
    counts = [str(one["n"]), str(one["events"])]
    if "note" in one:
        return [*counts, one["note"], "", ""]
    return [*counts, *(_cell(one, name) for name in ("auroc", "slope", "o_e"))]


def _cell(one: dict[str, Any], name: str) -> str:
    if one.get(name) is None:
        return "–"
    ends = one.get("intervals", {}).get(name)
    return f"{one[name]}" + (f" ({ends[0]} to {ends[1]})" if ends else "")
