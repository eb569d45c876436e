"""Settings and a folder become what the commands about models' lives work on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from wherry.adapters.clock import SystemClock
from wherry.adapters.sealing import Sealer
from wherry.adapters.sql import make_engine
from wherry.errors import Failure
from wherry_risk.lifecycle.deciding import Desk
from wherry_risk.lifecycle.outcomes_sql import SqlOutcomes
from wherry_risk.lifecycle.roles_sql import SqlRoles
from wherry_risk.monitoring.findings_sql import SqlFound
from wherry_risk.onnx.load import PACKAGES
from wherry_risk.records import DEFAULT_TENANT
from wherry_risk.records_sql import PatientKeys, SqlRecords
from wherry_risk.settings import Settings

data_option = click.option(
    "--data",
    default="var",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where wherry.db is; WHERRY_DATABASE_URL goes first.",
)
tenant_option = click.option(
    "--tenant", default=DEFAULT_TENANT, show_default=True, help="For whom the model answers."
)
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")


@contextmanager
def opened(data: Path) -> Iterator[Desk]:
    """The tables of the settings, or of this folder; failures become messages of the command."""
    settings = Settings()
    path = data / "wherry.db"
    given = "database_url" in settings.model_fields_set
    if not given and not path.exists():
        raise click.ClickException(f"there is no database at {path}")
    engine = make_engine(settings.database_url if given else f"sqlite:///{path}")
    keys = settings.inbox_keys
    sealer = Sealer(keys)
    try:
        yield Desk(
            roles=SqlRoles(engine),
            records=SqlRecords(engine, sealer, PatientKeys(keys)),
            outcomes=SqlOutcomes(engine, sealer, keys),
            found=SqlFound(engine),
            packages=settings.packages or PACKAGES,
            clock=SystemClock(),
        )
    except Failure as failure:
        raise click.ClickException(said(failure)) from None
    finally:
        engine.dispose()


def said(failure: Failure) -> str:
    """A failure in a line: where, and what."""
    return f"{failure.at}: {failure.detail}" if failure.at else failure.detail
