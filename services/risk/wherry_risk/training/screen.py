"""Steps and figures become a progress bar and a table on a terminal."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

COLUMNS = ("model", "dataset", "n", "events", "auroc", "auprc", "brier", "slope", "ece", "o_e")


class Steps(Protocol):
    """Where a long work tells how far it is."""

    def step(self, text: str, total: int | None = None) -> None:
        """A new step has begun; with `total`, it will advance so often."""
        ...

    def advance(self) -> None:
        """The step has come one further."""
        ...


class Bar:
    """Two lines on stderr: the steps of the whole, and how far the present one is."""

    def __init__(self, progress: Progress, total: int) -> None:
        """`total`: how many steps there will be."""
        self._progress = progress
        self._whole = progress.add_task("", total=total, completed=-1)
        self._part = progress.add_task("", total=1, visible=False)

    def step(self, text: str, total: int | None = None) -> None:
        """A new step has begun."""
        self._progress.update(self._whole, advance=1, description=text)
        self._progress.reset(self._part, total=total or 1, visible=total is not None,
                             description="trees")  # fmt: skip

    def advance(self) -> None:
        """One tree more."""
        self._progress.advance(self._part)

    def done(self) -> None:
        """Everything is finished."""
        self._progress.update(self._whole, total=1, completed=1, description="done")
        self._progress.update(self._part, visible=False)


@contextmanager
def steps(total: int) -> Iterator[Bar]:
    """A bar on stderr."""
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = Bar(progress, total)
        yield bar
        bar.done()


def table(told: Sequence[dict[str, Any]]) -> None:
    """Print the main figures, the AUROC with its interval."""
    shown = Table(*COLUMNS, "utility", "rows")
    for one in told:
        cells = [_cell(one, name) for name in (*COLUMNS, "utility", "rows")]
        shown.add_row(*cells)
    Console().print(shown)


def _cell(told: dict[str, Any], name: str) -> str:
    if told[name] is None:
        return "–"
    ends = told["intervals"].get(name) if name in {"auroc", "utility"} else None
    return f"{told[name]}" + (f" ({ends[0]} to {ends[1]})" if ends else "")
