"""Duplicates say that they are: as they are built, and when a better path tells of them later."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from wherry import draining
from wherry.errors import Failure
from wherry.fhir.bundle import known_by, transaction
from wherry.fhir.systems import DEVICE_QUALITY, ours
from wherry.landing import Landed, land
from wherry.resource import Entry, Identifier, Resource, Translation
from wherry.stored import read
from wherry_devices.deps import Deps
from wherry_devices.derivation.days import Touched
from wherry_devices.duplicates.paths import Check
from wherry_devices.mapping.header import ABSENT
from wherry_devices.mapping.instants import iso, zone_of
from wherry_devices.mapping.paths import PLAIN, Name, Stand
from wherry_devices.mapping.rules import made_of

log = structlog.get_logger()

DUPLICATE = "duplicate"
_SAID = frozenset({"valueQuantity", "valueSampledData", "component", "interpretation"})
_SERVER_SET = frozenset({"versionId", "lastUpdated"})


def identifier(name: Name) -> Identifier:
    """The identifier of a stored reading."""
    source, value = name
    return {"system": ours("devices", source, "reading"), "value": value}


def marked(resource: Resource, stand: Stand) -> Resource:
    """An Observation that says how it stands.

    A duplicate names in derivedFrom what it is one of, and is tagged. The reference is by
    identifier, so it holds whether what it means is stored yet or not. What its source took back
    was entered in error. Source: FHIR R4 Reference, logical references.
    """
    meta = resource.get("meta", {})
    tags = [one for one in meta.get("tag", ()) if not _tags(one)]
    others = [one for one in resource.get("derivedFrom", ()) if "identifier" not in one]
    if stand.preferred is not None:
        tags.append({"system": DEVICE_QUALITY, "code": DUPLICATE})
        others.append({"type": "Observation", "identifier": identifier(stand.preferred)})
    out = _with({**resource, "meta": _with(meta, "tag", tags)}, "derivedFrom", others)
    return taken_back(out) if stand.withdrawn else out


def taken_back(resource: Resource) -> Resource:
    """An Observation as it is when its source deleted it: that it was, and no number."""
    kept = {name: value for name, value in resource.items() if name not in _SAID}
    return {**kept, "status": "entered-in-error", **ABSENT}


def all_marked(entries: Sequence[Entry], found: Mapping[Name, Stand]) -> list[Entry]:
    """Entries, of which those that are duplicates, or were taken back, say so."""
    named = {identifier(name).get("value", ""): stand for name, stand in found.items()}
    return [_if_told(entry, named) for entry in entries]


def _if_told(entry: Entry, named: Mapping[str, Stand]) -> Entry:
    resource = entry["resource"]
    if not named or resource["resourceType"] != "Observation":
        return entry
    stand = named.get(resource["identifier"][0]["value"])
    return {**entry, "resource": marked(resource, stand)} if stand else entry


def mark(deps: Deps) -> int:
    """Have stored readings say what is known of them now; returns how many were changed.

    A reading that is not stored yet says it when it is: it is looked at again later. While the FHIR
    server is away all stay to be checked.
    """
    checks = deps.paths.to_check()
    if not checks:
        return 0
    try:
        changed = _land(checks, deps)
    except Failure as failure:
        log.warning("marking_failed", kind=failure.kind.name, at=failure.at, count=len(checks))
        return 0
    deps.paths.checked(checks)
    log.info("readings_marked", checked=len(checks), changed=changed)
    return changed


def _land(checks: Sequence[Check], deps: Deps) -> int:
    wanted = [known_by({"resourceType": "Observation"}, identifier(one.name)) for one in checks]
    asked = {entry["fullUrl"]: one for entry, one in zip(wanted, checks, strict=True)}
    batch: list[Translation] = []
    days: set[Touched] = set()
    for url, resource in read(wanted, deps.fhir).resources.items():
        check = asked[url]
        made = marked(resource, check.stand if resource["status"] == "final" else PLAIN)
        days |= _days(check, resource, deps.zone)  # also if a worker died after it wrote
        if made != resource:
            bare = {k: v for k, v in made["meta"].items() if k not in _SERVER_SET}
            entry = known_by({**made, "meta": bare}, identifier(check.name))
            batch.append(Translation(bundle=transaction([entry]), patients=(check.patient,)))
    written = _landed(batch, deps)
    deps.days.note(days)
    return written


def _days(check: Check, resource: Resource, zone: str) -> set[Touched]:
    """What is derived of a reading that no longer stands as it stood."""
    said = resource.get("effectiveDateTime") or resource.get("effectivePeriod", {}).get("start")
    found = iso(said)
    if found is None:
        return set()
    home = zone_of(zone) if zone else None
    at = found.at.astimezone(home) if home and not found.at.utcoffset() else found.at
    return {Touched(check.patient, what, at.date()) for what in made_of(check.family)}


def _landed(batch: Sequence[Translation], deps: Deps) -> int:
    results = land(batch, deps.fhir)
    changed = dict.fromkeys(
        patient
        for one in results
        if isinstance(one, Landed) and one.written
        for patient in one.patients
    )
    if changed:
        deps.changes.mark(list(changed))
        draining.wake(deps.queue, "risk")
    for one in results:
        if isinstance(one, Failure):
            raise one
    return sum(one.written for one in results if isinstance(one, Landed))


def _tags(tag: Mapping[str, Any]) -> bool:
    return (tag.get("system"), tag.get("code")) == (DEVICE_QUALITY, DUPLICATE)


def _with(value: Mapping[str, Any], name: str, items: Sequence[Any]) -> dict[str, Any]:
    rest = {key: held for key, held in value.items() if key != name}
    return {**rest, name: list(items)} if items else rest
