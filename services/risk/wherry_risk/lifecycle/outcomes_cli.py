"""`wherry risk outcomes`: what became of patients, from a file or out of the FHIR server."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from wherry.adapters.fhir_http import HttpFhir
from wherry.adapters.http import session
from wherry.codec import encode
from wherry.errors import ABSENT, Failure
from wherry.ports import Fhir
from wherry_risk.lifecycle.opened import data_option, json_option, opened, said, tenant_option
from wherry_risk.lifecycle.outcome_file import read_outcomes
from wherry_risk.monitoring.derived import derived
from wherry_risk.monitoring.outcomes import Outcome
from wherry_risk.settings import Settings

_AT_ONCE = 500
_ENCOUNTERS = 500
_READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def outcomes() -> None:
    """What became of the patients who were scored."""


@outcomes.command()
@click.argument("file", type=_READABLE)
@tenant_option
@data_option
@json_option
def load(file: Path, tenant: str, data: Path, *, as_json: bool) -> None:
    """Load a CSV or NDJSON file: patient, kind, at; encounter and happened may be left out.

    Kinds: death_in_hospital, sepsis_onset, readmission_30d. Of what did not happen (happened = no),
    `at` is until when somebody looked. The whole file is read before anything is kept; the same
    outcome of the same stay again takes the place of the first.
    """
    try:
        told = list(read_outcomes(file))
    except Failure as failure:
        raise click.ClickException(said(failure)) from None
    with opened(data) as needs:
        for some in _by(_AT_ONCE, told):
            needs.outcomes.add(tenant, some)
    _say(told, as_json)


@outcomes.command()
@click.option("--days", default=60, show_default=True, help="Patients scored since then.")
@tenant_option
@data_option
@json_option
def derive(days: int, tenant: str, data: Path, *, as_json: bool) -> None:
    """Derive deaths in hospital and readmissions of scored patients from the FHIR server.

    What a record leaves open stays open. Sepsis is not derived: load it from a file.
    """
    settings = Settings()
    token = settings.fhir_token.get_secret_value() if settings.fhir_token else ""
    fhir = HttpFhir(settings.fhir_url, session(token=token, read_s=settings.fhir_timeout_s))
    told: list[Outcome] = []
    with opened(data) as needs:
        now = needs.clock.now()
        records = needs.records.between(now - timedelta(days=days), now, tenant=tenant)
        patients = sorted({one.head.patient_id for one in records})
        with Progress(console=Console(stderr=True)) as progress:
            for patient_id in progress.track(patients, description="patients"):
                person, encounters = of_patient(fhir, patient_id)
                found = derived(patient_id, person, encounters, until=now)
                needs.outcomes.add(tenant, found)
                told += found
    _say(told, as_json)


@outcomes.command()
@click.option("--older-than-days", required=True, type=click.FloatRange(0))
@data_option
def purge(*, older_than_days: float, data: Path) -> None:
    """Remove outcomes from before then, for good; a worker does it daily, as score records go."""
    with opened(data) as needs:
        count = needs.outcomes.drop(needs.clock.now() - timedelta(days=older_than_days))
    click.echo(f"{count} outcomes removed")


@outcomes.command()
@data_option
def rekey(*, data: Path) -> None:
    """Seal all outcomes with the first key of WHERRY_INBOX_KEY; then older keys may go."""
    with opened(data) as needs:
        count = needs.outcomes.reseal()
    click.echo(f"{count} outcomes sealed")


def of_patient(
    fhir: Fhir, patient_id: str
) -> tuple[dict[str, object] | None, list[dict[str, object]]]:
    """The Patient and their Encounters; nothing of whom the server does not know."""
    try:
        person = fhir.read("Patient", patient_id)
    except Failure as failure:
        if failure.kind not in ABSENT:
            raise
        return None, []
    params = {"patient": patient_id, "_sort": "-date", "_count": str(_ENCOUNTERS)}
    return person, fhir.search("Encounter", params, limit=_ENCOUNTERS)


def _by(size: int, told: Iterable[Outcome]) -> Iterator[list[Outcome]]:
    rest = iter(told)
    while some := list(islice(rest, size)):
        yield some


def _say(told: list[Outcome], as_json: bool) -> None:
    counts = Counter((one.kind.value, one.happened) for one in told)
    facts = [{"kind": kind, "happened": happened, "count": count}
             for (kind, happened), count in sorted(counts.items())]  # fmt: skip
    for one in facts:
        text = f"{one['count']} {one['kind']}: {'yes' if one['happened'] else 'no'}"
        click.echo(encode(one) if as_json else text)
    if not facts and not as_json:
        click.echo("no outcomes")
