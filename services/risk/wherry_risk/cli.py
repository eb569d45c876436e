"""`wherry risk`: score a FHIR Bundle, list the models, train one, measure one; who is set aside."""

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
from wherry_risk.model.interface import Registry
from wherry_risk.model.judgement import judge
from wherry_risk.model.moments import moment
from wherry_risk.model.news2_spec import SCALE
from wherry_risk.model.record import record
from wherry_risk.model.registry import registry
from wherry_risk.onnx.load import PACKAGES, load_all
from wherry_risk.onnx.trained import Trained

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
OUT = click.Path(file_okay=False, path_type=Path)


@click.group()
def risk() -> None:
    """Score risk from FHIR resources."""


risk.add_command(aside)
risk.add_command(requeue)


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
@click.option("--data", required=True, type=FOLDER, help="Folder with the data set.")
@click.option("--out", required=True, type=OUT, help="Where <id>/<version>/ is written.")
def train(data: Path, out: Path) -> None:
    """Train icu-mortality-24h and write its package; the same data give the same bytes."""
    with _training_extra():
        from wherry_risk.training import package  # noqa: PLC0415 - needs the extra `train`
        from wherry_risk.training.screen import steps  # noqa: PLC0415
    try:
        with steps(package.STEPS) as step:
            folder = package.build(data, out, step=step)
    except Failure as failure:
        raise click.ClickException(str(failure)) from None
    click.echo(folder)


@risk.command()
@click.option("--data", required=True, type=FOLDER, help="Folder with the data set.")
@click.option("--packages", type=FOLDER, help="Folder of packages. Default: those of the service.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def evaluate(data: Path, packages: Path | None, as_json: bool) -> None:
    """Measure the packages on stays that they were not trained on, and NEWS2 beside them."""
    with _training_extra():
        from wherry_risk.training.held_out import held_out  # noqa: PLC0415
        from wherry_risk.training.screen import table  # noqa: PLC0415
    loaded = load_all(packages or PACKAGES)
    for id_, why in sorted(loaded.unserved.items()):
        raise click.ClickException(f"{id_} is not served: {why}")
    try:
        trained = [model for model in loaded.models.values() if isinstance(model, Trained)]
        told = [one for model in trained for one in held_out(model, data)]
    except Failure as failure:
        raise click.ClickException(str(failure)) from None
    if as_json:
        for one in told:
            click.echo(encode(one))
    else:
        table(told)


def _models() -> Registry:
    return {**registry(), **load_all().models}


@contextmanager
def _training_extra() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        text = f"{error.name} is not installed: pip install 'wherry[risk,train]'"
        raise click.ClickException(text) from None
