"""Steps and figures become a progress bar and a table on a terminal."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

COLUMNS = ("model", "dataset", "n", "events", "auroc", "auprc", "brier", "slope", "ece", "o_e")


@contextmanager
def steps(total: int) -> Iterator[Callable[[str], None]]:
    """A function to call at the start of each step; the bar is on stderr."""
    columns = (SpinnerColumn(), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=total, completed=-1)

        def step(text: str) -> None:
            progress.update(task, advance=1, description=text)

        yield step
        progress.update(task, completed=total, description="done")


def table(told: Sequence[dict[str, Any]]) -> None:
    """Print the main figures."""
    shown = Table(*COLUMNS)
    for one in told:
        shown.add_row(*("–" if one[name] is None else str(one[name]) for name in COLUMNS))
    Console().print(shown)
