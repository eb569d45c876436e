"""The settings and --data become the open inbox of a command, and who runs it."""

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from wherry.adapters.chores_sql import SqlChores
from wherry.adapters.clock import SystemClock
from wherry.adapters.inbox_desk import SqlInboxDesk
from wherry.adapters.retention_sql import SqlRetention
from wherry.adapters.sealing import Sealer
from wherry.adapters.sql import make_engine
from wherry.adapters.tally_sql import SqlTally
from wherry.desk import Desk
from wherry.errors import Failure
from wherry.ports import Tally
from wherry.retention import Chores
from wherry.settings import SuiteSettings

Opened = Callable[[], Any]
"""Opens the inbox for a `with`; what commands get as their object."""

as_json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
sender_option = click.option("--sender", default="", help="Only messages of this sender.")
reason_option = click.option("--reason", default="", help="Only messages whose reason starts so.")
since_option = click.option("--since", callback=lambda *a: _time(a[2]), help="Came at or after.")
until_option = click.option("--until", callback=lambda *a: _time(a[2]), help="Came before.")


@dataclass(frozen=True, slots=True)
class Room:
    """An open inbox by its ports, its settings, and the account that acts."""

    desk: Desk
    retention: SqlRetention
    tally: Tally
    chores: Chores
    settings: SuiteSettings
    who: str
    now: datetime


@contextmanager
def opened(data: Path) -> Iterator[Room]:
    """The inbox of WHERRY_DATABASE_URL, else of the data directory."""
    settings = SuiteSettings()
    path = data / "wherry.db"
    given = "database_url" in settings.model_fields_set
    if not given and not path.exists():
        raise click.ClickException(f"there is no inbox at {path}")
    engine = make_engine(settings.database_url if given else f"sqlite:///{path}")
    sealer = Sealer(settings.inbox_keys)
    try:
        yield Room(
            desk=SqlInboxDesk(engine, sealer),
            retention=SqlRetention(engine, sealer),
            tally=SqlTally(engine),
            chores=SqlChores(engine),
            settings=settings,
            who=f"os:{getpass.getuser()}",
            now=SystemClock().now(),
        )
    except Failure as failure:
        raise click.ClickException(failure.detail) from None
    finally:
        engine.dispose()


def _time(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter("write it as 2026-01-05 or 2026-01-05T12:00:00+01:00") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
