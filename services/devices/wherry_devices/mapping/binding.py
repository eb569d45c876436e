"""Readings and bindings with dates become readings per patient, and devices that nobody owns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from wherry_devices.mapping.reading import Reading, Withheld


@dataclass(frozen=True, slots=True)
class Binding:
    """A device, or an account, belongs to a patient from one instant up to another.

    `key` is the opaque key; `valid_to` is the first instant that it does not hold for. `unit` is
    the key of the device without its user, where that is known. A reading is expected `every` so
    long, None: as its kind is; `zone` is where the patient lives, empty: where this site is.
    """

    key: str
    source: str
    patient: str
    valid_from: datetime
    valid_to: datetime | None
    verified_by: str
    unit: str = ""
    every: timedelta | None = None
    zone: str = ""

    def holds(self, at: datetime) -> bool:
        """Whether it is valid at this instant."""
        return self.valid_from <= at and (self.valid_to is None or at < self.valid_to)

    def overlaps(self, other: "Binding") -> bool:
        """Whether there is an instant at which both are valid."""
        before = self.valid_to is not None and self.valid_to <= other.valid_from
        after = other.valid_to is not None and other.valid_to <= self.valid_from
        return not (before or after)


@dataclass(slots=True)
class Assigned:
    """Readings by patient id; those that wait, by the keys that would place them; the disputed."""

    patients: dict[str, list[Reading]] = field(default_factory=dict)
    unassigned: dict[str, None] = field(default_factory=dict)
    withheld: list[Withheld] = field(default_factory=list)


def assigned(readings: Sequence[Reading], bindings: Mapping[str, Sequence[Binding]]) -> Assigned:
    """Give each reading to the patient whom its device or account belonged to at its instant.

    A device and an account that belong to different patients then place nothing: a person decides.
    """
    out = Assigned()
    for reading in readings:
        keys = [key.opaque for key in reading.keys]
        patients = {
            binding.patient
            for key in keys
            for binding in bindings.get(key, ())
            if binding.holds(reading.instant)
        }
        if len(patients) == 1:
            out.patients.setdefault(patients.pop(), []).append(reading)
        elif patients:
            out.withheld.append(Withheld("disputed-owner", reading.at))
        else:
            out.unassigned.update(dict.fromkeys(keys))
    return out
