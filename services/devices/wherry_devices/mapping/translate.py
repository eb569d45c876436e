"""Readings of one patient become entries of a transaction: Devices, Observations, Provenance."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from wherry.fhir import bundle
from wherry.fhir.identity import derived_id
from wherry.fhir.parts import joined
from wherry.fhir.systems import ours
from wherry.resource import Entry, Reference, Resource
from wherry_devices.mapping.baseline import late
from wherry_devices.mapping.ecg import ecg
from wherry_devices.mapping.equipment import device, gateway
from wherry_devices.mapping.header import About
from wherry_devices.mapping.identity import Occasion, identifier_of, occasion_of, sequence_of
from wherry_devices.mapping.measured import Measured, measurements, said
from wherry_devices.mapping.observation import context, observation
from wherry_devices.mapping.reading import Reading, Withheld
from wherry_devices.mapping.record import Payload, provenance
from wherry_devices.mapping.status import status
from wherry_devices.mapping.template import Template
from wherry_devices.mapping.vitals import ECG, VITALS

__all__ = ["Payload", "entries"]

_PULSE = "heart_rate"


def entries(
    readings: Sequence[Reading], subject: Reference, template: Template, payload: Payload
) -> tuple[list[Entry], list[Withheld]]:
    """What one patient's readings of one payload become; the same readings give the same entries.

    A measurement that is in the payload twice is stored once; if its numbers differ, not at all.
    """
    measured, withheld = measurements(readings)
    if not measured:
        return [], withheld
    id_ = derived_id("Provenance", template.id, subject.get("reference", ""), said(measured))
    source = f"{ours('devices', template.id)}#{id_}"
    made = _Made(subject, template, payload, source, _cuffs(measured))
    observations = [bundle.known_by(one, one["identifier"][0]) for one in made.all(measured)]
    told = [*made.devices.values(), *observations]
    record = provenance(id_, told, template, source, payload)
    return [*told, bundle.under_id(record)], withheld


@dataclass(slots=True)
class _Made:
    """The Observations of one payload about one patient, and the devices that they name."""

    subject: Reference
    template: Template
    payload: Payload
    source: str
    cuffs: Mapping[Occasion, Reference]
    devices: dict[str, Entry] = field(default_factory=dict)

    def all(self, measured: Measured) -> Iterator[Resource]:
        """Numbers in the payload's order, each with what came apart from it; then statuses."""
        parts = [list(one.values()) for one in measured.values()]
        contexts = {
            name: one[0] for one in parts if one[0].supplement and (name := _sequence(one[0]))
        }
        for one in parts:
            if not one[0].supplement:
                made = self._observation(one)
                apart = contexts.pop(_sequence(one[0]), None)
                yield joined(made, self._context(apart)) if apart else made
        yield from map(self._context, contexts.values())
        for one in _statuses(parts):
            yield status(one, self._about(one, self.cuffs.get(occasion_of(one[0]))))

    def _observation(self, parts: Sequence[Reading]) -> Resource:
        first = parts[0]
        about = self._about(parts)
        return ecg(first, first.wave, about) if first.kind == ECG else observation(parts, about)

    def _context(self, reading: Reading) -> Resource:
        return context(reading, self._about([reading]))

    def _about(self, parts: Sequence[Reading], cuff: Reference | None = None) -> About:
        first = parts[0]
        version = max((one.version for one in parts if one.version), default=None)
        if first.kind == _PULSE:
            cuff = self.cuffs.get(occasion_of(first))
        return About(
            subject=self.subject,
            device=device(first, self.devices, self.template, self.source, self.payload),
            source=self.source,
            said_at=version or self.payload.received_at,
            gateway=gateway(first, self.devices, self.source, self.payload),
            cuff=cuff,
            home=self.template.home,
            backfill=late(first, self.payload.received_at),
        )


def _cuffs(measured: Measured) -> dict[Occasion, Reference]:
    """References to the blood pressures of a payload."""
    found = {}
    for parts in measured.values():
        first = next(iter(parts.values()))
        if VITALS[first.kind].panel and not first.deleted and not first.supplement:
            found[occasion_of(first)] = bundle.to("Observation", identifier_of(first))
    return found


def _statuses(parts: Sequence[Sequence[Reading]]) -> list[list[Reading]]:
    """Readings of blood pressures that say how they were taken, by occasion."""
    found: dict[Occasion, list[Reading]] = {}
    for one in (reading for each in parts for reading in each):
        if one.status and VITALS[one.kind].panel:
            found.setdefault(occasion_of(one), []).append(one)
    return list(found.values())


def _sequence(reading: Reading) -> str:
    known = sequence_of(reading)
    return known.get("value", "") if known else ""
