"""`wherry devices send-export`: an Apple Health export goes to the service in small payloads."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import click
import requests
from rich.progress import Progress

from wherry.adapters.http import session
from wherry.codec import encode
from wherry.errors import Failure
from wherry_devices.connectors.apple import records
from wherry_devices.settings import Settings

_AT_A_TIME = 1000


@click.command(name="send-export")
@click.option("--account", required=True, help="Whose export it is, as bindings name the account.")
@click.option("--url", default="http://127.0.0.1:8102", show_default=True, help="The service.")
@click.argument("path", type=click.Path(exists=True, readable=True, dir_okay=False, path_type=Path))
def send_export(*, account: str, url: str, path: Path) -> None:
    """Send the export.xml at PATH, a thousand records at a time; memory does not grow with it.

    Sent again, it changes nothing. Ends at the first payload that the service does not keep.
    """
    secret = Settings().service_token
    sent = 0
    with session(token=secret.get_secret_value() if secret else "") as web:
        try:
            for body in payloads(progress(path), account):
                answer = web.post(
                    f"{url}/v1/sources/apple-export",
                    data=body,
                    headers={"Content-Type": "application/json"},
                )
                if answer.status_code != requests.codes.accepted:
                    raise click.ClickException(
                        f"refused with status {answer.status_code} after {sent} payloads"
                    )
                sent += 1
        except requests.RequestException:
            raise click.ClickException(f"nothing answers at {url}; is the suite up?") from None
        except Failure as failure:
            raise click.ClickException(f"{failure.detail}, after {sent} payloads") from None
    click.echo(f"{sent} payloads")


def payloads(found: Iterable[dict[str, Any]], account: str) -> Iterator[bytes]:
    """Bodies of requests, each with some of the records and whose they are."""
    left = iter(found)
    while some := list(islice(left, _AT_A_TIME)):
        yield encode({"account": account, "records": some})


def progress(path: Path) -> Iterator[dict[str, Any]]:
    """The records of an export, with a bar of how much of the file was read."""
    with Progress() as bar, path.open("rb") as file:
        task = bar.add_task(path.name, total=path.stat().st_size)
        for number, record in enumerate(records(file)):
            yield record
            if not number % _AT_A_TIME:
                bar.update(task, completed=file.tell())
        bar.update(task, completed=file.tell())
