"""How a blood pressure was taken, as the device says it: an Observation of its own."""

from collections.abc import Mapping, Sequence
from itertools import chain

from wherry.fhir.systems import MDC, v2_table
from wherry.resource import CodeableConcept, Resource
from wherry_devices.mapping.header import ABSENT, OF_A_DEVICE, About, Title, header
from wherry_devices.mapping.identity import STATUS, identifier_of
from wherry_devices.mapping.reading import Reading

_GUIDE = "http://hl7.org/fhir/uv/phd/"
_BITS = _GUIDE + "CodeSystem/ASN1ToHL7"
_PROFILE = _GUIDE + "StructureDefinition/PhdBitsEnumerationObservation"
_CODE = "8410608"
_ABOUT: CodeableConcept = {
    "coding": [{"system": MDC, "code": _CODE, "display": "MDC_BLOOD_PRESSURE_MEASUREMENT_STATUS"}],
    "text": "Blood pressure measurement status",
}

# Source: HL7 PHD guide, ASN1ToHL7, after IEEE 11073-10407; Bluetooth's order of bits is the same.
BITS: Mapping[str, tuple[int, str]] = {
    "body-movement": (0, "body-movement"),
    "cuff-loose": (1, "cuff-too-loose"),
    "irregular-pulse": (2, "irregular-pulse"),
    "pulse-above-range": (3, "pulse-over-range-limit"),
    "pulse-below-range": (4, "pulse-under-range-limit"),
    "improper-position": (5, "improper-body-position"),
}


def status(readings: Sequence[Reading], about: About) -> Resource:
    """The status of one measurement; what the device does not say is not in it.

    Source: PHD guide, PhdBitsEnumerationObservation: its profile wants a device that is known.
    """
    first = readings[0]
    known = about.device is not None and "reference" in about.device
    title = Title(
        [identifier_of(first, STATUS)],
        [OF_A_DEVICE],
        _ABOUT,
        [_PROFILE] if known and first.mdc else [],
    )
    out = header([first], title, about)
    if first.deleted:
        return out | ABSENT
    said = dict(chain.from_iterable(reading.status for reading in readings))
    out["component"] = [_bit(*BITS[name], said[name]) for name in BITS if name in said]
    return out


def _bit(number: int, text: str, said: str) -> Resource:
    return {
        "code": {"coding": [{"system": _BITS, "code": f"{_CODE}.{number}"}], "text": text},
        "valueCodeableConcept": {"coding": [{"system": v2_table("0136"), "code": said}]},
    }
