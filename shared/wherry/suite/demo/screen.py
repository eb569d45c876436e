"""The balance and the cards become what the person at the terminal reads."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.box import ROUNDED
from rich.console import Group, RenderableType
from rich.markdown import Markdown
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from wherry.suite.demo.comparison import Line
from wherry.suite.demo.roster import Person

# Source: CDS Hooks 2.0, Card Attributes, indicator
COLOURS: Mapping[str, str] = {"info": "blue", "warning": "yellow", "critical": "red"}


def progress(console: Any) -> Progress:
    """Bars for sending, storing and checking, on standard error."""
    return Progress(
        TextColumn("{task.description:<22}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )


def balance(lines: Sequence[Line], of: str = "resource") -> Table:
    """Sent and found, side by side, `of` resources or whatever else there is a line for."""
    shown = Table(title="What was sent is in the FHIR server", title_justify="left")
    for heading in (of, "sent", "found", ""):
        shown.add_column(heading, justify="right" if heading in ("sent", "found") else "left")
    for line in lines:
        shown.add_row(line.name, f"{line.sent:,}", f"{line.found:,}", _verdict(line))
    return shown


def answer(title: str, cards: Sequence[Mapping[str, Any]], chart: str) -> RenderableType:
    """One patient's cards in the colour of their indicator, and where the chart is."""
    link = Text(f"Chart: {chart}", no_wrap=True, overflow="ignore")
    return Group(Text(title, style="bold"), *(_card(card) for card in cards), link, "")


def ending(charts: Sequence[tuple[Person, str, str]]) -> RenderableType:
    """Where to go from here: whose chart, why it is worth a look, its address."""
    lines: list[Text] = []
    for person, why, chart in charts:
        lines.append(Text(f"Open the chart of {person.given} {person.family}, {why}:", "bold"))
        lines.append(Text(f"  {chart}", no_wrap=True, overflow="ignore"))
    return Group(*lines)


def _card(card: Mapping[str, Any]) -> Panel:
    indicator = str(card.get("indicator", "info"))
    return Panel(
        Markdown(str(card.get("detail", ""))),
        title=Text(str(card.get("summary", "")), style="bold"),
        title_align="left",
        subtitle=Text(f"{indicator} · {card.get('source', {}).get('label', '')}"),
        subtitle_align="right",
        border_style=COLOURS.get(indicator, "white"),
        box=ROUNDED,
    )


def _verdict(line: Line) -> Text:
    if line.even:
        return Text("complete", style="green")
    return Text(f"{line.lost} lost, {line.surplus} too many", style="bold red")
