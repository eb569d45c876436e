"""`wherry risk`: score a FHIR Bundle, list the models."""

from pathlib import Path

import click

from wherry.adapters.clock import SystemClock
from wherry.codec import decode, encode
from wherry.errors import Failure
from wherry_risk.answer import answer, model_entry
from wherry_risk.asked import DEFAULT_MODEL
from wherry_risk.model.judgement import judge
from wherry_risk.model.moments import moment
from wherry_risk.model.news2_spec import SCALE
from wherry_risk.model.record import record
from wherry_risk.model.registry import registry


@click.group()
def risk() -> None:
    """Score risk from FHIR resources."""


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
    found = registry().get(model)
    if found is None:
        raise click.BadParameter("there is no such model", param_hint="--model")
    told = {SCALE: spo2_scale} if spo2_scale else {}
    try:
        given = decode(bundle.read_bytes())
        if not isinstance(given, dict) or given.get("resourceType") != "Bundle":
            raise click.ClickException("the file holds no FHIR Bundle")
        known = record([given])
        click.echo(encode(answer(judge(found, known, at=when, told=told))))
    except Failure as failure:
        raise click.ClickException(str(failure)) from None


@risk.command()
def models() -> None:
    """List the models, one JSON object a line."""
    for _, found in sorted(registry().items()):
        click.echo(encode(model_entry(found.spec)))
