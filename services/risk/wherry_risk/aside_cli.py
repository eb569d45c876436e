"""`wherry risk aside` and `requeue`: patients whom the worker gave up on, seen and sent back."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from wherry import codec
from wherry.adapters.changes_desk import SqlChangesDesk
from wherry.adapters.sql import make_engine
from wherry.errors import Failure
from wherry.ports import Aside, ChangesDesk
from wherry.settings import SuiteSettings

_PAGE = 500
_data = click.option(
    "--data",
    default="var",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where wherry.db is; WHERRY_DATABASE_URL goes first.",
)
_as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")


@click.command()
@_data
@_as_json
def aside(data: Path, *, as_json: bool) -> None:
    """Patients who could not be scored time and again, with the reason; by FHIR id."""
    with _opened(data) as desk:
        for one in _all(desk):
            click.echo(codec.encode(_facts(one)) if as_json else _line(one))


@click.command()
@click.argument("patient_ids", nargs=-1, metavar="[PATIENT]...")
@click.option("--all", "everybody", is_flag=True, help="Everybody who is aside.")
@click.option("--reason", default="", help="Only those whose reason starts so.")
@_data
@_as_json
def requeue(
    patient_ids: Sequence[str], *, everybody: bool, reason: str, data: Path, as_json: bool
) -> None:
    """Have patients who are aside scored again: by FHIR id, by reason, or all."""
    if bool(patient_ids) == (everybody or bool(reason)):
        raise click.UsageError("give ids, or --all or --reason, and not both")
    with _opened(data) as desk:
        chosen = patient_ids or [
            one.patient_id for one in _all(desk) if one.reason.startswith(reason)
        ]
        count = desk.requeue(chosen)
    click.echo(codec.encode({"requeued": count}) if as_json else f"{count} requeued")
    if count < len(set(patient_ids)):
        raise click.ClickException("some of them are not set aside")


def _all(desk: ChangesDesk) -> Iterator[Aside]:
    after = ""
    while page := desk.aside(after=after, limit=_PAGE):
        yield from page
        after = page[-1].patient_id


@contextmanager
def _opened(data: Path) -> Iterator[ChangesDesk]:
    settings = SuiteSettings()
    path = data / "wherry.db"
    given = "database_url" in settings.model_fields_set
    if not given and not path.exists():
        raise click.ClickException(f"there is no database at {path}")
    engine = make_engine(settings.database_url if given else f"sqlite:///{path}")
    try:
        yield SqlChangesDesk(engine)
    except Failure as failure:
        raise click.ClickException(failure.detail) from None
    finally:
        engine.dispose()


def _facts(one: Aside) -> dict[str, object]:
    return {
        "patient": one.patient_id,
        "reason": one.reason,
        "attempts": one.attempts,
        "tried_at": one.tried_at.isoformat(timespec="seconds"),
    }


def _line(one: Aside) -> str:
    tried_at = one.tried_at.isoformat(timespec="seconds")
    return f"{one.patient_id:<40}  {tried_at}  {one.attempts:>3}x  {one.reason}"
