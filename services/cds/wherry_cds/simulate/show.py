"""Cards in a terminal, as an EHR shows them: urgency, text, suggestions, reasons, links."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.markdown import Markdown
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from wherry_cds.simulate.calling import Heard

Card = Mapping[str, Any]

_COLOURS: Mapping[str, str] = {"info": "blue", "warning": "yellow", "critical": "red"}
# A terminal obeys these; a card may not
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_ENTITY = re.compile(r"&#(\d{2,4});")


def show(heard: Heard, console: Console) -> None:
    """Print what was answered."""
    cards = heard.body.get("cards") if isinstance(heard.body, dict) else None
    if heard.status != 200 or not isinstance(cards, list):
        console.print(_refusal(heard))
    elif not cards:
        console.print(Text("No card: the service has nothing to say, or says it was shown before."))
    for card in cards if isinstance(cards, list) else []:
        console.print(_panel(card))
    console.print(Text(f"HTTP {heard.status} in {heard.ms:.0f} ms", style="dim"))


def _panel(card: Card) -> Panel:
    indicator = str(card.get("indicator", ""))
    source = card.get("source", {})
    return Panel(
        Group(*_parts(card)),
        title=Text(f" {indicator.upper()} {plain(card.get('summary'))} "),
        subtitle=Text(plain(source.get("label"))),
        border_style=_COLOURS.get(indicator, "white"),
        title_align="left",
        subtitle_align="right",
    )


def _parts(card: Card) -> Iterator[RenderableType]:
    if card.get("detail"):
        yield Markdown(plain(card["detail"]), hyperlinks=False)
    for number, one in enumerate(card.get("suggestions", []), start=1):
        star = " (recommended)" if one.get("isRecommended") else ""
        yield Text(f"\n[{number}] {plain(one.get('label'))}{star}")
        for action in one.get("actions", []):
            yield Text(f"    {plain(action.get('type'))}: {plain(action.get('description'))}")
    if card.get("selectionBehavior"):
        yield Text(f"    choose {plain(card['selectionBehavior'])}", style="dim")
    for link in card.get("links", []):
        yield Text(
            f"\n{plain(link.get('label'))} ({plain(link.get('type'))}): {plain(link.get('url'))}"
        )
    reasons = [plain(one.get("display")) for one in card.get("overrideReasons", [])]
    if reasons:
        yield Text(f"\nDismiss because: {', '.join(reasons)}", style="dim")


def _refusal(heard: Heard) -> RenderableType:
    body = heard.body if isinstance(heard.body, dict) else {}
    table = Table("where", "what", title=f"Refused: HTTP {heard.status}", title_justify="left")
    for issue in body.get("issue", []):
        where = ", ".join(plain(one) for one in issue.get("expression", []))
        table.add_row(
            where, plain(issue.get("details", {}).get("text") or issue.get("diagnostics"))
        )
    return table


def plain(value: Any) -> str:
    """A text without what a terminal would obey; numbered entities as what they stand for."""
    text = _CONTROL.sub("", str(value if value is not None else ""))
    return _ENTITY.sub(lambda found: _CONTROL.sub("", f"\\{chr(int(found[1]))}"), text)
