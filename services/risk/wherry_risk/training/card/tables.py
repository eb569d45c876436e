"""Figures become lines and tables of Markdown."""

from collections.abc import Mapping, Sequence
from typing import Any

Told = Mapping[str, Any]
METRICS = ("auroc", "auprc", "brier", "slope", "ece", "o_e")


def said(head: str, items: Sequence[str]) -> str:
    """A sentence of these items."""
    return f"{head}: {'; '.join(items)}."


def line(told: Told) -> str:
    """The main figures in one line, AUROC with its interval."""
    low, high = told["intervals"]["auroc"]
    parts = [f"AUROC {told['auroc']:.3f} ({low:.3f} to {high:.3f})"]
    parts += [
        f"{name} {told[key]:.3f}"
        for name, key in (("Brier", "brier"), ("slope", "slope"), ("ECE", "ece"), ("O/E", "o_e"))
    ]
    if told.get("utility") is not None:
        parts.append(f"utility {told['utility']:.3f}")
    return f"{', '.join(parts)}; n {told['n']}, events {told['events']}, people {told['patients']}"


def bullets(lines: Sequence[str]) -> str:
    """A list."""
    return "\n".join(f"- {one}" for one in lines)


def figures_table(rows: Mapping[str, Told]) -> str:
    """One line for each set of rows, with intervals where they are known."""
    lines = [
        "| | rows | events | AUROC | AUPRC | Brier | slope | ECE | O/E | utility |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for label, told in rows.items():
        cells = [_cell(told, name) for name in (*METRICS, "utility")]
        lines.append(f"| {label} | {told['n']} | {told['events']} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(told: Told, name: str) -> str:
    if told.get(name) is None:
        return "–"
    ends = told.get("intervals", {}).get(name)
    return f"{told[name]:.3f}" + (f" ({ends[0]:.3f}–{ends[1]:.3f})" if ends else "")


def gaps_table(gaps: Mapping[str, Told]) -> str:
    """What missing inputs cost, by training."""
    lines = [
        "| away | AUROC, plain | AUROC, as shipped | O/E, plain | O/E, as shipped |",
        "|---|---|---|---|---|",
    ]
    for name, told in gaps.items():
        cells = [f"{told[fit]['auroc']:.3f}" for fit in ("before", "after")]
        cells += [f"{told[fit]['o_e']:.2f}" for fit in ("before", "after")]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def groups_table(groups: Mapping[str, Told]) -> str:
    """The figures of each group, or that there are too few events."""
    lines = ["| group | rows | events | AUROC | slope | O/E |", "|---|---|---|---|---|---|"]
    for name, told in groups.items():
        cells = (
            f"{told['note']} | | "
            if "note" in told
            else f"{told['auroc']:.3f} | {told['slope']:.2f} | {told['o_e']:.2f}"
        )
        lines.append(f"| {name} | {told['n']} | {told['events']} | {cells} |")
    return "\n".join(lines)


def tried_table(tried: Sequence[Told]) -> str:
    """What was compared, and what was found."""
    lines = ["| tried | found |", "|---|---|"]
    return "\n".join([*lines, *(f"| {one['what']} | {one['found']} |" for one in tried)])


def tiers_table(tiers: Sequence[Any]) -> str:
    """How each tier did on the test part."""
    lines = ["| tier | from | flagged | sensitivity | specificity | PPV | NPV |"]
    lines.append("|---|---|---|---|---|---|---|")
    for tier in tiers:
        shares = (tier.flag, tier.sens, tier.spec, tier.ppv, tier.npv)
        cells = " | ".join("–" if share is None else f"{share:.3f}" for share in shares)
        lines.append(f"| {tier.name} or above | {tier.value:.3f} | {cells} |")
    return "\n".join(lines)
