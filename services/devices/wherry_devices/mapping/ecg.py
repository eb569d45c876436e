"""A recording of an electrocardiogram becomes an Observation with one wave for each lead."""

from collections.abc import Mapping

from wherry.fhir.systems import MDC, UCUM
from wherry.resource import CodeableConcept, Coding, Resource
from wherry_devices.mapping.header import ABSENT, About, Title, absent, category, header, loinc
from wherry_devices.mapping.identity import identifier_of
from wherry_devices.mapping.reading import Reading
from wherry_devices.mapping.vitals import VITALS
from wherry_devices.mapping.waves import Wave

_KIND = "ecg"
_POTENTIAL: Coding = {"system": MDC, "code": "131328", "display": "MDC_ECG_ELEC_POTL"}
_NOTE = (
    "The algorithm determination is in the words of the recorder's own algorithm: it supports a"
    " decision and is no diagnosis."
)
# Leads as vendors write them, in lower case and without "lead". Source: IEEE 11073-10101, 2:256 on.
_LEADS: Mapping[str, tuple[str, str]] = {
    "i": ("131329", "MDC_ECG_ELEC_POTL_I"),
    "ii": ("131330", "MDC_ECG_ELEC_POTL_II"),
    "v1": ("131331", "MDC_ECG_ELEC_POTL_V1"),
    "v2": ("131332", "MDC_ECG_ELEC_POTL_V2"),
    "v3": ("131333", "MDC_ECG_ELEC_POTL_V3"),
    "v4": ("131334", "MDC_ECG_ELEC_POTL_V4"),
    "v5": ("131335", "MDC_ECG_ELEC_POTL_V5"),
    "v6": ("131336", "MDC_ECG_ELEC_POTL_V6"),
    "iii": ("131389", "MDC_ECG_ELEC_POTL_III"),
    "avr": ("131390", "MDC_ECG_ELEC_POTL_AVR"),
    "avl": ("131391", "MDC_ECG_ELEC_POTL_AVL"),
    "avf": ("131392", "MDC_ECG_ELEC_POTL_AVF"),
}


def ecg(reading: Reading, wave: Wave | None, about: About) -> Resource:
    """One recording; a lead that nobody knows keeps its name and has no code.

    Source: FHIR R4 SampledData; R4 example of an ECG; PHD guide, PhdRtsaObservation.
    """
    vital = VITALS[_KIND]
    code = loinc(vital.code, vital.display)
    code["coding"].append(_POTENTIAL)
    title = Title([identifier_of(reading)], [category(vital.category)], code)
    out = header([reading], title, about)
    if wave is None:
        return out | ABSENT
    out["component"] = [_lead(name, data, wave) for name, data in wave.leads]
    out["component"].append(_measured("sampling frequency", wave))
    if wave.determination:
        out["component"].append(_determined(wave))
        out["note"] = [{"text": _NOTE}]
    return out


def _lead(name: str, data: str, wave: Wave) -> Resource:
    known = _LEADS.get(name.lower().removeprefix("lead").strip(" _-"))
    code: CodeableConcept = {"text": name}
    if known:
        code = {"coding": [{"system": MDC, "code": known[0], "display": known[1]}], "text": name}
    return {
        "code": code,
        "valueSampledData": {
            "origin": {"value": 0, "unit": "uV", "system": UCUM, "code": "uV"},
            "period": wave.period_ms,
            "factor": wave.factor,
            "dimensions": 1,
            "data": data,
        },
    }


def _measured(name: str, wave: Wave) -> Resource:
    """The frequency as it was said: not every period is a finite number of milliseconds."""
    quantity = {"value": wave.frequency, "unit": "Hz", "system": UCUM, "code": "Hz"}
    return {"code": {"text": name}, "valueQuantity": quantity}


def _determined(wave: Wave) -> Resource:
    code: CodeableConcept = {"text": "algorithm determination"}
    if not wave.absent:
        return {"code": code, "valueCodeableConcept": {"text": wave.determination}}
    reason = absent(wave.absent)
    reason["dataAbsentReason"]["text"] = wave.determination
    return {"code": code, **reason}
