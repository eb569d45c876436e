"""What was measured about a folder becomes tables for people, or JSON."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.table import Table

from hl7corpus.figures import Figure
from hl7corpus.measure import Measure
from hl7corpus.outcome import Outcome

_TOP = 25
_NUMBERS = ("messages", "translated", "outcomes", "crashes", "invalid", "unresolved")
_HEADS = ("type", "messages", "made", "outcome", "crash", "invalid", "unres.", "agree", "open")


def rows(measure: Measure) -> list[dict[str, Any]]:
    """One row for each corpus and message type."""
    agreement = {(one.corpus, one.kind): one for one in measure.figures}
    groups: dict[tuple[str, str], list[Outcome]] = {}
    for one in measure.outcomes:
        groups.setdefault((one.piece.corpus, one.kind), []).append(one)
    return [_row(measure, key, group, agreement.get(key)) for key, group in sorted(groups.items())]


def _row(
    measure: Measure, key: tuple[str, str], group: list[Outcome], agreed: Figure | None
) -> dict[str, Any]:
    names = [f"{one.piece.source}#{one.piece.index}" for one in group]
    return {
        "corpus": key[0],
        "type": key[1],
        "messages": len(group),
        "translated": sum(one.made is not None for one in group),
        "outcomes": sum(one.made is None for one in group),
        "crashes": sum(bool(one.crash) for one in group),
        "invalid": sum(name in measure.invalid for name in names),
        "unresolved": sum(name in measure.unresolved for name in names),
        "agreement": agreed.percent if agreed else None,
        "agreed": agreed.agreed if agreed else 0,
        "listed": agreed.listed if agreed else 0,
        "open": len(agreed.open) if agreed else 0,
    }


def reasons(measure: Measure) -> list[tuple[str, int]]:
    """Why messages were not translated, the most frequent first."""
    return Counter(one.reason for one in measure.outcomes if one.made is None).most_common()


def unmapped(measure: Measure) -> list[tuple[str, int]]:
    """Fields without a map, by the number of messages that have them."""
    issues = (one.made.unmapped for one in measure.translated if one.made)
    return Counter(at for found in issues for at in {issue.at for issue in found}).most_common()


def conserved(measure: Measure) -> list[tuple[str, int, int]]:
    """Each count: how often it applied and how often it did not hold."""
    all_ = Counter(one.rule for one in measure.kept)
    lost = Counter(one.rule for one in measure.kept if not one.held)
    return [(rule, n, lost[rule]) for rule, n in sorted(all_.items())]


def silent(measure: Measure) -> list[tuple[str, int]]:
    """Fields lost without a word, by the number of messages."""
    return Counter(at for _, found in measure.silent for at in found).most_common()


def as_json(measure: Measure) -> str:
    """All of it as one JSON object."""
    return json.dumps(
        {
            "rows": rows(measure),
            "outcomes": dict(reasons(measure)),
            "unmapped": dict(unmapped(measure)),
            "conserved": [
                {"rule": rule, "messages": n, "broken": lost}
                for rule, n, lost in conserved(measure)
            ],
            "silent": dict(silent(measure)),
        },
        indent=2,
    )


def tables(measure: Measure, out: Console) -> None:
    """Print all of it."""
    for corpus in sorted({one.piece.corpus for one in measure.outcomes}):
        out.print(_corpus(measure, corpus))
    out.print(_pairs("Not translated", "reason", reasons(measure)))
    out.print(_pairs("Without a map", "field", unmapped(measure)[:_TOP]))
    out.print(_pairs("Lost without a word", "field", silent(measure)[:_TOP]))
    table = Table("count", "messages", "broken", title="Conservation", title_justify="left")
    for rule, n, lost in conserved(measure):
        table.add_row(rule, str(n), str(lost))
    out.print(table)


def _corpus(measure: Measure, corpus: str) -> Table:
    table = Table(*_HEADS, title=corpus, title_justify="left")
    mine = [row for row in rows(measure) if row["corpus"] == corpus]
    for row in mine:
        table.add_row(row["type"], *_cells(row), _percent(row["agreement"]), str(row["open"]))
    sums = {name: sum(row[name] for row in mine) for name in (*_NUMBERS, "open")}
    whole = [row for row in mine if row["agreement"] is not None]
    total = sum(row["agreed"] + row["listed"] + row["open"] for row in whole)
    done = sum(row["agreed"] + row["listed"] for row in whole)
    table.add_section()
    share = done * 1000 // total / 10 if total else None
    table.add_row("all", *_cells(sums), _percent(share), str(sums["open"]))
    return table


def _cells(row: dict[str, Any]) -> Iterable[str]:
    return (str(row[name] or "") if name != "messages" else str(row[name]) for name in _NUMBERS)


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} %"


def _pairs(title: str, name: str, pairs: Iterable[tuple[str, int]]) -> Table:
    table = Table(name, "messages", title=title, title_justify="left")
    for key, count in pairs:
        table.add_row(key, str(count))
    return table
