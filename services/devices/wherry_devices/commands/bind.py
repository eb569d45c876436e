"""`wherry devices bind`: a device or an account becomes a patient's, by the running service."""

from datetime import UTC, datetime

import click

from wherry.codec import encode
from wherry_devices.commands.service_cli import called, url_option

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
@url_option
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
    click.echo(encode(called("PUT", f"{url}/v1/bindings", body=body)))
