"""What the supervisor knows becomes what the person at the terminal reads."""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from wherry.suite.child import SETTLED, Child, Status
from wherry.suite.place import Place

HOW_TO_STOP = "The suite keeps running. Stop it with Ctrl-C."

_CRASH = re.compile(r"^([A-Za-z_][\w.]*(?:Error|Exception|Failure|Exit))\b")
_TAIL_BYTES = 16_384


def addresses(children: Sequence[Child]) -> Table:
    """The table of services, for standard output."""
    shown = Table(title="Wherry is up", title_justify="left", title_style="bold")
    shown.add_column("service", style="bold", no_wrap=True)
    shown.add_column("address", no_wrap=True)
    shown.add_column("state", no_wrap=True)
    for child in children:
        if not child.process.once:
            state = child.status.value if child.process.ready else "running"
            shown.add_row(child.process.name, child.process.address or "–", state)
    return shown


def waiting(children: Sequence[Child]) -> str:
    """One line for the spinner: who is not there yet."""
    names = [child.process.name for child in children if child.status not in SETTLED]
    return f"Waiting for {', '.join(names)}" if names else "All ready"


def teller(console: Console, place: Place) -> Callable[[Child], None]:
    """Says that a child died, came back or was given up."""

    def tell(child: Child) -> None:
        name, log = child.process.name, escape(str(place.log_file(child.process.name)))
        if child.status is Status.READY:
            console.print(f"[green]{name}[/] runs again.")
        elif child.status is Status.RESTARTING:
            console.print(f"[yellow]{name}[/] ended and is started again. Its log: {log}")
        elif child.status is Status.GIVEN_UP:
            console.print(
                f"[bold red]{name} keeps dying: it is tried once a minute.[/] Its log: {log}"
            )

    return tell


def demo_ended(console: Console) -> Callable[[int], None]:
    """Says how the demo ended and what happens now."""

    def ended(code: int) -> None:
        if code:
            console.print("[bold red]The demo did not end well.[/] `wherry demo` plays it again.")
        console.print(HOW_TO_STOP)

    return ended


def last_events(log: Path, count: int = 5) -> list[str]:
    """Names of the last events or error types in a log; never their texts or values."""
    if not log.exists():
        return []
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
        lines = file.read().decode(errors="replace").splitlines()
    names = [name for line in lines if (name := _event(line))]
    return names[-count:]


def _event(line: str) -> str:
    try:
        entry = json.loads(line)
    except ValueError:
        found = _CRASH.match(line)
        return found.group(1) if found else ""
    return str(entry.get("event", "")) if isinstance(entry, dict) else ""
