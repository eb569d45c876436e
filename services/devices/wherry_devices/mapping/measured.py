"""Readings of a payload are put together by the measurement that they are about."""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from wherry_devices.mapping.identity import identifier_of, sequence_of
from wherry_devices.mapping.reading import Reading, Withheld

Measured = Mapping[str, Mapping[str, Reading]]
"""Readings by the value of their measurement's identifier, and by kind."""


def measurements(
    readings: Sequence[Reading],
) -> tuple[dict[str, dict[str, Reading]], list[Withheld]]:
    """Readings by measurement and kind, the newest version of each; those that disagree are out."""
    found: dict[str, dict[str, Reading]] = {}
    disagree: dict[str, Withheld] = {}
    for reading in readings:
        name = _name(reading)
        parts = found.setdefault(name, {})
        before = parts.get(reading.kind)
        if before is None or _newer(reading, before):
            parts[reading.kind] = reading
        elif not _newer(before, reading) and not _alike(before, reading):
            disagree[name] = Withheld("contradictory", reading.at, reading.kind)
    kept = {name: parts for name, parts in found.items() if name not in disagree}
    return kept, list(disagree.values())


def _name(reading: Reading) -> str:
    """A supplement is a message of its own: it neither replaces a number nor contradicts one."""
    if not reading.supplement:
        return identifier_of(reading).get("value", "")
    known = sequence_of(reading) or identifier_of(reading)
    return f"{known.get('value', '')}/supplement"


def _newer(one: Reading, other: Reading) -> bool:
    return one.version is not None and other.version is not None and one.version > other.version


def _alike(one: Reading, other: Reading) -> bool:
    return (
        (one.value, one.ucum, one.instant, one.comparator, one.absent, one.deleted, _more(one))
        == (other.value, other.ucum, other.instant, other.comparator, other.absent, other.deleted,
            _more(other))
    )  # fmt: skip


def said(measured: Measured) -> str:
    """A hash of all that is said, so that other payloads that say the same add no record."""
    text = "\n".join(
        f"{name}|{kind}|{one.comparator}{one.value}{one.absent}|{one.ucum}|"
        f"{one.instant.isoformat()}|{one.version}|{'deleted' if one.deleted else ''}{_more(one)}"
        for name, parts in sorted(measured.items())
        for kind, one in sorted(parts.items())
    )
    return sha256(text.encode()).hexdigest()


def _more(reading: Reading) -> str:
    """What is said besides a number."""
    more: list[tuple[str, object]] = [*reading.status]
    if reading.supplement:
        more += [*reading.context, *((name, f"{n} {unit}") for name, n, unit in reading.amounts)]
    wave = f"|{reading.wave.digest}" if reading.wave else ""
    return wave + "".join(f"|{name}={text}" for name, text in more)
