"""What a measurement is called: never by its value, never by the payload that it came in."""

from collections.abc import Mapping
from datetime import UTC

from wherry.fhir.identity import key
from wherry.fhir.systems import ours
from wherry.resource import Identifier
from wherry_devices.mapping.reading import Reading
from wherry_devices.mapping.vitals import VITALS

Occasion = tuple[str, str]
"""What all that one device said of one measurement shares: the owner, and the record or instant."""

STATUS = "bp_status"
"""What a device says of how a blood pressure was taken, as the subject of an identifier."""


_ALIKE: Mapping[str, str] = {
    "cgm": "glucose",
    "glucose_blood": "glucose",
    "glucose_plasma": "glucose",
}


def subject_of(reading: Reading) -> str:
    """What a reading is a part of: its panel, else itself in whatever unit."""
    return _subject(reading.kind)


def family_of(kind: str) -> str:
    """What readings of different paths may be one of: a path need not know where it was measured.

    The same glucose in the same minute is one, whether in blood or under the skin.
    """
    subject = _subject(kind)
    return _ALIKE.get(subject, subject)


def _subject(kind: str) -> str:
    vital = VITALS[kind]
    return vital.panel or vital.family or kind


def occasion_of(reading: Reading) -> Occasion:
    """Without the source's own name for a measurement, it is the instant that tells it apart.

    Where a source counts several measurements of one instant, the number belongs to it.
    """
    instant = reading.instant.astimezone(UTC).isoformat()
    number = f"#{reading.index}" if reading.index else ""
    return reading.owner, reading.record or f"{instant}{number}"


def identifier_of(reading: Reading, subject: str = "") -> Identifier:
    """What identifies the measurement at its source, or another `subject` of the same occasion."""
    owner, record = occasion_of(reading)
    value = key(owner, record, subject or subject_of(reading))
    return {"system": ours("devices", reading.source, "reading"), "value": value}


def sequence_of(reading: Reading) -> Identifier | None:
    """The name by which other messages of the same device know the measurement; None without."""
    if not reading.sequence:
        return None
    value = key(reading.owner, reading.sequence)
    return {"system": ours("devices", reading.source, "sequence"), "value": value}
