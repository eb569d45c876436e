"""`wherry risk roles`, `assign`, `promote`, `retire`, `rollback`: which version answers whom."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from wherry.codec import encode
from wherry_risk.lifecycle.deciding import Decision, Wish, back, decided, simply
from wherry_risk.lifecycle.opened import data_option, json_option, opened, tenant_option
from wherry_risk.lifecycle.promotion import Criterion, holds
from wherry_risk.lifecycle.roles import BESIDE, Assignment, Deed, Role, Version, version_of

Command = Callable[..., Any]
_DAYS = 180
BESIDE_NAMES = [role.value for role in BESIDE]


def _signed(command: Command) -> Command:
    """Who does it and why; both are written down."""
    by = click.option("--by", required=True, help="Name of the person who decides.")
    reason = click.option("--reason", required=True, help="Why; it is kept with the change.")
    return by(reason(command))


@click.command()
@click.option("--trail", is_flag=True, help="Every change so far, with its figures.")
@tenant_option
@data_option
@json_option
def roles(tenant: str, data: Path, *, trail: bool, as_json: bool) -> None:
    """Which version is what for a tenant; without any, the newest of each package answers."""
    with opened(data) as needs:
        told = needs.roles.trail(tenant) if trail else needs.roles.standing(tenant)
    for one in told:
        facts = _change(one) if isinstance(one, Deed) else _standing(one)
        click.echo(encode(facts) if as_json else "  ".join(f"{facts[name]}" for name in _SHOWN
                                                            if facts.get(name)))  # fmt: skip


_SHOWN = ("at", "asked", "version", "before", "role", "by", "reason", "despite")


@click.command()
@click.argument("version", metavar="MODEL@VERSION")
@click.option("--role", required=True, type=click.Choice(sorted(BESIDE_NAMES)))
@click.option("--beside", default="", help="Model beside which it runs. Default: its own id.")
@_signed
@tenant_option
@data_option
def assign(
    *, version: str, role: str, beside: str, by: str, reason: str, tenant: str, data: Path
) -> None:
    """Let a version score beside the champion, on the same records, without being shown."""
    with opened(data) as needs:
        wish = Wish(tenant, version_of(version), by, reason)
        needs.roles.change(simply(needs, wish, Role(role), asked=beside))
    click.echo(f"{version} is {role} for {tenant}")


@click.command()
@click.argument("version", metavar="MODEL@VERSION")
@click.option("--days", default=_DAYS, show_default=True, help="How far back scores are compared.")
@click.option("--despite", default="", help="Why it goes on though the rule does not hold.")
@_signed
@tenant_option
@data_option
@json_option
def promote(
    *, version: str, days: int, despite: str, by: str, reason: str, tenant: str, data: Path,
    as_json: bool,
) -> None:  # fmt: skip
    """Make a version the champion, when the stated rule holds on recorded scores and outcomes.

    Exits with 1 when it does not hold, or when data are too few to say.
    """
    with opened(data) as needs:
        wish = Wish(tenant, version_of(version), by, reason, despite)
        decision = decided(needs, wish, since=needs.clock.now() - timedelta(days=days))
        _show(wish.version, decision, as_json)
        if not decision.deeds:
            raise click.ClickException("the rule does not hold; nothing was changed")
        needs.roles.change(decision.deeds)
    click.echo(f"{version} is champion for {tenant}", err=as_json)


@click.command()
@click.argument("version", metavar="MODEL@VERSION")
@click.option("--beside", default="", help="Model beside which it runs. Default: its own id.")
@_signed
@tenant_option
@data_option
def retire(*, version: str, beside: str, by: str, reason: str, tenant: str, data: Path) -> None:
    """Ask a version no more. Without a champion a model does not answer: 503, and says why."""
    with opened(data) as needs:
        wish = Wish(tenant, version_of(version), by, reason)
        needs.roles.change(simply(needs, wish, Role.RETIRED, asked=beside))
    click.echo(f"{version} is retired for {tenant}")


@click.command()
@click.argument("model")
@_signed
@tenant_option
@data_option
def rollback(*, model: str, by: str, reason: str, tenant: str, data: Path) -> None:
    """Make the champion before the present one champion again, at once and without the rule."""
    with opened(data) as needs:
        deeds = back(needs, Wish(tenant, Version(model, ""), by, reason))
        needs.roles.change(deeds)
    click.echo(f"{deeds[-1].version} is champion for {tenant}")


def _show(version: Version, decision: Decision, as_json: bool) -> None:
    if as_json:
        told = {"version": str(version), "champion": str(decision.champion),
                "holds": holds(decision.criteria),
                "criteria": [asdict(one) for one in decision.criteria]}  # fmt: skip
        click.echo(encode(told))
        return
    if not decision.criteria:
        click.echo(f"{version} answered as the newest version; now it is named")
        return
    click.echo(f"{version} beside the champion {decision.champion}")
    Console().print(_table(decision.criteria))


def _table(criteria: Sequence[Criterion]) -> Table:
    shown = Table("condition", "figure", "asked for", "holds")
    for one in criteria:
        shown.add_row(one.name, one.figure, one.asked, "yes" if one.holds else "NO")
    return shown


def _standing(one: Assignment) -> dict[str, Any]:
    return {"asked": one.asked, "version": str(one.version), "role": one.role.value,
            "at": one.since.isoformat(timespec="seconds"), "by": one.by,
            "reason": one.reason}  # fmt: skip


def _change(one: Deed) -> dict[str, Any]:
    return {"at": one.at.isoformat(timespec="seconds"), "asked": one.asked,
            "version": str(one.version), "before": one.before.value if one.before else "",
            "role": one.after.value, "by": one.by, "reason": one.reason, "despite": one.despite,
            "criteria": list(one.criteria)}  # fmt: skip
