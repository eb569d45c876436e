"""`wherry devices convert`: files of payloads become readings and FHIR, one JSON object a line."""

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import click

from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry.fhir.bundle import transaction
from wherry.fhir.outcome import of_failure
from wherry.fhir.systems import ours
from wherry.resource import Entry, Reference
from wherry_devices.commands.explain import show
from wherry_devices.commands.recognising import recognised
from wherry_devices.connectors import decoded
from wherry_devices.mapping.instants import NOWHERE, Site
from wherry_devices.mapping.read import read
from wherry_devices.mapping.reading import Batch, Reading, Withheld
from wherry_devices.mapping.template import Compiled
from wherry_devices.mapping.translate import Payload, entries
from wherry_devices.settings import Settings
from wherry_devices.template_files import Templates, load

_SUFFIXES = frozenset({".json", ".xml", ".hl7"})


UNNAMED = "(unnamed)"
"""Whose readings a payload has that names nobody, so that they can be looked at."""


@click.command()
@click.option("--source", default="", help="Name of the source, as withings; else by its shape.")
@click.option("--patient", default="", help="Id of the FHIR Patient whom all readings are about.")
@click.option("--zone", default="", help="IANA zone for times that have no offset.")
@click.option("--account", default="", help="Whose payloads that name nobody are.")
@click.option("--explain", is_flag=True, help="Show field by field what was used, as text.")
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, readable=True, path_type=Path)
)
def convert(
    *, source: str, patient: str, zone: str, account: str, explain: bool, paths: Sequence[Path]
) -> None:
    """Print what each payload in PATHS becomes; directories are walked for payloads.

    Of a directory that is *.json, *.xml, *.hl7, and each *.txt that is a form. One JSON object a
    line: source, readings, bundle or outcome, dropped (each with its reason), unmapped. Without
    --patient each subject is the owner's opaque key. A payload that names neither a device nor an
    account is read all the same, with `no-owner` among what was dropped: the service would set it
    aside. Exits 1 when any payload had an outcome in place of a bundle.
    """
    try:
        templates = load(Settings().templates)
    except Failure as failure:
        raise click.ClickException(f"{failure.at} {failure.detail}") from None
    if source and source not in templates:
        raise click.BadParameter(f"one of {', '.join(templates)}", param_hint="--source")
    failed = False
    for path in _files(paths):
        body, received_at = path.read_bytes(), _written_at(path)
        site = Site(zone, account=account or UNNAMED)
        named = templates[source] if source else None
        said = told(
            body, templates, named=named, patient=patient, received_at=received_at, site=site
        )
        failed = failed or "outcome" in said
        if explain:
            show(str(path), body, said, templates)
        else:
            click.echo(encode({"source": str(path), **said}))
    sys.exit(1 if failed else 0)


def told(
    body: bytes,
    templates: Templates,
    *,
    named: Compiled | None,
    patient: str,
    received_at: datetime,
    site: Site = NOWHERE,
) -> dict[str, Any]:
    """`converted` by the named template, or by the one that recognises the payload."""
    try:
        compiled = named or recognised(body, templates)
    except Failure as failure:
        return _told(Batch(), ()) | {"outcome": of_failure(failure)}
    said = converted(body, compiled, patient, received_at, site)
    return said if named else {"template": compiled.template.id, **said}


def converted(
    body: bytes, compiled: Compiled, patient: str, received_at: datetime, site: Site = NOWHERE
) -> dict[str, Any]:
    """`readings`, `bundle` or `outcome`, `dropped` and `unmapped` of one payload."""
    batch = Batch()
    try:
        batch = read(decoded(compiled.template.id, body), compiled, site=site)
        payload = Payload(sha256(body).hexdigest(), received_at)
        made, withheld = _entries(batch, compiled, patient, payload)
    except Failure as failure:
        return _told(batch, batch.withheld) | {"outcome": of_failure(failure)}
    except Exception as error:  # the edge of the command: one payload must not stop the others
        broke = Failure(Kind.FAULT, f"the translator broke ({type(error).__name__})")
        return _told(batch, batch.withheld) | {"outcome": of_failure(broke)}
    found = _told(batch, [*batch.withheld, *withheld, *_nobodys(batch)])
    if not made:
        nothing = Failure(Kind.UNPROCESSABLE, "nothing that could be stored")
        return found | {"outcome": of_failure(nothing)}
    return found | {"bundle": transaction(made)}


def _nobodys(batch: Batch) -> list[Withheld]:
    """What the service would set aside, because it would not know whose it is."""
    places = dict.fromkeys(one.at for one in batch.readings if _is_unnamed(one))
    return [Withheld("no-owner", at, "neither a device nor an account") for at in places]


def _is_unnamed(reading: Reading) -> bool:
    return reading.account is not None and reading.account.value == UNNAMED


def _entries(
    batch: Batch, compiled: Compiled, patient: str, payload: Payload
) -> tuple[list[Entry], list[Withheld]]:
    owners: dict[str, list[Reading]] = {}
    for reading in batch.readings:
        owners.setdefault("" if patient else reading.owner, []).append(reading)
    made: dict[str, Entry] = {}
    withheld: list[Withheld] = []
    for owner, readings in owners.items():
        subject = _subject(patient, compiled.template.id, owner)
        told, refused = entries(readings, subject, compiled.template, payload)
        made |= {entry["fullUrl"]: entry for entry in told}
        withheld += refused
    return list(made.values()), withheld


def _subject(patient: str, source: str, owner: str) -> Reference:
    if patient:
        return {"reference": f"Patient/{patient}"}
    return {
        "type": "Patient",
        "identifier": {"system": ours("devices", source, "owner"), "value": owner},
    }


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    """The files as they were named, those of a directory in the order of their names."""
    for path in paths:
        if path.is_dir():
            inside = (one for one in sorted(path.rglob("*")) if one.is_file())
            yield from (one for one in inside if one.suffix.lower() in _SUFFIXES or _is_form(one))
        else:
            yield path


def _is_form(path: Path) -> bool:
    """Whether a text is a form, as notifications of some vendors are."""
    if path.suffix.lower() != ".txt":
        return False
    text = path.read_bytes().strip()
    return b"=" in text and not text.startswith((b"{", b"[", b"<")) and not text.split()[1:]


def _written_at(path: Path) -> datetime:
    """When a payload in a file was received, as far as anybody knows: the same at every run."""
    return datetime.fromtimestamp(int(path.stat().st_mtime), UTC)


def _told(batch: Batch, withheld: Sequence[Withheld]) -> dict[str, Any]:
    return {
        "readings": [_reading(one) for one in batch.readings],
        "dropped": [
            {"at": one.at, "reason": one.reason, "text": str(one), "aside": one.aside}
            for one in withheld
        ],
        "unmapped": [{"at": issue.at, "text": issue.text} for issue in batch.unmapped],
    }


def _reading(one: Reading) -> dict[str, Any]:
    out = {
        "at": one.at,
        "kind": one.kind,
        "value": one.value,
        "unit": one.ucum,
        "unit_raw": one.unit_raw,
        "instant": one.instant.isoformat(),
        "end": one.end.isoformat() if one.end else None,
        "offset_origin": one.offset_origin.value,
        "clock": one.clock.value,
        "origin": one.origin.value,
        "device": one.device.opaque if one.device else None,
        "account": one.account.opaque if one.account and not _is_unnamed(one) else None,
        "model": one.model,
        "record": one.record,
        "version": one.version.isoformat() if one.version else None,
        "quality": list(one.quality),
    }
    more = {
        "comparator": one.comparator,
        "absent": one.absent,
        "said": one.said,
        "civil": one.civil,
        "gateway": one.gateway.opaque if one.gateway else None,
        "slot": one.slot,
        "site": one.site,
        "context": dict(one.context),
        "amounts": {name: f"{number} {unit}" for name, number, unit in one.amounts},
        "index": one.index,
        "status": dict(one.status),
        "supplement": one.supplement,
        "leads": [name for name, _ in one.wave.leads] if one.wave else [],
        "demo": one.demo,
        "deleted": one.deleted,
    }
    return out | {name: value for name, value in more.items() if value}
