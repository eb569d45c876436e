"""`wherry risk recalibrate`: a new version whose probabilities are true at this site."""

from datetime import timedelta
from pathlib import Path

import click
import msgspec

from wherry.adapters.clock import SystemClock
from wherry.errors import Failure, Kind
from wherry_risk.lifecycle.opened import data_option, opened, said, tenant_option
from wherry_risk.lifecycle.roles import Version, version_of
from wherry_risk.model.recording import floats
from wherry_risk.monitoring.from_records import seen_of
from wherry_risk.monitoring.outcomes import QUESTIONS, settled
from wherry_risk.onnx.load import PACKAGES, load, versions_of
from wherry_risk.onnx.trained import Trained
from wherry_risk.recalibration.fit import Known, fitted, part_of

OUTCOMES = "outcomes"
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
OUT = click.Path(file_okay=False, path_type=Path)


class _Backtest(msgspec.Struct):
    """What is read of the file that `wherry risk backtest -o` writes."""

    model: str
    manifest_sha256: str
    margins: list[tuple[float, bool, int]]


@click.command()
@click.argument("version", metavar="MODEL@VERSION")
@click.option("--from", "source", required=True,
              help="A file of `backtest -o`, or the word outcomes: recorded scores.")  # fmt: skip
@click.option("--by", required=True, help="Name of the person who answers for it.")
@click.option("-o", "--out", required=True, type=OUT, help="Where <id>/<version>/ is written.")
@click.option("--version", "new", default="", help="Its version. Default: the next patch.")
@click.option("--packages", type=FOLDER, help="Folder of packages. Default: the service's.")
@click.option("--days", default=365, show_default=True, help="How far back, with outcomes.")
@tenant_option
@data_option
def recalibrate(
    *, version: str, source: str, by: str, out: Path, new: str, packages: Path | None, days: int,
    tenant: str, data: Path,
) -> None:  # fmt: skip
    """Fit slope and intercept anew on at least 100 local events, and write a new version.

    The package before stays as it is. Let the new one run as a shadow, then promote it.
    """
    try:
        from wherry_risk.recalibration.package import Signed, write  # noqa: PLC0415 - needs onnx
    except ImportError as error:
        text = f"{error.name} is not installed: pip install 'wherry[risk,train]'"
        raise click.ClickException(text) from None
    try:
        of = version_of(version)
        root = packages or PACKAGES
        if of.version not in versions_of(root).get(of.model, ()):
            raise Failure(Kind.NOT_FOUND, f"there is no package {of}", at="version")
        old = load(root / of.model / of.version)
        known, told = _known(old, source, days, tenant, data)
        now = SystemClock().now()
        fit = fitted(old.manifest.calibration, known, told=_told(told, known, by, now.date()))
        number = new or _next(of, versions_of(root), versions_of(out))
        version_of(f"{of.model}@{number}")
        folder = write(old, root / of.model / of.version, fit, known, Signed(by, now, told),
                       version=number, out=out)  # fmt: skip
    except Failure as failure:
        raise click.ClickException(said(failure)) from None
    click.echo(folder)
    for name, figures in (("before", fit.before), ("after", fit.after)):
        click.echo(f"{name}: slope {figures['slope']}, O/E {figures['o_e']}, Brier "
                   f"{figures['brier']}, AUROC {figures['auroc']}")  # fmt: skip


def _known(
    old: Trained, source: str, days: int, tenant: str, data: Path
) -> tuple[list[Known], str]:
    """The margins with their outcomes, and what they were taken from in words."""
    if source == OUTCOMES:
        return _recorded(old, days, tenant, data), "recorded scores"
    try:
        told = msgspec.json.decode(Path(source).read_bytes(), type=_Backtest)
    except OSError:
        raise Failure(Kind.NOT_FOUND, "the file cannot be read", at="--from") from None
    except msgspec.DecodeError:
        raise Failure(Kind.INVALID, "not a file of `backtest -o`", at="--from") from None
    if told.manifest_sha256 != old.spec.sha256:
        raise Failure(Kind.CONFLICT, "the backtest is of another version", at="--from")
    return [Known(*one) for one in told.margins], "a backtest of a FHIR export"


def _recorded(old: Trained, days: int, tenant: str, data: Path) -> list[Known]:
    question = QUESTIONS[old.manifest.id]
    with opened(data) as needs:
        now = needs.clock.now()
        since = now - timedelta(days=days)
        kept = [one for one in needs.records.between(since, now, model=old.manifest.id,
                                                     tenant=tenant)
                if one.head.manifest_sha256 == old.spec.sha256]  # fmt: skip
        outcomes = list(needs.outcomes.since(tenant, since))
    seen = list(seen_of(kept))
    margins = {id(one): floats(record.body.graph.margin)[0] for one, record in
               zip(seen, kept, strict=True) if record.body.graph}  # fmt: skip
    return [Known(margins[id(one)], answer, part_of(one.patient))
            for one, answer in settled(question, seen, outcomes)]  # fmt: skip


def _told(source: str, known: list[Known], by: str, day: object) -> str:
    events = sum(one.outcome for one in known)
    return f"{len(known)} local scores, {events} events ({source}), by {by} on {day}"


def _next(of: Version, *there: dict[str, tuple[str, ...]]) -> str:
    """The next patch that lies nowhere yet."""
    major, minor, patch = map(int, of.version.split("."))
    taken = {one for versions in there for one in versions.get(of.model, ())}
    numbers = (f"{major}.{minor}.{patch + n}" for n in range(1, len(taken) + 2))
    return next(number for number in numbers if number not in taken)
