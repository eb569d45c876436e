"""`wherry devices bind`: a device or an account becomes a patient's, by the running service."""

import sys
from datetime import UTC, datetime

import click
import requests

from wherry.adapters.http import session
from wherry.codec import decode, encode
from wherry.errors import Failure
from wherry_devices.settings import Settings

_START = datetime(1970, 1, 1, tzinfo=UTC).isoformat()


@click.command()
@click.option("--source", required=True, help="Name of the source, as withings.")
@click.option("--device", help="The device as the source names it.")
@click.option("--account", help="The person's account as the source names it.")
@click.option("--key", help="The opaque key, as the inbox shows it.")
@click.option("--patient", required=True, help="The id of the FHIR Patient.")
@click.option("--from", "valid_from", default=_START, show_default=True, help="First instant.")
@click.option("--to", "valid_to", help="First instant that it is no longer valid for.")
@click.option("--verified-by", required=True, help="Who made sure that this is so.")
@click.option("--url", default="http://127.0.0.1:8102", show_default=True, help="The service.")
def bind(
    *,
    source: str,
    device: str | None,
    account: str | None,
    key: str | None,
    patient: str,
    valid_from: str,
    valid_to: str | None,
    verified_by: str,
    url: str,
) -> None:
    """Bind a device to a patient, or end a binding with --to; prints the binding as JSON.

    Readings that waited for it are stored then. Times are ISO 8601 with an offset.
    """
    asked = {
        "source": source,
        "device": device,
        "account": account,
        "key": key,
        "patient": patient,
        "valid_from": valid_from,
        "valid_to": valid_to,
        "verified_by": verified_by,
    }
    body = {name: value for name, value in asked.items() if value is not None}
    secret = Settings().service_token
    with session(token=secret.get_secret_value() if secret else "") as web:
        try:
            answer = web.put(
                f"{url}/v1/bindings",
                data=encode(body),
                headers={"Content-Type": "application/json"},
            )
        except requests.RequestException:
            raise click.ClickException(f"nothing answers at {url}; is the suite up?") from None
    if answer.status_code != requests.codes.ok:
        click.echo(f"refused: {why(answer)}", err=True)
        sys.exit(1)
    click.echo(answer.content)


def why(answer: requests.Response) -> str:
    """What the service refused, and where."""
    try:
        issue = decode(answer.content)["issue"][0]
        return " ".join([*issue.get("expression", ()), issue["details"]["text"]])
    except (Failure, KeyError, IndexError, TypeError):
        return f"status {answer.status_code}"
