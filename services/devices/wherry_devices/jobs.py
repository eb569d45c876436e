"""Kept payloads become FHIR: read by template, given to their owners, built, landed."""

from collections import Counter
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any

from wherry import draining
from wherry.draining import STEADY, Pace
from wherry.errors import Failure, Kind
from wherry.fhir.bundle import transaction
from wherry.ports import Kept
from wherry.resource import Entry, Issue, Reference, Translation
from wherry_devices.accounts.noticing import nudge
from wherry_devices.connectors import decoded
from wherry_devices.deps import Deps
from wherry_devices.derivation.days import Touched
from wherry_devices.duplicates.marking import DUPLICATE, all_marked, mark
from wherry_devices.freshness.listening import Listening, note_batch, note_words
from wherry_devices.intake.triage import HINT, SOURCE
from wherry_devices.mapping import joining
from wherry_devices.mapping.binding import Assigned, assigned
from wherry_devices.mapping.heard import Heard
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
Changed = dict[int, frozenset[Touched]]
"""By message, the days whose derived values its readings change."""


def drain(
    deps: Deps,
    *,
    owner: str,
    pace: Pace = STEADY,
    stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Work off the payloads that wait; how and until when: `wherry.draining.drain`."""
    counts: Counts = Counter()
    changed: Changed = {}
    listening = Listening(deps.seen)
    try:
        ended = draining.drain(
            SOURCE,
            lambda kept: translated(kept, deps, counts, listening.heard, changed),
            deps,
            owner=owner,
            pace=pace,
            stopping=stopping,
            noted=lambda written: _note(written, deps, changed),
            settling=listening.write,
        )
    finally:
        deps.tally.add(counts)
    mark(deps)
    return ended


def work_waits(deps: Deps) -> bool:
    """Whether there is a payload to work on, after those whose device was bound came back.

    Or a stored reading that may have become a duplicate.
    """
    release(deps)
    return payloads_wait(deps) or bool(deps.paths.to_check(limit=1))


def payloads_wait(deps: Deps) -> bool:
    """Whether there is a payload to work on."""
    return draining.work_waits(SOURCE, deps.desk)


def release(deps: Deps) -> int:
    """Put messages back whose device was bound since; returns how many."""
    ids = deps.bindings.released()
    count = deps.desk.replay(ids) if ids else 0
    if count:
        draining.wake(deps.queue, SOURCE)
    return count


def translated(
    kept: Kept, deps: Deps, counts: Counts, heard: Heard, changed: Changed
) -> Translation:
    """One payload as a transaction about the patients whose devices took its readings.

    Readings of a device that nobody owns then are left out, and the payload is set aside until
    somebody does. Raises: Failure(UNSUPPORTED) without a template, Failure(INVALID) for no JSON.
    """
    compiled = deps.templates.get(kept.sender)
    if compiled is None:
        raise Failure(Kind.UNSUPPORTED, "no template for this source", at="source")
    said = decoded(kept.sender, kept.body)
    batch = read(said, compiled, site=Site(deps.zone, kept.received_at))
    if kept.channel != HINT:
        note_words(heard, compiled.template.id, words(said, compiled, kept.received_at))
    elif batch.readings:  # nobody knows who wrote them
        batch = Batch(withheld=(Withheld(UNSIGNED, "payload"),))
    nudge(kept.sender, said, deps)
    unclear = _withdrawn(said, compiled, kept, deps)
    found = _owners(kept, batch, deps)
    note_batch(heard, batch, found, kept.received_at)
    payload = Payload(sha256(kept.body).hexdigest(), kept.received_at)
    made: list[Entry] = []
    withheld = [*batch.withheld, *unclear, *found.withheld]
    for patient, theirs in sorted(found.patients.items()):
        subject: Reference = {"reference": f"Patient/{patient}"}
        readings, odd = of_age(theirs, deps.births.of(patient))
        told, refused = entries(readings, subject, compiled.template, payload)
        sighted = sightings(readings, patient, compiled.template, payload, deps.paths.secret)
        stands = deps.paths.note(sighted)
        made += all_marked(told, stands)
        if duplicates := sum(map(_is_duplicate, stands.values())):
            counts[compiled.template.id, DUPLICATE] += duplicates
        withheld += [*odd, *refused]
    changed[kept.id] = _touched(found, deps)
    placed = sum(map(len, found.patients.values()))
    _count(counts, compiled.template, withheld, placed, len(batch.readings))
    mine = [one for readings in found.patients.values() for one in readings]
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


def _note(written: Sequence[Kept], deps: Deps, changed: Changed) -> None:
    """Note what is to be derived again, before the messages are settled: a crash forgets none."""
    deps.days.note({one for kept in written for one in changed.pop(kept.id, ())})


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
