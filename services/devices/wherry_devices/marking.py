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
from wherry_devices.days import Touched
from wherry_devices.deps import Deps
from wherry_devices.mapping.instants import zone_of
from wherry_devices.mapping.paths import Name
from wherry_devices.mapping.rules import touched
from wherry_devices.mapping.stored import facts
from wherry_devices.paths import Check

log = structlog.get_logger()

DUPLICATE = "duplicate"
_SERVER_SET = frozenset({"versionId", "lastUpdated"})


def identifier(name: Name) -> Identifier:
    """The identifier of a stored reading."""
    source, value = name
    return {"system": ours("devices", source, "reading"), "value": value}


def marked(resource: Resource, preferred: Name | None) -> Resource:
    """An Observation that names what it is a duplicate of in derivedFrom, and is tagged as one.

    With None it says neither. The reference is by identifier, so it holds whether what it means is
    stored yet or not. Source: FHIR R4 Reference, logical references.
    """
    meta = resource.get("meta", {})
    tags = [one for one in meta.get("tag", ()) if not _tags(one)]
    others = [one for one in resource.get("derivedFrom", ()) if "identifier" not in one]
    if preferred is not None:
        tags.append({"system": DEVICE_QUALITY, "code": DUPLICATE})
        others.append({"type": "Observation", "identifier": identifier(preferred)})
    return _with({**resource, "meta": _with(meta, "tag", tags)}, "derivedFrom", others)


def all_marked(entries: Sequence[Entry], found: Mapping[Name, Name]) -> list[Entry]:
    """Entries, of which those that are duplicates say so."""
    named = {identifier(name).get("value", ""): preferred for name, preferred in found.items()}
    return [_if_duplicate(entry, named) for entry in entries]


def _if_duplicate(entry: Entry, named: Mapping[str, Name]) -> Entry:
    resource = entry["resource"]
    if not named or resource["resourceType"] != "Observation":
        return entry
    preferred = named.get(resource["identifier"][0]["value"])
    return {**entry, "resource": marked(resource, preferred)} if preferred else entry


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
    wanted = {}
    for one in checks:
        entry = known_by({"resourceType": "Observation"}, identifier(one.name))
        wanted[entry["fullUrl"]] = one
    stored = read(
        [known_by({"resourceType": "Observation"}, identifier(one.name)) for one in checks],
        deps.fhir,
    )
    batch = []
    for url, resource in stored.resources.items():
        check = wanted[url]
        made = marked(resource, check.preferred if resource["status"] == "final" else None)
        if made != resource:
            bare = {k: v for k, v in made["meta"].items() if k not in _SERVER_SET}
            entry = known_by({**made, "meta": bare}, identifier(check.name))
            bundle = transaction([entry])
            batch.append(Translation(bundle=bundle, patients=(check.patient,)))
    changed = _landed(batch, deps)
    _note(stored.resources, wanted, deps)
    return changed


def _note(stored: Mapping[str, Resource], wanted: Mapping[str, Check], deps: Deps) -> None:
    """Have what rests on these readings derived again; also if a worker died after it wrote."""
    zone = zone_of(deps.zone) if deps.zone else None
    deps.days.note(
        Touched(wanted[url].patient, what, day)
        for url, resource in stored.items()
        for what, day in touched(facts([resource]), zone)
    )


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
