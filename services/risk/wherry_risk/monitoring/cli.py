"""`wherry risk monitor`: look at the models now, and say what asks for attention."""

from datetime import timedelta
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from wherry_risk.lifecycle.opened import data_option, json_option, opened, tenant_option
from wherry_risk.monitoring.job import Watch, monitor
from wherry_risk.monitoring.seen import Level
from wherry_risk.monitoring.watch import Findings

_MOST = 12
_LOUD = (Level.WARN, Level.ALARM)


@click.command(name="monitor")
@click.option("--since", "days", default=30, show_default=True, help="Days of the window.")
@tenant_option
@data_option
@json_option
def monitor_command(*, days: int, tenant: str, data: Path, as_json: bool) -> None:
    """Look at the scores of the last days; exits with 1 when a model alarms.

    Feeds, missing and unusable inputs, drift beside training, alerts, and, as far as outcomes came,
    discrimination and calibration. What was found is kept for the gauges and the monthly report.
    """
    with opened(data) as needs, Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)
        now = needs.clock.now()
        told = monitor(
            Watch(needs.records, needs.outcomes, needs.found, needs.standing(tenant).now,
                  needs.packages, tenant),
            since=now - timedelta(days=days),
            until=now,
            step=lambda text: bar.update(task, description=text),
        )  # fmt: skip
    for one in told:
        if as_json:
            click.echo(msgspec.json.encode(one))
        else:
            _print(one)
    if any(one.level is Level.ALARM for one in told):
        raise SystemExit(1)


def _print(found: Findings) -> None:
    alerts = found.alerting
    console = Console()
    console.print(f"{found.model}@{found.version}, {found.role}: {found.level}")
    rate = alerts.per_100_patient_days
    console.print(
        f"  {alerts.scores} scores, {alerts.refusals} refusals, "
        + ("no patient-days" if rate is None else f"{rate:.1f} alerts per 100 patient-days")
    )
    if found.performance is not None:
        told = found.performance.figures
        console.print(f"  AUROC {told['auroc']}, slope {told['slope']}, O/E {told['o_e']} "
                      f"({told['events']} events of {told['n']})")  # fmt: skip
    rows = [(one.input, f"missing {one.missing:.0%}, lag p95 {_seconds(one.lag_p95_s)}", one.level)
            for one in found.feeds]  # fmt: skip
    rows += [(one.name, f"PSI {one.psi:.3f}", one.level) for one in found.drifts
             if one.psi is not None]  # fmt: skip
    loud = [row for row in rows if row[2] in _LOUD]
    if loud:
        table = Table("input", "what", "level")
        for name, text, level in loud[:_MOST]:
            table.add_row(name, text, level.value)
        console.print(table)


def _seconds(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.0f} s"
