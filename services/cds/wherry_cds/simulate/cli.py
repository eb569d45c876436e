"""`wherry cds call`: an EHR at the command line."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from wherry.adapters.clock import SystemClock, new_id
from wherry.codec import decode, encode
from wherry.errors import Failure
from wherry_cds.settings import Settings
from wherry_cds.simulate.calling import Body, Heard, Simulator, Token, request, with_access
from wherry_cds.simulate.pseudonyms import pseudonyms, secret_of, shift
from wherry_cds.simulate.redact import Mask
from wherry_cds.simulate.show import show
from wherry_cds.simulate.signing import Signer, key_in
from wherry_cds.simulate.stored import write
from wherry_cds.simulate.web import HttpWeb

_FILE = click.Path(dir_okay=False, path_type=Path)
_THERE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--service", required=True, help="Id of the service, as discovery tells it.")
@click.option("--patient", required=True, help="FHIR id of the patient.")
@click.option("--hook", default="", help="Hook. Default: the first that the service is on.")
@click.option("--encounter", default="", help="FHIR id of the stay, which some hooks need.")
@click.option("--user", default="Practitioner/simulator", show_default=True, help="Who looks.")
@click.option("--context", "more", type=_THERE, help="JSON file with more fields of the context.")
@click.option("--base", default="http://127.0.0.1:8104", show_default=True, help="CDS service.")
@click.option("--fhir", help="FHIR server that prefetch comes from. Default: WHERRY_FHIR_URL.")
@click.option("--without", multiple=True, help="Leave this prefetch key out; may be repeated.")
@click.option("--access", is_flag=True, help="Send fhirServer, and the FHIR token if one is set.")
@click.option("--client", default="", help="Issuer (iss) of the signed call; needs --key.")
@click.option("--key", type=_FILE, help="File with the private key; made when it is not there.")
@click.option("--jku", default="", help="Address of the key set, when it has one.")
@click.option("--tenant", default="", help="Value of the tenant claim.")
@click.option("--json", "as_json", is_flag=True, help="Print status and answer as JSON.")
@click.option("--save", type=_FILE, help="Keep the call, redacted, in this new file for `replay`.")
@click.option(
    "--pseudonyms",
    "secret",
    type=_FILE,
    help="File with the secret of the pseudonyms, made when it is not there. With it, saved calls "
    "about one patient belong together; keep it apart from them.",
)
def call(service: str, patient: str, **given: Any) -> None:
    """Fire a hook as an EHR does, and show the card as an EHR would.

    Signs with ES384 when --client and --key are given; the public half is written to
    <key>.jwks.json, to register by `wherry cds client add`. Otherwise WHERRY_SERVICE_TOKEN is
    sent, if it is set. Exit code 1 when the call was refused.
    """
    with _safely():
        settings = Settings()
        simulator = _simulator(settings, given)
        offered = simulator.offered(service, given["hook"])
        body = _request(simulator, offered, patient, given)
        heard = simulator.fire(service, body)
        if given["save"]:
            _save(given["save"], service, body, heard, secret_of(given["secret"]))
    if given["as_json"]:
        click.echo(encode({"status": heard.status, "answer": heard.body}))
    else:
        show(heard, Console())
    raise SystemExit(0 if heard.status == 200 else 1)


def _simulator(settings: Settings, given: dict[str, Any]) -> Simulator:
    fhir_token = settings.fhir_token
    return Simulator(
        web=HttpWeb(),
        base=given["base"].rstrip("/"),
        fhir=(given["fhir"] or settings.fhir_url).rstrip("/"),
        token=_token(settings, given),
        fhir_token=fhir_token.get_secret_value() if fhir_token else "",
    )


def _token(settings: Settings, given: dict[str, Any]) -> Token:
    if bool(given["client"]) != bool(given["key"]):
        raise click.UsageError("--client and --key belong together")
    if not given["client"]:
        held = settings.service_token
        secret = held.get_secret_value() if held else ""
        return lambda _url: secret
    signer = Signer(given["client"], key_in(given["key"]), given["jku"], given["tenant"])
    return lambda url: signer.token(url, jti=new_id(), now=SystemClock().now())


def _request(simulator: Simulator, offered: Body, patient: str, given: dict[str, Any]) -> Body:
    context: Body = {"userId": given["user"], "patientId": patient}
    if given["encounter"]:
        context["encounterId"] = given["encounter"]
    if given["more"]:
        context.update(decode(given["more"].read_bytes()))
    templates = offered.get("prefetch", {})
    prefetch = simulator.prefetched(templates, context, given["without"])
    body = request(str(offered["hook"]), context, prefetch, instance=new_id())
    if not given["access"]:
        return body
    subject = given["client"] or "simulator"
    return with_access(body, simulator.fhir, simulator.fhir_token, subject=subject)


def _save(path: Path, service: str, body: Body, heard: Heard, secret: bytes) -> None:
    patient = str(body["context"].get("patientId", ""))
    mask = Mask(pseudonyms(secret), shift(secret, patient), SystemClock().now())
    try:
        write(path, service=service, request=body, mask=mask, status=heard.status, body=heard.body)
    except FileExistsError:
        raise click.ClickException(f"{path} is there already") from None


@contextmanager
def _safely() -> Iterator[None]:
    """A failure is one line."""
    try:
        yield
    except Failure as failure:
        raise click.ClickException(str(failure)) from None
