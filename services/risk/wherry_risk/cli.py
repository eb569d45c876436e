"""`wherry risk`: score a Bundle; list, train, measure, describe models; who is set aside."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from wherry.adapters.clock import SystemClock
from wherry.codec import decode, encode
from wherry.errors import Failure
from wherry_risk.answer import answered, model_entry
from wherry_risk.aside_cli import aside, requeue
from wherry_risk.asked import DEFAULT_MODEL
from wherry_risk.backtest.cli import backtest
from wherry_risk.lifecycle.outcomes_cli import outcomes
from wherry_risk.lifecycle.roles_cli import assign, promote, retire, roles, rollback
from wherry_risk.model.interface import Registry
from wherry_risk.model.judgement import judge
from wherry_risk.model.moments import moment
from wherry_risk.model.news2_spec import SCALE
from wherry_risk.model.record import record
from wherry_risk.model.registry import registry
from wherry_risk.monitoring.cli import monitor_command
from wherry_risk.onnx.load import PACKAGES, load_all
from wherry_risk.onnx.trained import Trained
from wherry_risk.recalibration.cli import recalibrate
from wherry_risk.records_cli import records
from wherry_risk.replay_cli import replay
from wherry_risk.report.cli import report
from wherry_risk.technical.pages import technical_file

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
OUT = click.Path(file_okay=False, path_type=Path)


@click.group()
def risk() -> None:
    """Score risk from FHIR resources."""


risk.add_command(aside)
risk.add_command(requeue)
risk.add_command(replay)
for command in (
    roles,
    assign,
    promote,
    retire,
    rollback,
    outcomes,
    monitor_command,
    backtest,
    recalibrate,
    records,
    report,
):
    risk.add_command(command)


@risk.command()
@click.argument("bundle", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--at", help="Score as of this moment, e.g. 2026-03-01T12:00:00Z. Default: now.")
@click.option("--model", default=DEFAULT_MODEL, show_default=True, help="Which model.")
@click.option("--spo2-scale", type=click.Choice(["1", "2"]), help="NEWS2 SpO2 scale.")
def score(bundle: Path, at: str | None, model: str, spo2_scale: str | None) -> None:
    """Score the one patient of BUNDLE, a JSON file with a FHIR Bundle.

    Prints the answer of POST /v1/score; a refusal is an answer too.
    """
    when = moment(at) if at else SystemClock().now()
    if when is None:
        raise click.BadParameter("not a time with seconds and an offset", param_hint="--at")
    found = _models().get(model)
    if found is None:
        raise click.BadParameter("there is no such model", param_hint="--model")
    told = {SCALE: spo2_scale} if spo2_scale else {}
    try:
        given = decode(bundle.read_bytes())
        if not isinstance(given, dict) or given.get("resourceType") != "Bundle":
            raise click.ClickException("the file holds no FHIR Bundle")
        known = record([given])
        judged = judge(found, known, at=when, told=told)
        ai = found.spec.kind == "ai"
        beside = judge(_models()[DEFAULT_MODEL], known, at=when, told=told) if ai else None
        click.echo(encode(answered(judged, beside)))
    except Failure as failure:
        raise click.ClickException(str(failure)) from None


@risk.command()
def models() -> None:
    """List the models, one JSON object a line."""
    loaded = load_all()
    for _, found in sorted({**registry(), **loaded.models}.items()):
        click.echo(encode(model_entry(found.spec)))
    for id_, why in sorted(loaded.unserved.items()):
        click.echo(f"{id_} is not served: {why}", err=True)


@risk.command()
@click.option("--data", required=True, type=FOLDER, help="Folder with the data sets.")
@click.option("--out", type=OUT, help="Where <id>/<version>/ is written. Default: the service's.")
@click.option("--model", "ids", multiple=True, help="Only this model; may be repeated.")
@click.option(
    "--work",
    type=OUT,
    help="Where finished steps are kept, so that an interrupted training goes on. Default: a "
    "folder of your user cache; it holds data of the data sets.",
)
@click.option("--fresh", is_flag=True, help="Begin anew; keep no steps.")
def train(
    data: Path, out: Path | None, ids: tuple[str, ...], work: Path | None, *, fresh: bool
) -> None:
    """Train models and write their packages; the same data give the same bytes.

    Without --model, every model whose data set lies under the folder.
    """
    with _training_extra():
        from wherry_risk.training import training  # noqa: PLC0415 - needs the extra `train`
    kept = None if fresh else work or Path(click.get_app_dir("wherry")) / "risk-training"
    try:
        for folder in training.train(data, out or PACKAGES, ids, work=kept):
            click.echo(folder)
    except Failure as failure:
        raise click.ClickException(str(failure)) from None


@risk.command()
@click.option("--data", required=True, type=FOLDER, help="Folder with data sets.")
@click.option("--packages", type=FOLDER, help="Folder of packages. Default: those of the service.")
@click.option("--model", "ids", multiple=True, help="Only this model; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def evaluate(data: Path, packages: Path | None, ids: tuple[str, ...], *, as_json: bool) -> None:
    """Measure the packages on every data set under the folder, and NEWS2 beside them.

    Files are known by their columns. People whom training has seen are left out, whatever file
    they come in; `rows` says who was used.
    """
    with _training_extra():
        from wherry_risk.training import training  # noqa: PLC0415
        from wherry_risk.training.screen import table  # noqa: PLC0415
    told = []
    try:
        for one in training.evaluate(data, packages or PACKAGES, ids):
            told.append(one)
            if as_json:
                click.echo(encode(one))
    except Failure as failure:
        raise click.ClickException(str(failure)) from None
    if not as_json:
        table(told)


@risk.command()
@click.argument("model")
@click.option("--json", "as_json", is_flag=True, help="The card for machines.")
def card(model: str, *, as_json: bool) -> None:
    """Print the card of MODEL: use, limits, figures, the 31 source attributes."""
    found = load_all().models.get(model)
    if not isinstance(found, Trained):
        raise click.BadParameter("there is no such trained model", param_hint="MODEL")
    name = "model_card.json" if as_json else "model_card.md"
    click.echo((PACKAGES / model / found.spec.version / name).read_text().rstrip())


@risk.command("technical-file")
@click.argument("model")
@click.option("-o", "--out", type=OUT, help="Folder for MODEL.md. Default: standard output.")
def technical(model: str, out: Path | None) -> None:
    """Write the technical file of MODEL: use, data, training, figures, groups, hazards, changes.

    MODEL is a trained model or a published score.
    """
    try:
        text = technical_file(model)
    except Failure as failure:
        raise click.ClickException(str(failure)) from None
    if out is None:
        click.echo(text.rstrip())
        return
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{model}.md").write_text(text)
    click.echo(out / f"{model}.md")


def _models() -> Registry:
    return {**registry(), **load_all().models}


@contextmanager
def _training_extra() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        text = f"{error.name} is not installed: pip install 'wherry[risk,train]'"
        raise click.ClickException(text) from None
