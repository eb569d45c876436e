"""`wherry risk replay`: one score computed again from its record, compared bit for bit."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from wherry.adapters.sealing import Sealer
from wherry.adapters.sql import make_engine
from wherry.codec import encode
from wherry.errors import Failure
from wherry_risk.audit_sql import SqlScoreAudit
from wherry_risk.onnx.load import PACKAGES
from wherry_risk.records import Records, ScoreAudit, ScoreRecord
from wherry_risk.records_keeping import RecordKeeper
from wherry_risk.records_keeping_sql import SqlRecordKeeper
from wherry_risk.records_sql import PatientKeys, SqlRecords
from wherry_risk.replay import Difference, differences, model_of
from wherry_risk.settings import Settings
from wherry_risk.site import scores_of

data = click.option(
    "--data",
    default="var",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where wherry.db is; WHERRY_DATABASE_URL goes first.",
)


@click.command()
@click.argument("record_id", metavar="ID")
@click.option(
    "--packages",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of packages. Default: WHERRY_RISK_PACKAGES, else those of the service.",
)
@data
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def replay(record_id: str, packages: Path | None, data: Path, *, as_json: bool) -> None:
    """Compute the score of record ID again from its stored inputs; nothing else is read.

    The package that the record names must be here, with the manifest of the same hash. Exit code 1
    when anything differs by a bit. Leaves an audit row.
    """
    with opened(data) as room:
        room.audit.note(f"os:{getpass.getuser()}", "replay", record_id=record_id)
        record = room.records.get(record_id)
        folder = packages or room.settings.packages or PACKAGES
        found = differences(record, model_of(record.head, scores_of(room.settings), folder))
    click.echo(encode(_facts(record, found)) if as_json else _lines(record, found))
    if found:
        raise SystemExit(1)


@dataclass(frozen=True, slots=True)
class Room:
    """Open records, and the settings under which they are kept."""

    settings: Settings
    records: Records
    audit: ScoreAudit
    keeper: RecordKeeper


@contextmanager
def opened(data: Path) -> Iterator[Room]:
    """The records of the settings' database, or of the one in `data`; failures as plain text."""
    settings = Settings()
    path = data / "wherry.db"
    given = "database_url" in settings.model_fields_set
    if not given and not path.exists():
        raise click.ClickException(f"there is no database at {path}")
    engine = make_engine(settings.database_url if given else f"sqlite:///{path}")
    patients, sealer = PatientKeys(settings.inbox_keys), Sealer(settings.inbox_keys)
    try:
        yield Room(
            settings,
            SqlRecords(engine, sealer, patients),
            SqlScoreAudit(engine, patients),
            SqlRecordKeeper(engine, sealer, patients),
        )
    except Failure as failure:
        raise click.ClickException(failure.detail) from None
    finally:
        engine.dispose()


def _facts(record: ScoreRecord, found: tuple[Difference, ...]) -> dict[str, object]:
    head = record.head
    return {
        "record": head.id,
        "model": head.model,
        "version": head.version,
        "manifest_sha256": head.manifest_sha256,
        "at": head.at.isoformat(),
        "status": head.status,
        "same": not found,
        "differences": [
            {"what": one.what, "kept": one.kept, "now": one.now} for one in found
        ],
    }  # fmt: skip


def _lines(record: ScoreRecord, found: tuple[Difference, ...]) -> str:
    head = record.head
    named = f"{head.model} {head.version}, as of {head.at.isoformat()}"
    if not found:
        return f"{head.id}: the same, bit for bit: {named}, {head.status}"
    if found[0].what == "manifest":
        one = found[0]
        return (
            f"{head.id}: not computed: the record was made with the manifest {one.kept}, "
            f"the one that is here is {one.now}"
        )
    lines = [f"{one.what}: kept {one.kept}, now {one.now}" for one in found]
    return "\n".join([f"{head.id}: DIFFERENT: {named}", *lines])
