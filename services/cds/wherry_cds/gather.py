"""A call becomes the record it is about: from prefetch, else from an allowed FHIR server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import structlog

from wherry.errors import Failure, Kind
from wherry.resource import Resource
from wherry_cds.audit import PATIENT_MISMATCH
from wherry_cds.clients.client import Client
from wherry_cds.deadline import Deadline
from wherry_cds.deps import Deps
from wherry_cds.fhir_source import Source, source_of
from wherry_cds.protocol import prefetch
from wherry_cds.protocol.call import Call
from wherry_cds.protocol.catalogue import Key
from wherry_cds.protocol.prefetch import STEPS, Obtained, Received, Step
from wherry_cds.reading import Found, Reading, why_not

log = structlog.get_logger()

Ended = Mapping[str, Found | Failure | None]


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of the patient, key by key, and how much of it came through."""

    resources: tuple[Resource, ...]
    truncated: bool = False
    partial: bool = False
    obtained: Mapping[str, Obtained] = field(default_factory=dict)
    by_key: Mapping[str, tuple[Resource, ...]] = field(default_factory=dict)


def gather(call: Call, client: Client, needs: Deps, deadline: Deadline) -> Record:
    """The resources for every key of the service; what must be read is read at the same time.

    Raises: Failure: INVALID when the client sent another patient or type, UNMET when a required
    key was neither sent nor can be read, UNAVAILABLE when the FHIR server is away or late.
    Source: CDS Hooks 2.0, Providing FHIR Resources to a CDS Service.
    """
    keys = call.service.keys
    received = {key.name: _received(key, call) for key in keys}
    _refuse(keys, received, call, client, needs)
    source = source_of(call, client, needs.servers)
    found = {key.name: _at_hand(key, received[key.name], call, source) for key in keys}
    _raise_first(keys, found, Kind.UNMET)  # before anything is read in vain
    if wanted := [key for key in keys if found[key.name] is None]:
        noted = partial(note_mismatch, call, client, needs)
        reads = deadline.no_later_than(_budget_s(call, needs))
        reading = Reading(call, needs.fhir, source, needs.servers.max_pages, reads, noted)
        tasks = [partial(reading.obtain, key) for key in wanted]
        ended = needs.together.run(tasks, timeout_s=reads.left_s())
        found |= {key.name: one for key, one in zip(wanted, ended, strict=True)}
        _raise_first(keys, found, Kind.UNMET)
        _raise_first(keys, found, *Kind)
    return _record(keys, found)


def _received(key: Key, call: Call) -> Received:
    return prefetch.received(key, call.prefetch, patient_id=call.patient_id, base=call.fhir_server)


def _refuse(
    keys: Sequence[Key], received: Mapping[str, Received], call: Call, client: Client, needs: Deps
) -> None:
    """One resource of another patient or type, and nothing of the request is used."""
    for key in keys:
        step, at = STEPS[received[key.name]], f"prefetch.{key.name}"
        if step is Step.REFUSE_AND_NOTE:
            note_mismatch(call, client, needs, at)
        if step in (Step.REFUSE, Step.REFUSE_AND_NOTE):
            log.warning("prefetch_refused", key=key.name, patient_id=call.patient_id)
            raise Failure(Kind.INVALID, f"not {key.type} of the patient in context", at=at)


def note_mismatch(call: Call, client: Client, needs: Deps, at: str) -> None:
    """One audit row for data of another patient. Raises: Failure(UNAVAILABLE)."""
    needs.audit.write(
        PATIENT_MISMATCH,
        tenant=client.tenant,
        client=client.id,
        service=call.service.id,
        hook_instance=call.hook_instance,
        patient_id=call.patient_id,
        at=at,
    )


def _at_hand(key: Key, received: Received, call: Call, source: Source) -> Found | Failure | None:
    """What is under the key without reading; None when something is to be read."""
    step = STEPS[received]
    if step is Step.READ:
        return why_not(key, call, source)
    if step is Step.USE_AND_FOLLOW:
        return None
    if step is Step.GO_WITHOUT:
        return Found((), Obtained.NONE)
    if step is Step.UNMET:
        if not key.required:
            return Found((), Obtained.UNAVAILABLE)
        text = f"the client could not obtain {key.name}"
        return Failure(Kind.UNMET, text, at=f"prefetch.{key.name}")
    content = prefetch.content(key, call.prefetch[key.name])
    obtained = Obtained.DATA if content.resources else Obtained.NONE
    return Found(content.resources, obtained, partial=content.partial)


def _budget_s(call: Call, needs: Deps) -> float:
    """Seconds for reading: the setting, or less when the call's token ends before."""
    lent = call.authorization
    return min(needs.fhir_deadline_s, float(lent.expires_in_s)) if lent else needs.fhir_deadline_s


def _raise_first(keys: Sequence[Key], found: Ended, *kinds: Kind) -> None:
    """The first failure of these kinds that this call cannot do without."""
    for key in keys:
        ended = found[key.name]
        if isinstance(ended, Failure) and ended.kind in kinds and key.required:
            raise ended


def _record(keys: Sequence[Key], ended: Ended) -> Record:
    found = {key.name: _of(key, ended[key.name]) for key in keys}
    return Record(
        resources=tuple(each for one in found.values() for each in one.resources),
        truncated=any(one.truncated for one in found.values()),
        partial=any(one.partial for one in found.values()),
        obtained={name: one.obtained for name, one in found.items()},
        by_key={name: one.resources for name, one in found.items()},
    )


def _of(key: Key, ended: Found | Failure | None) -> Found:
    if isinstance(ended, Found):
        return ended
    kind = ended.kind.name if ended else ""
    log.info("optional_key_not_obtained", key=key.name, kind=kind)
    return Found((), Obtained.NOT_OBTAINED)
