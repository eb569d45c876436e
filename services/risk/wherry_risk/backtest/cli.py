"""`wherry risk backtest`: how a model would have done on a site's own patients."""

from datetime import UTC, datetime
from pathlib import Path

import click

from wherry.codec import encode
from wherry.errors import Failure
from wherry_risk.asked import DEFAULT_MODEL
from wherry_risk.backtest import screen
from wherry_risk.backtest.moments import RULES
from wherry_risk.backtest.run import Backtest, rule_of, run
from wherry_risk.lifecycle.opened import said
from wherry_risk.lifecycle.outcome_file import read_outcomes
from wherry_risk.lifecycle.roles import Version
from wherry_risk.model.moments import moment
from wherry_risk.model.registry import registry
from wherry_risk.onnx.load import PACKAGES, load, versions_of
from wherry_risk.onnx.trained import Trained
from wherry_risk.recalibration.fit import part_of

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT = click.Path(file_okay=False, path_type=Path)
WRITTEN = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("export", type=FOLDER)
@click.option("--model", required=True, help="Which model, or MODEL@VERSION.")
@click.option("--outcomes", type=FILE, help="CSV or NDJSON. Default: derived from the export.")
@click.option("--moments", "rule", type=click.Choice(list(RULES)), default=None,
              help="When the model is asked. Default: as its card says.")  # fmt: skip
@click.option("--until", help="When the export was made. Default: the time of its newest file.")
@click.option("--packages", type=FOLDER, help="Folder of packages. Default: the service's.")
@click.option(
    "--work",
    type=OUT,
    help="Where it goes on from when it was interrupted. It holds patients' data: remove it "
    "afterwards. Default: a folder of your user cache.",
)
@click.option("-o", "--output", type=WRITTEN, help="Write the tables as JSON, for recalibrating.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def backtest(
    *, export: Path, model: str, outcomes: Path | None, rule: str | None, until: str | None,
    packages: Path | None, work: Path | None, output: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Score the patients of EXPORT, a folder of FHIR NDJSON files (also .gz), as the service would.

    Prints discrimination, calibration, thresholds with alerts per patient-day, groups, and what
    missing inputs do. Every value counts from when it was measured: how late your feed is must be
    added in thought. What is not kept: rows and names; with --output, probabilities and outcomes
    without names are.
    """
    at = moment(until) if until else made_at(export)
    if at is None:
        raise click.BadParameter("no time with seconds and an offset", param_hint="--until")
    folder = work or Path(click.get_app_dir("wherry")) / "risk-backtest"
    try:
        found = model_of(model, packages or PACKAGES)
        known = None if outcomes is None else list(read_outcomes(outcomes))
        simple = registry()[DEFAULT_MODEL]
        test = Backtest(export, found, simple, rule_of(found, rule or ""), known, at, folder)
        with screen.bar() as bar:
            told, made = run(test, bar)
    except Failure as failure:
        raise click.ClickException(said(failure)) from None
    if output is not None:
        parts = map(part_of, made.person)
        margins = [list(one) for one in zip(made.margin, made.y, parts, strict=True)]
        output.write_bytes(encode(told | {"until": at.isoformat(), "margins": margins}))
    if as_json:
        click.echo(encode(told))
    else:
        screen.show(told)


def made_at(export: Path) -> datetime | None:
    """When the newest file was written; None of an empty folder."""
    times_s = (path.stat().st_mtime for path in export.rglob("*") if path.is_file())
    newest = max(times_s, default=None)
    return None if newest is None else datetime.fromtimestamp(newest, UTC)


def model_of(text: str, packages: Path) -> Trained:
    """MODEL, its newest version, or MODEL@VERSION. Raises: Failure when it is not served."""
    name, _, number = text.partition("@")
    versions = versions_of(packages).get(name, ())
    if not versions or (number and number not in versions):
        raise click.BadParameter("there is no such trained model", param_hint="--model")
    version = Version(name, number or versions[-1])
    return load(packages / version.model / version.version)
