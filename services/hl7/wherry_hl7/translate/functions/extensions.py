"""Extensions that have extensions of their own, which a line of a map cannot say."""

from typing import Any

from wherry.fhir.systems import v2_table
from wherry.hl7.segment import Segment
from wherry.resource import Resource
from wherry_hl7.mapping.named import converter, function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.codes import concept

_ANIMAL = "http://hl7.org/fhir/StructureDefinition/patient-animal"
_ANIMAL_PARTS = ((35, "species", "0446"), (36, "breed", "0447"))


def extended(out: Resource, extension: dict[str, Any]) -> None:
    """Add an extension once; the list is a new one, as others may share the old."""
    held = out.get("extension", [])
    if extension not in held:
        out["extension"] = [*held, extension]


@function("coded_extension")
def coded_extension(
    segment: Segment, out: Resource, at: At, *, field: int, url: str, part: str, table: str
) -> None:
    """Each repetition of a coded field as a part of an extension of its own.

    Source: FHIR R4 patient-citizenship, patient-nationality.
    """
    raw = segment.field(field)
    if not raw:
        return
    if raw == '""':
        at.deletes.append(f"extension:{url}")
        return
    for rep in segment[field].reps:
        if said := concept(rep, at.scope, table=v2_table(table)):
            inside = {"url": part, "valueCodeableConcept": said}
            extended(out, {"url": url, "extension": [inside]})


@function("animal")
def animal(pid: Segment, out: Resource, at: At) -> None:
    """PID-35 and PID-36, species and breed of a patient that is an animal (patient-animal)."""
    if not any(pid.field(number) for number, _, _ in _ANIMAL_PARTS):
        return
    parts = [
        {"url": part, "valueCodeableConcept": said}
        for number, part, table in _ANIMAL_PARTS
        if (said := concept(pid[number].first, at.scope, table=v2_table(table)))
        and pid.field(number) != '""'
    ]
    if parts and parts[0]["url"] == "species":  # without a species it is no animal to R4
        extended(out, {"url": _ANIMAL, "extension": parts})


@converter("XON.name")
def organization_name(rep: Any, at: At) -> str:
    """An XON by its name alone, else by its number."""
    del at
    return str(rep[1] or rep[10] or rep[3])
