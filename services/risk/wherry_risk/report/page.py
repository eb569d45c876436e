"""Findings of a month become the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from wherry_risk.lifecycle.roles import Deed
from wherry_risk.monitoring.watch import Findings
from wherry_risk.report.parts import anchor, level, table
from wherry_risk.report.sections import section
from wherry_risk.report.style import CSS


@dataclass(frozen=True, slots=True)
class Month:
    """What a report is about: whose month, what was found in it, and whose roles changed."""

    tenant: str
    name: str
    made_at: datetime
    findings: Sequence[Findings]
    deeds: Sequence[Deed]


def page(month: Month) -> str:
    """The whole HTML: nothing is loaded from anywhere, and no patient is in it."""
    title = f"Risk models, {month.name}"
    made = month.made_at.isoformat(timespec="minutes")
    told = [one for one in month.findings if _has_section(one)]
    bodies = [section(one, first=not n) for n, one in enumerate(told)]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{CSS}</style></head><body><main>"
        f"<h1>{escape(title)}</h1>"
        f'<p class="soft">Tenant: {escape(month.tenant)}. Made {made}. Days are days of UTC.</p>'
        "<p>For whoever answers for the models. The models support health professionals beside "
        "their own judgement and diagnose nothing; nothing here is about a single patient. Figures "
        "of outcomes are of scores of this month and of 60 days before it, as far as somebody told "
        "what became of the people.</p>"
        f"{_overview(month.findings)}{''.join(bodies)}{_roles(month.deeds)}"
        "</main></body></html>\n"
    )


def _overview(findings: Sequence[Findings]) -> str:
    rows = [
        f'<tr><th scope="row">{_link(one)}</th><td class="text">{escape(one.role)}</td>'
        f'<td class="text">{level(one.level)}</td>'
        f"<td>{one.alerting.scores}</td><td>{one.alerting.refusals}</td>"
        f"<td>{_events(one)}</td></tr>"
        for one in findings
    ]
    return table(
        "Models of this month. Challengers and shadows score beside the champion; nobody is shown "
        "what they say.",
        ("model", "*role", "*level", "scores", "refusals", "events known"),
        rows,
    )


def _has_section(one: Findings) -> bool:
    """Whether there is anything to tell beside that nobody was scored."""
    return bool(one.alerting.patients or one.performance)


def _link(one: Findings) -> str:
    name = f"{escape(one.model)} {escape(one.version)}"
    return f'<a href="#{anchor(one)}">{name}</a>' if _has_section(one) else name


def _events(one: Findings) -> str:
    if one.performance is None:
        return "–"
    return f"{one.performance.figures['events']} of {one.performance.figures['n']}"


def _roles(deeds: Sequence[Deed]) -> str:
    if not deeds:
        return ""
    rows = [
        f'<tr><th scope="row">{one.at.date()}</th><td class="text">{escape(str(one.version))}</td>'
        f'<td class="text">{one.before.value if one.before else "–"} → {one.after.value}</td>'
        f'<td class="text">{escape(one.by)}</td><td class="text">{escape(one.reason)}'
        + (f"; despite the rule: {escape(one.despite)}" if one.despite else "")
        + "</td></tr>"
        for one in deeds
    ]
    return "<h2>Changes of roles</h2>" + table(
        "Who changed which version's role this month.",
        ("day", "*version", "*role", "*by", "*reason"),
        rows,
    )
