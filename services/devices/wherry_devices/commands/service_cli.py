"""How commands talk to the running service."""

import sys
from typing import Any

import click
import requests

from wherry.adapters.http import session
from wherry.codec import decode, encode
from wherry.errors import Failure
from wherry_devices.settings import Settings

url_option = click.option(
    "--url", default="http://127.0.0.1:8102", show_default=True, help="The service."
)


def called(
    method: str,
    address: str,
    *,
    body: dict[str, Any] | None = None,
    query: dict[str, str] | None = None,
) -> Any:
    """The JSON of the service's answer; ends the command with its reason when it refuses."""
    secret = Settings().service_token
    with session(token=secret.get_secret_value() if secret else "", read_s=30.0) as web:
        try:
            answer = web.request(
                method,
                address,
                params=query,
                data=None if body is None else encode(body),
                headers={"Content-Type": "application/json"},
            )
        except (requests.RequestException, Failure):
            raise click.ClickException(f"nothing answers at {address}; is the suite up?") from None
    if not answer.ok:
        click.echo(f"refused: {why(answer)}", err=True)
        sys.exit(1)
    return decode(answer.content)


def why(answer: requests.Response) -> str:
    """What the service refused, and where."""
    try:
        issue = decode(answer.content)["issue"][0]
        return " ".join([*issue.get("expression", ()), issue["details"]["text"]])
    except (Failure, KeyError, IndexError, TypeError):
        return f"status {answer.status_code}"
