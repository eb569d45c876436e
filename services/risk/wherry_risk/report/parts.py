"""Small parts of the page: levels, facts, tables, numbers."""

from collections.abc import Mapping, Sequence
from html import escape

from wherry_risk.monitoring.seen import Level
from wherry_risk.monitoring.watch import Findings

LEVELS: Mapping[Level, str] = {
    Level.OK: "Nothing to tell",
    Level.INSUFFICIENT: "Too little to say",
    Level.WARN: "Warning",
    Level.ALARM: "Alarm",
}


def level(of: Level) -> str:
    """The level in words; its colour is only beside them."""
    return f'<span class="level {of.value}">{LEVELS[of]}.</span>'


def facts(told: Sequence[tuple[str, str, str]]) -> str:
    """Name, figure, and what is beside it."""
    items = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(figure)}<small>{escape(more)}</small></dd></div>"
        for name, figure, more in told
    )
    return f'<dl class="facts">{items}</dl>'


def table(caption: str, heads: Sequence[str], rows: Sequence[str]) -> str:
    """A table that scrolls by itself; a `*` before a head: its column holds text."""
    cells = "".join(
        f'<th scope="col" class="text">{head[1:]}</th>'
        if head.startswith("*")
        else f'<th scope="col">{head}</th>'
        for head in heads
    )
    return (
        '<div class="wide" tabindex="0"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{cells}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def number(value: float | None, form: str) -> str:
    """The figure, or a dash for what is not defined."""
    return "–" if value is None else form.format(value)


def anchor(one: Findings) -> str:
    """The id of its section."""
    return escape(f"{one.model}-{one.version}-{one.role}".replace(".", "-"))
