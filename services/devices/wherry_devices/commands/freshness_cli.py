"""`wherry devices freshness`: how fresh each device is, as the running service tells it."""

from collections.abc import Iterator
from typing import Any

import click
import requests
from rich.console import Console
from rich.table import Table

from wherry.adapters.http import session
from wherry.codec import decode, encode
from wherry_devices.commands.service_cli import why
from wherry_devices.settings import Settings

_WORDS = {"": "", "on-track": "on track"}
_STEPS = ((86_400, "d"), (3600, "h"), (60, "min"))


@click.command()
@click.option("--patient", default="", help="The id of the FHIR Patient; all without it.")
@click.option("--json", "as_json", is_flag=True, help="What the service answers, as it is.")
@click.option("--url", default="http://127.0.0.1:8102", show_default=True, help="The service.")
def freshness(*, patient: str, as_json: bool, url: str) -> None:
    """Show how old the last readings are, against what is expected, and the likely cause."""
    people = list(_people(url, patient))
    if as_json:
        click.echo(encode({"patients": people}))
        return
    table = Table("patient", "device", "source", "kind", "age", "state", "cause", "what to do")
    for person in people:
        for device in person["devices"]:
            for kind in device["kinds"]:
                table.add_row(*_row(person, device, kind))
    Console(soft_wrap=True).print(table)
    for person in people:
        counted = person["adherence"]
        click.echo(
            f"{person['patient']}: days with a reading since {counted['from']}: {counted['days']},"
            f" in a row: {counted['streak']} ({person['zone']})"
        )


def _people(url: str, patient: str) -> Iterator[dict[str, Any]]:
    """Patients of all pages; one whose devices stand on two is told twice."""
    secret = Settings().service_token
    params = {"patient": patient} if patient else {}
    with session(token=secret.get_secret_value() if secret else "") as web:
        while True:
            try:
                answer = web.get(f"{url}/v1/freshness", params=params)
            except requests.RequestException:
                raise click.ClickException(f"nothing answers at {url}; is the suite up?") from None
            if answer.status_code != requests.codes.ok:
                raise click.ClickException(f"refused: {why(answer)}")
            page = decode(answer.content)
            yield from page["patients"]
            if page["next"] is None:
                return
            params["after"] = page["next"]


def _row(person: dict[str, Any], device: dict[str, Any], kind: dict[str, Any]) -> tuple[str, ...]:
    state = kind["state"]
    return (
        person["patient"],
        device["binding"]["key"][:12],
        device["binding"]["source"],
        kind["kind"] or "",
        span(kind["age_s"]),
        _WORDS.get(state, state),
        kind["cause"] or "",
        kind["advice"] or "",
    )


def span(seconds: int | None) -> str:
    """A span of time in its largest unit."""
    if seconds is None:
        return ""
    for step, unit in _STEPS:
        if abs(seconds) >= step:
            return f"{seconds // step} {unit}"
    return f"{seconds} s"
