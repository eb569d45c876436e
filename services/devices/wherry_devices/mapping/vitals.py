"""The kinds of readings: LOINC code, profile, units, and which numbers a person can have."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from wherry.units import conversion

_PROFILE = "http://hl7.org/fhir/StructureDefinition/"


@dataclass(frozen=True, slots=True)
class Vital:
    """One kind. The first of `units` is the one that the limits are in; the others are allowed too.

    Outside of `possible` a number is an error of the device; outside of `usual` it is kept and
    marked as suspect.
    """

    code: str
    display: str
    units: tuple[str, ...]
    possible: tuple[Decimal, Decimal]
    usual: tuple[Decimal, Decimal]
    profile: str = ""
    also: tuple[str, ...] = ()
    panel: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """Kinds that make up one Observation; the order of its components."""

    code: str
    display: str
    profile: str
    kinds: tuple[str, ...]


def _span(low: str, high: str) -> tuple[Decimal, Decimal]:
    return Decimal(low), Decimal(high)


# Codes and units: FHIR R4 vital signs profiles, their required UCUM codes. Limits: adults; the
# outlier tables of MIMIC-Extract (Wang 2020) and CLIF narrowed to what home devices report.
VITALS: Mapping[str, Vital] = {
    "heart_rate": Vital(
        "8867-4", "Heart rate", ("/min",), _span("20", "300"), _span("30", "220"),
        _PROFILE + "heartrate",
    ),
    "bp_systolic": Vital(
        "8480-6", "Systolic blood pressure", ("mm[Hg]",), _span("40", "300"), _span("70", "240"),
        panel="bp",
    ),
    "bp_diastolic": Vital(
        "8462-4", "Diastolic blood pressure", ("mm[Hg]",), _span("20", "200"), _span("40", "140"),
        panel="bp",
    ),
    "spo2": Vital(
        "2708-6", "Oxygen saturation in Arterial blood", ("%",), _span("50", "100"),
        _span("70", "100"), _PROFILE + "oxygensat", also=("59408-5",),
    ),
    "body_temp": Vital(
        "8310-5", "Body temperature", ("Cel", "[degF]"), _span("25", "45"), _span("34", "41.5"),
        _PROFILE + "bodytemp",
    ),
    "skin_temp": Vital(
        "39106-0", "Temperature of Skin", ("Cel", "[degF]"), _span("10", "45"), _span("20", "40"),
    ),
    "resp_rate": Vital(
        "9279-1", "Respiratory rate", ("/min",), _span("3", "80"), _span("6", "40"),
        _PROFILE + "resprate",
    ),
    "weight": Vital(
        "29463-7", "Body weight", ("kg", "g", "[lb_av]"), _span("20", "400"), _span("30", "250"),
        _PROFILE + "bodyweight",
    ),
}  # fmt: skip

# LOINC names of the codes that stand beside the first. Source: FHIR R4 oxygensat.
ALSO: Mapping[str, str] = {"59408-5": "Oxygen saturation in Arterial blood by Pulse oximetry"}

PANELS: Mapping[str, Panel] = {
    "bp": Panel(
        "85354-9",
        "Blood pressure panel with all children optional",
        _PROFILE + "bp",
        ("bp_systolic", "bp_diastolic"),
    ),
}

SUSPECT = "suspect"


def judged(kind: str, value: Decimal, ucum: str) -> str | None:
    """ "" for a usual value, SUSPECT for an unusual one, None for one that nobody can have."""
    vital = VITALS[kind]
    convert = conversion(ucum, vital.units[0])
    if convert is None:
        return None
    amount = convert(value)
    if not vital.possible[0] <= amount <= vital.possible[1]:
        return None
    return "" if vital.usual[0] <= amount <= vital.usual[1] else SUSPECT
