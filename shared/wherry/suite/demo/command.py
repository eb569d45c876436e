"""`wherry demo`: feed and devices are played, what arrived is counted, two questions answered."""

import sys
from contextlib import ExitStack
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from wherry.adapters.clock import SystemClock
from wherry.errors import Failure
from wherry.suite.addresses import Addresses
from wherry.suite.demo.feed import feed
from wherry.suite.demo.home import home
from wherry.suite.demo.play import play
from wherry.suite.demo.running import connect
from wherry.suite.place import Place
from wherry.suite.settings import UpSettings


@click.command()
@click.option(
    "--port-offset",
    type=click.IntRange(0, 50_000),
    default=0,
    show_default=True,
    help="As given to `wherry up`.",
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var"),
    show_default=True,
    help="As given to `wherry up`: the FHIR token is read there, unless WHERRY_FHIR_TOKEN is set.",
)
def demo(port_offset: int, data: Path) -> None:
    """Play a synthetic feed against a running suite and show the cards that come of it.

    Exits 0 only when everything that was sent is in the FHIR server, exactly once. It can be played
    again at any time.
    """
    shown, errors = Console(), Console(stderr=True, highlight=False)
    try:
        with ExitStack() as stack:
            running = connect(Addresses(port_offset), Place(data), UpSettings(), stack)
            now = SystemClock().now()
            play(running, feed(now), home(now), shown, errors)
    except Failure as failure:
        errors.print(f"[bold red]{escape(failure.at or 'demo')}[/] {escape(failure.detail)}")
        sys.exit(1)
