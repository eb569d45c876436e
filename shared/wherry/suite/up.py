"""`wherry up`: the suite on one machine, from nothing to a table of addresses, until Ctrl-C."""

import signal
import sys
import time
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from wherry.errors import Failure
from wherry.suite import screen
from wherry.suite.addresses import Addresses
from wherry.suite.place import Place
from wherry.suite.plan import plan, refuse_taken_ports
from wherry.suite.processes import table
from wherry.suite.settings import UpSettings
from wherry.suite.show import Show
from wherry.suite.supervisor import Supervisor

NOT_ENCRYPTED = "Messages are stored as they come, for development: WHERRY_INBOX_KEY is not set."


@click.command()
@click.option("--demo/--no-demo", default=True, help="Play the demo when all is ready.")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var"),
    show_default=True,
    help="Directory for databases, logs and the FHIR token.",
)
@click.option(
    "--port-offset",
    type=click.IntRange(0, 50_000),
    default=0,
    show_default=True,
    help="Added to every port, so that several suites can run.",
)
@click.option(
    "--open-fhir",
    is_flag=True,
    help="Let the sandbox's FHIR API answer without a token, to callers on this machine only.",
)
def up(demo: bool, data: Path, port_offset: int, open_fhir: bool) -> None:
    """Start the suite on this machine and keep it running until Ctrl-C.

    Uses the Redis at WHERRY_REDIS_URL and the database at WHERRY_DATABASE_URL when they are set,
    else its own Redis and a SQLite file; WHERRY_EHR_DATABASE_URL does the same for the sandbox,
    which is always the FHIR server.
    """
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    place, at = Place(data), Addresses(port_offset)
    try:
        place.prepare()
        with place.lock():
            refuse_taken_ports(at)
            settings = UpSettings()
            if settings.inbox_key is None:
                errors.print(NOT_ENCRYPTED)
            processes = table(plan(place, at, settings, open_fhir=open_fhir))
            run(Supervisor(processes, place, tell=screen.teller(errors, place)), demo, at, place)
    except Failure as failure:
        errors.print(f"[bold red]{escape(failure.at)}[/] {escape(failure.detail)}")
        for event in screen.last_events(place.log_file(failure.at)):
            errors.print(f"  last in its log: {escape(event)}")
        sys.exit(1)


def run(supervisor: Supervisor, demo: bool, at: Addresses, place: Place) -> None:
    """Start, show, watch, stop; however it ends, no child is left."""
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: supervisor.ask_to_stop())
    show: Show | None = None
    try:
        start(supervisor, errors)
        if not supervisor.stopping:
            Console().print(screen.addresses(supervisor.children))
            errors.print(f"Data and logs are in {escape(str(place.root))}.")
            show = Show(place.root, at.offset, ended=screen.demo_ended(errors)) if demo else None
            errors.print(screen.HOW_TO_STOP if show is None else "Playing the demo.")
        if show is not None:
            supervisor.watch(show.look)
        else:
            supervisor.watch()
    finally:
        errors.print("Stopping ...")
        if show is not None:
            show.stop()
        supervisor.stop()
        errors.print("Stopped.")


def start(supervisor: Supervisor, errors: Console) -> None:
    """Bring all children up behind a spinner that names those still awaited."""
    began_s = time.monotonic()
    errors.print("Starting the suite ...")
    with errors.status(screen.waiting(supervisor.children)) as status:
        supervisor.start(lambda: status.update(screen.waiting(supervisor.children)))
    if not supervisor.stopping:
        errors.print(f"Ready after {time.monotonic() - began_s:.1f} s.")
