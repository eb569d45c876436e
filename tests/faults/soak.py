"""`make soak`: thousands of messages, dozens of kills, and a table of what became of them."""

import secrets
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from tests.faults.fire import Plan, Report, Tell, burning, endure

DATABASES = ("sqlite", "postgresql")
_SEED = 2**31
_AWAY = "Seconds that the FHIR server is away once."
_EACH = 250  # messages of one family


@click.command()
@click.option("--messages", type=click.IntRange(200), default=10_000, show_default=True)
@click.option("--kills", type=click.IntRange(1), default=24, show_default=True)
@click.option("--database", type=click.Choice((*DATABASES, "both")), default="both")
@click.option("--seed", type=click.IntRange(0, _SEED), help="That of a run to be made again.")
@click.option("--away", type=click.IntRange(0), default=60, show_default=True, help=_AWAY)
@click.option("--keep", is_flag=True, help="Keep databases and logs, whatever came of it.")
def main(
    *, messages: int, kills: int, database: str, seed: int | None, away: int, keep: bool
) -> None:
    """Soak: send messages while processes, Redis and the database are killed, on loopback only.

    Once, the FHIR server is away for the time given; Redis is flushed besides.

    Exit code 1 when a message was lost, doubled, out of order, set aside or left over; logs and
    databases are then kept. Ctrl-C ends it and whatever it started.
    """
    for number in (signal.SIGINT, signal.SIGTERM):  # also where a shell had it ignored
        signal.signal(number, signal.default_int_handler)
    screen = Console(highlight=False)
    chosen = secrets.randbelow(_SEED) if seed is None else seed
    plan = Plan(chosen, messages, kills, max(8, messages // _EACH), away_s=away)
    screen.print(f"Seed {plan.seed}: {messages:,} messages, {kills} kills on each database.")
    reports = {
        name: _run(name, plan, screen, keep)
        for name in (DATABASES if database == "both" else (database,))
    }
    screen.print(summary(reports, plan))
    sys.exit(0 if all(report.flawless(plan) for report in reports.values()) else 1)


def _run(database: str, plan: Plan, screen: Console, keep: bool) -> Report:
    directory = Path(tempfile.mkdtemp(prefix=f"wherry-soak-{database}-"))
    try:
        report = _watched(database, directory, plan, screen)
    except KeyboardInterrupt:
        shutil.rmtree(directory)
        raise
    for what in (report.findings.lost, report.findings.doubled, report.findings.disordered):
        for line in what[:20]:
            screen.print(f"{database}: {line}")
    if keep or not report.flawless(plan):
        screen.print(f"{database}: logs and databases are in {directory}")
    else:
        shutil.rmtree(directory)
    return report


def _watched(database: str, directory: Path, plan: Plan, screen: Console) -> Report:
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        Progress(TextColumn("{task.description}"), *columns, console=screen) as bars,
        burning(directory, database, {}) as house,
    ):
        return endure(house, plan, _teller(bars, database, plan))


def _teller(bars: Progress, database: str, plan: Plan) -> Tell:
    """A bar for each thing that is counted, and a line for each kill."""
    tasks = {
        what: bars.add_task(f"{database}: {what}", total=total)
        for what, total in (
            ("acknowledged", plan.messages),
            ("killed", plan.kills),
            ("stored", plan.messages),
            ("read back", plan.families),
        )
    }

    def tell(what: str, done: int, _all: int) -> None:
        if what.startswith("kill "):
            bars.console.print(f"{database}: kill {done} of {plan.kills}: {what[5:]}")
            what = "killed"
        if done >= 0:
            bars.update(tasks[what], completed=done)

    return tell


def summary(reports: dict[str, Report], plan: Plan) -> Table:
    """What became of the messages, one column for each database."""
    table = Table("", *reports, title=f"Soak, seed {plan.seed}", caption_justify="left")
    rows: dict[str, Callable[[Report], str]] = {
        "messages": lambda _: f"{plan.messages:,}",
        "acknowledged": lambda one: f"{one.acked:,}",
        "refused": lambda one: f"{one.refused:,}",
        "sent again": lambda one: f"{one.resent:,}",
        "stored": lambda one: f"{one.findings.stored:,}",
        "lost": lambda one: str(len(one.findings.lost)),
        "doubled": lambda one: str(len(one.findings.doubled)),
        "out of order": lambda one: str(len(one.findings.disordered)),
        "set aside": lambda one: str(one.aside),
        "left over": lambda one: str(one.unfinished),
        "kills": lambda one: str(sum(one.kills.values())),
        "Redis flushed": lambda one: f"{one.flushes} ×",
        "killed": lambda one: "\n".join(f"{n} × {v}" for v, n in sorted(one.kills.items())),
        "longest recovery": lambda one: f"{one.longest_recovery_s:.1f} s ({one.slowest})",
        "time": lambda one: f"{one.seconds:.0f} s",
    }
    for name, cell in rows.items():
        table.add_row(name, *(cell(one) for one in reports.values()))
    return table


if __name__ == "__main__":
    main()
