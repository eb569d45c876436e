"""`wherry devices derive`: what is derived of a patient's readings is noted to be made again."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import click

from wherry.adapters.clock import SystemClock
from wherry.adapters.sql import make_engine
from wherry.errors import Failure
from wherry.settings import SuiteSettings
from wherry_devices.derivation.days import Touched
from wherry_devices.derivation.days_sql import SqlDays
from wherry_devices.mapping.rules import RULES

_DAY = timedelta(days=1)
_MOST = 3660


@click.command()
@click.argument("patient_ids", nargs=-1, required=True, metavar="PATIENT...")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="First day of averages.")
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="Last day; else yesterday.")
@click.option(
    "--data",
    default="var",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where wherry.db is; WHERRY_DATABASE_URL goes first.",
)
def derive(
    *, patient_ids: Sequence[str], first: datetime | None, last: datetime | None, data: Path
) -> None:
    """Make averages, summaries and baselines of patients (FHIR ids) again.

    For after a change of rule or zone, a merge of two patients, or for readings that were stored
    before anything was derived. The worker does it; it writes only what says something else.
    """
    until = last.date() if last else SystemClock().now().date() - _DAY
    days = _days(first.date() if first else until, until)
    settings = SuiteSettings()
    path = data / "wherry.db"
    given = "database_url" in settings.model_fields_set
    if not given and not path.exists():
        raise click.ClickException(f"there is no database at {path}")
    engine = make_engine(settings.database_url if given else f"sqlite:///{path}")
    try:
        notes = SqlDays(engine)
        for patient in patient_ids:
            notes.note(_all(patient, days))
    except Failure as failure:
        raise click.ClickException(failure.detail) from None
    finally:
        engine.dispose()
    click.echo(f"{len(patient_ids)} patients, {len(days)} days noted")


def _days(first: date, last: date) -> list[date]:
    count = (last - first).days + 1
    if not 0 < count <= _MOST:
        raise click.UsageError("--from must not be after --to, nor ten years before it")
    return [first + n * _DAY for n in range(count)]


def _all(patient: str, days: Sequence[date]) -> list[Touched]:
    """Each of these days of what is made by the day; the last one of what is made of a window."""
    return [
        Touched(patient, what, day)
        for what, rule in RULES.items()
        for day in (days[-1:] if rule.window else days)
    ]
