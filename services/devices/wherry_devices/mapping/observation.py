"""Readings of one measurement become one vital-signs Observation."""

from collections.abc import Mapping, Sequence

from wherry.fhir.parts import marked
from wherry.fhir.systems import INTERPRETATION, LOINC, MDC, SOURCE_VALUE, UCUM
from wherry.resource import CodeableConcept, Identifier, Resource
from wherry_devices.mapping.header import (
    ABSENT,
    OF_A_DEVICE,
    About,
    Title,
    absent,
    category,
    header,
    loinc,
)
from wherry_devices.mapping.identity import identifier_of, sequence_of
from wherry_devices.mapping.places import site
from wherry_devices.mapping.reading import Reading
from wherry_devices.mapping.vitals import ALSO, PANELS, VITALS, Panel

_BEYOND: Mapping[str, str] = {"<": "LL", "<=": "LL", ">": "HH", ">=": "HH"}
_CARDX = "http://hl7.org/fhir/uv/cardx-htn-mng/StructureDefinition/"
CUFF_PULSE = _CARDX + "smbp-associated-heart-rate"
"""The profile of a pulse that was counted with a blood pressure at home."""
_HOME = {"bp": _CARDX + "self-measured-bp", "heart_rate": CUFF_PULSE}
"""What people measure at home, beside the profile that all such readings have."""
# How the CGM guide prints the units that it fixes. Source: CGM 1.0, cgm-sensor-reading-*.
_UNITS = {"cgm_mass": "mg/dl", "cgm_moles": "mmol/l"}
# A concentration of which another message of the device will say the number and so the unit.
_NOT_YET: Mapping[str, CodeableConcept] = {
    "glucose": {
        "coding": [{"system": MDC, "code": "160020", "display": "MDC_CONC_GLU_GEN"}],
        "text": "Glucose",
    },
}


def observation(readings: Sequence[Reading], about: About) -> Resource:
    """One Observation out of the readings of one measurement: a single one, or a panel's parts.

    The number keeps its digits, the time its offset.
    Source: FHIR R4, vital signs profiles; CardX hypertension 1.0; CGM 1.0; PHD 2.0.
    """
    first = readings[0]
    panel = PANELS.get(VITALS[first.kind].panel)
    code = _with_mdc(loinc(panel.code, panel.display), panel, first) if panel else _code(first)
    names = [identifier_of(first), *_sequence(first)]
    title = Title(names, _categories(first), code, _profiles(first, about))
    out = header(readings, title, about)
    if first.site:
        out["bodySite"] = site(first.site)
    if first.deleted and panel is None:
        return out | ABSENT
    parts = {} if first.deleted else {reading.kind: reading for reading in readings}
    out |= _interpreted(readings)
    components = [] if first.deleted else _context(first)
    if panel is None:
        return out | _value(first) | ({"component": components} if components else {})
    kinds = (*panel.kinds, *(kind for kind in panel.optional if kind in parts))
    out["component"] = [
        {"code": _code(parts[kind]), **_value(parts[kind])}
        if kind in parts
        else {"code": loinc(VITALS[kind].code, VITALS[kind].display), **ABSENT}
        for kind in kinds
    ] + components
    return out


def context(reading: Reading, about: About) -> Resource:
    """What a device says of a measurement apart from its number: the same Observation, in part.

    It is known by its sequence number; until the number comes the value is unknown.
    """
    vital = VITALS[reading.kind]
    title = Title(_sequence(reading), _categories(reading), _NOT_YET[vital.family])
    out = header([reading], title, about) | ABSENT
    said_at = about.said_at.isoformat()
    out["component"] = [marked(one, said_at) for one in _context(reading)]
    del out["extension"][0]  # whoever knows the number knows better than this
    return out


def _categories(reading: Reading) -> list[CodeableConcept]:
    ours = category(VITALS[reading.kind].category)
    return [ours, OF_A_DEVICE] if reading.mdc else [ours]


def _with_mdc(concept: CodeableConcept, panel: Panel, reading: Reading) -> CodeableConcept:
    if reading.mdc and panel.mdc:
        concept["coding"].append({"system": MDC, "code": panel.mdc})
    return concept


def _sequence(reading: Reading) -> list[Identifier]:
    found = sequence_of(reading)
    return [found] if found else []


def _profiles(first: Reading, about: About) -> list[str]:
    vital = VITALS[first.kind]
    profiles = [PANELS[vital.panel].profile if vital.panel else vital.profile]
    if about.home and not first.end and (vital.panel or about.cuff):
        profiles.append(_HOME.get(vital.panel or first.kind, ""))
    return profiles


def _interpreted(readings: Sequence[Reading]) -> Resource:
    codes = dict.fromkeys(_BEYOND[one.comparator] for one in readings if one.comparator)
    concepts = [{"coding": [{"system": INTERPRETATION, "code": code}]} for code in codes]
    return {"interpretation": concepts} if concepts else {}


def _context(reading: Reading) -> list[Resource]:
    """What was said besides the number: words in the source's own, amounts in their units."""
    words: list[Resource] = [
        {"code": {"text": name}, "valueCodeableConcept": {"text": text}}
        for name, text in reading.context
    ]
    return words + [
        {
            "code": {"text": name},
            "valueQuantity": {"value": number, "unit": unit, "system": UCUM, "code": unit},
        }
        for name, number, unit in reading.amounts
    ]


def _value(reading: Reading) -> Resource:
    if reading.value is None:
        return absent(reading.absent or "unknown")
    out: Resource = {"value": reading.value}
    if reading.comparator:
        out["comparator"] = reading.comparator
    converted = reading.said is not None
    out |= {
        "unit": _UNITS.get(reading.kind) or (reading.ucum if converted else reading.unit_raw),
        "system": UCUM,
        "code": reading.ucum,
    }
    if converted:
        said = f"{reading.said} {reading.unit_raw}"
        out = {"extension": [{"url": SOURCE_VALUE, "valueString": said}], **out}
    return {"valueQuantity": out}


def _code(reading: Reading) -> CodeableConcept:
    vital = VITALS[reading.kind]
    concept = loinc(vital.code, vital.display)
    concept["coding"] += [
        {"system": LOINC, "code": code, "display": ALSO[code]} for code in vital.also
    ]
    if reading.mdc:
        concept["coding"].append({"system": MDC, "code": reading.mdc})
    return concept
