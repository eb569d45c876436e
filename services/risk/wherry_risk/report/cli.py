"""`wherry risk report`: one HTML file about a month."""

import re
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from wherry_risk.lifecycle.opened import data_option, opened, tenant_option
from wherry_risk.monitoring.job import Watch, look
from wherry_risk.report.page import Month, page

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
WRITTEN = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--month", required=True, help="Such as 2026-10.")
@click.option("-o", "--output", required=True, type=WRITTEN, help="The HTML file.")
@tenant_option
@data_option
def report(*, month: str, output: Path, tenant: str, data: Path) -> None:
    """Write a report about the models of a month: feeds, drift, alerts, outcomes, groups, roles.

    One file that loads nothing, with no patient in it; for the screen and for paper.
    """
    since, end = span(month)
    with opened(data) as needs, Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)
        made_at = needs.clock.now()
        until = min(end, made_at)  # of a month that is not over
        watch = Watch(needs.records, needs.outcomes, needs.found, needs.standing(tenant).now,
                      needs.packages, tenant)  # fmt: skip
        told = look(watch, since=since, until=until,
                    step=lambda text: bar.update(task, description=text))  # fmt: skip
        deeds = [one for one in needs.roles.trail(tenant) if since <= one.at < until]
    output.write_text(page(Month(tenant, month, made_at, told, deeds)), encoding="utf-8")
    click.echo(output)


def span(month: str) -> tuple[datetime, datetime]:
    """The first moments of this month and of the next, in UTC."""
    found = _MONTH.fullmatch(month)
    if found is None:
        raise click.BadParameter("not a month such as 2026-10", param_hint="--month")
    year, number = map(int, found.groups())
    since = datetime(year, number, 1, tzinfo=UTC)
    return since, since.replace(year=year + number // 12, month=number % 12 + 1)
