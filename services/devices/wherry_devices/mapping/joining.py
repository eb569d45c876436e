"""What a payload says of a measurement, and what other payloads say of it, find each other."""

from collections.abc import Mapping, Sequence

from wherry.fhir.identity import search_url
from wherry.fhir.parts import PARTS, VERSIONED
from wherry.resource import Entry, Identifier, Link
from wherry_devices.mapping.identity import (
    STATUS,
    Occasion,
    identifier_of,
    occasion_of,
    subject_of,
)
from wherry_devices.mapping.observation import CUFF_PULSE
from wherry_devices.mapping.reading import Reading
from wherry_devices.mapping.template import Template

_CUFF, _PULSE = "bp", "heart_rate"


def parts(made: Sequence[Entry], readings: Sequence[Reading]) -> Mapping[str, tuple[str, ...]]:
    """Any Observation of a device may be said in parts: the `weak` elements of a Translation."""
    versioned = {identifier_of(one).get("value", "") for one in readings if one.version}
    return {
        one["fullUrl"]: (PARTS, VERSIONED) if _name(one) in versioned else (PARTS,)
        for one in made
        if _observed(one)
    }


def known_as(made: Sequence[Entry]) -> Mapping[str, tuple[str, ...]]:
    """Other names of a measurement: the number by which a device's messages know each other."""
    return {
        one["fullUrl"]: names
        for one in made
        if _observed(one) and (names := _others(one["resource"]["identifier"]))
    }


def links(readings: Sequence[Reading], template: Template) -> tuple[Link, ...]:
    """Links of a pulse and a status to the blood pressure that may come in another payload.

    Only for sources that send them apart: for others a payload says all that belongs together.
    """
    if not template.apart:
        return ()
    found: dict[Occasion, dict[str, Reading]] = {}
    for one in readings:
        subject = STATUS if one.supplement else subject_of(one)
        if subject in (_CUFF, _PULSE, STATUS):
            found.setdefault(occasion_of(one), {})[subject] = one
    return tuple(link for said in found.values() for link in _apart(said))


def _apart(said: Mapping[str, Reading]) -> list[Link]:
    """The links of one occasion of which this payload does not have both ends."""
    one = next(iter(said.values()))
    cuff = identifier_of(one, _CUFF)
    return [
        Link(identifier_of(one, subject), cuff, profile)
        for subject, profile in ((_PULSE, CUFF_PULSE if one.end is None else ""), (STATUS, ""))
        if _CUFF in said or subject in said
        if not (_CUFF in said and subject in said)
    ]


def _others(identifiers: Sequence[Identifier]) -> tuple[str, ...]:
    """Searches by the names of which a device's other messages know it, if there are such."""
    return tuple(
        search_url("Observation", one) for one in identifiers if one["system"].endswith(":sequence")
    )


def _name(entry: Entry) -> str:
    return str(entry["resource"]["identifier"][0]["value"])


def _observed(entry: Entry) -> bool:
    return str(entry["resource"]["resourceType"]) == "Observation"
