"""One kept payload becomes a transaction, and what is counted and noted beside it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from wherry.errors import Failure, Kind
from wherry.fhir.bundle import transaction
from wherry.ports import Kept
from wherry.resource import Entry, Issue, Reference, Translation
from wherry_devices.accounts.noticing import nudge
from wherry_devices.connectors import decoded
from wherry_devices.deps import Deps
from wherry_devices.derivation.days import Touched
from wherry_devices.duplicates.marking import DUPLICATE, all_marked
from wherry_devices.freshness.listening import Listening, note_batch, note_words
from wherry_devices.intake.triage import HINT
from wherry_devices.mapping import joining
from wherry_devices.mapping.binding import Assigned, assigned
from wherry_devices.mapping.instants import Site, zone_of
from wherry_devices.mapping.paths import Stand
from wherry_devices.mapping.plausible import of_age
from wherry_devices.mapping.read import read
from wherry_devices.mapping.reading import Batch, Withheld
from wherry_devices.mapping.rules import touched
from wherry_devices.mapping.sighted import sightings
from wherry_devices.mapping.telemetry import words
from wherry_devices.mapping.template import Compiled, Template
from wherry_devices.mapping.translate import Payload, entries
from wherry_devices.mapping.withdrawals import withdrawals

UNASSIGNED, UNSIGNED = "unassigned", "unsigned"
_SHOWN = 3

Counts = Counter[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Beside:
    """What translating finds out that is in no transaction: it is kept before a claim is settled.

    `counts` are readings by source and outcome; `changed` are, by message, the days whose derived
    values its readings change.
    """

    listening: Listening
    counts: Counts = field(default_factory=Counter)
    changed: dict[int, frozenset[Touched]] = field(default_factory=dict)

    def days(self, written: Sequence[Kept]) -> set[Touched]:
        """What is to be derived again because of these messages; it is told once."""
        return {one for kept in written for one in self.changed.pop(kept.id, ())}


def translated(kept: Kept, deps: Deps, beside: Beside) -> Translation:
    """One payload as a transaction about the patients whose devices took its readings.

    Readings of a device that nobody owns then are left out, and the payload is set aside until
    somebody does. Raises: Failure(UNSUPPORTED) without a template, Failure(INVALID) for no JSON.
    """
    compiled = deps.templates.get(kept.sender)
    if compiled is None:
        raise Failure(Kind.UNSUPPORTED, "no template for this source", at="source")
    said = decoded(kept.sender, kept.body)
    batch = _read(said, compiled, kept, deps, beside)
    nudge(kept.sender, said, deps)
    unclear = _withdrawn(said, compiled, kept, deps)
    found = _owners(kept, batch, deps)
    note_batch(beside.listening.heard, batch, found, kept.received_at)
    beside.changed[kept.id] = _touched(found, deps)
    made, refused = _built(found, compiled.template, kept, deps, beside)
    withheld = [*batch.withheld, *unclear, *found.withheld, *refused]
    mine = [one for readings in found.patients.values() for one in readings]
    _count(beside.counts, compiled.template, withheld, len(mine), len(batch.readings))
    return Translation(
        bundle=transaction(_once(made)),
        weak=joining.parts(made, mine),
        known_as=joining.known_as(made),
        links=joining.links(mine, compiled.template),
        warnings=tuple(Issue(one.at, str(one)) for one in withheld),
        unmapped=batch.unmapped,
        patients=tuple(sorted(found.patients)),
        aside=reason(tuple(found.unassigned), withheld),
    )


def _read(said: Any, compiled: Compiled, kept: Kept, deps: Deps, beside: Beside) -> Batch:
    """The readings; none of a sender who did not prove to be the source, nor what it says else."""
    batch = read(said, compiled, site=Site(deps.zone, kept.received_at))
    if kept.channel != HINT:
        told = words(said, compiled, kept.received_at)
        note_words(beside.listening.heard, compiled.template.id, told)
        return batch
    return Batch(withheld=(Withheld(UNSIGNED, "payload"),)) if batch.readings else batch


def _built(
    found: Assigned, template: Template, kept: Kept, deps: Deps, beside: Beside
) -> tuple[list[Entry], list[Withheld]]:
    """What is stored of each patient's readings, duplicates marked, and what is not."""
    payload = Payload(sha256(kept.body).hexdigest(), kept.received_at)
    made: list[Entry] = []
    withheld: list[Withheld] = []
    for patient, theirs in sorted(found.patients.items()):
        subject: Reference = {"reference": f"Patient/{patient}"}
        readings, odd = of_age(theirs, deps.births.of(patient))
        told, refused = entries(readings, subject, template, payload)
        stands = deps.paths.note(sightings(readings, patient, template, payload, deps.paths.secret))
        made += all_marked(told, stands)
        if duplicates := sum(map(_is_duplicate, stands.values())):
            beside.counts[template.id, DUPLICATE] += duplicates
        withheld += [*odd, *refused]
    return made, withheld


def reason(unassigned: Sequence[str], withheld: Sequence[Withheld]) -> str:
    """Why a person has to look at a payload; empty when nobody has to. No value, no name."""
    parts = [f"{UNASSIGNED}: device {key}" for key in unassigned]
    parts += dict.fromkeys(str(one) for one in withheld if one.aside)
    more = [f"and {len(parts) - _SHOWN} more"] if len(parts) > _SHOWN else []
    return "; ".join([*parts[:_SHOWN], *more])


def _owners(kept: Kept, batch: Batch, deps: Deps) -> Assigned:
    """Whom the readings belong to; those of nobody are noted as waiting, under their keys."""
    keys = dict.fromkeys(key.opaque for reading in batch.readings for key in reading.keys)
    look = deps.bindings.look(list(keys), kept.id)
    found = assigned(batch.readings, look.bindings)
    if found.unassigned or look.waited:
        deps.bindings.wait(kept.id, list(found.unassigned), seen=look.revision)
    return found


def _touched(found: Assigned, deps: Deps) -> frozenset[Touched]:
    """What these readings change of what is derived, whatever they are worth themselves."""
    zone = zone_of(deps.zone) if deps.zone else None
    return frozenset(
        Touched(patient, what, day)
        for patient, readings in found.patients.items()
        for what, day in touched(readings, zone)
    )


def _withdrawn(said: Any, compiled: Compiled, kept: Kept, deps: Deps) -> list[Withheld]:
    """Note what a source took back; of one that nobody knows to be the source, nothing."""
    gone, unclear = withdrawals(said, compiled, kept.received_at)
    if gone and kept.channel == HINT:
        return [Withheld(UNSIGNED, "payload")]
    deps.paths.withdraw(gone)
    return unclear


def _is_duplicate(stand: Stand) -> bool:
    return stand.preferred is not None


def _once(made: Sequence[Entry]) -> list[Entry]:
    """Each thing once: a device that two patients used in one payload is said by both."""
    return list({entry["fullUrl"]: entry for entry in made}.values())


def _count(
    counts: Counts, template: Template, withheld: Sequence[Withheld], placed: int, readings: int
) -> None:
    ended = Counter(one.reason for one in withheld)
    disputed = ended["disputed-owner"]
    ended |= Counter({"placed": placed, UNASSIGNED: readings - placed - disputed})
    for outcome, count in ended.items():
        if count:
            counts[template.id, outcome] += count
