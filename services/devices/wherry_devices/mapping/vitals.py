"""The kinds of readings: LOINC code, profile, units, and which numbers a person can have."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from wherry.units import conversion

_PROFILE = "http://hl7.org/fhir/StructureDefinition/"
_CGM = "http://hl7.org/fhir/uv/cgm/StructureDefinition/"
VITAL_SIGNS, LABORATORY, ACTIVITY, EXAM = "vital-signs", "laboratory", "activity", "exam"
PROCEDURE = "procedure"
ECG = "ecg"
"""The kind that is a recording and no number."""
_LENGTHS = ("m", "km", "[mi_i]", "[ft_i]")
_DURATIONS = ("h", "min", "s")


@dataclass(frozen=True, slots=True)
class Vital:
    """One kind. The first of `units` is the one that the limits are in; the others are allowed too.

    Outside of `possible` a number is an error of the device; outside of `usual` it is kept and
    marked as suspect. Kinds of one `family` measure the same thing in units that LOINC tells apart.
    `never` are numbers that a device sends when it has none.
    """

    code: str
    display: str
    units: tuple[str, ...]
    possible: tuple[Decimal, Decimal]
    usual: tuple[Decimal, Decimal]
    profile: str = ""
    also: tuple[str, ...] = ()
    panel: str = ""
    category: str = VITAL_SIGNS
    family: str = ""
    never: tuple[Decimal, ...] = ()


@dataclass(frozen=True, slots=True)
class Panel:
    """Kinds that make up one Observation; the order of its components.

    Those that are `optional` are left out when they were not measured.
    """

    code: str
    display: str
    profile: str
    kinds: tuple[str, ...]
    optional: tuple[str, ...] = ()
    mdc: str = ""

    @property
    def all(self) -> tuple[str, ...]:
        """Every kind that may stand in it."""
        return self.kinds + self.optional


def _span(low: str, high: str) -> tuple[Decimal, Decimal]:
    return Decimal(low), Decimal(high)


def _numbers(*texts: str) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, texts))


# Codes and units: FHIR R4 vital signs profiles, their required UCUM codes; HL7 CGM guide 1.0; HL7
# Physical Activity 1.0 (steps_day, heart_rate_resting); HL7 Personal Health Record (sleep). LOINC
# tells glucose in mg/dL from glucose in mmol/L. Limits: adults; the outlier tables of MIMIC-Extract
# (Wang 2020) and CLIF narrowed to what home devices report; engineering proposals, to be signed off
# by a clinician.
VITALS: Mapping[str, Vital] = {
    "heart_rate": Vital(
        "8867-4", "Heart rate", ("/min",), _span("20", "300"), _span("30", "220"),
        _PROFILE + "heartrate", never=_numbers("0", "255", "511"),
    ),
    "heart_rate_resting": Vital(
        "40443-4", "Heart rate --resting", ("/min",), _span("20", "200"), _span("30", "130"),
        never=_numbers("0"),
    ),
    "bp_systolic": Vital(
        "8480-6", "Systolic blood pressure", ("mm[Hg]",), _span("40", "300"), _span("70", "240"),
        panel="bp", never=_numbers("0"),
    ),
    "bp_diastolic": Vital(
        "8462-4", "Diastolic blood pressure", ("mm[Hg]",), _span("20", "200"), _span("40", "140"),
        panel="bp", never=_numbers("0"),
    ),
    "bp_mean": Vital(
        "8478-0", "Mean blood pressure", ("mm[Hg]",), _span("25", "250"), _span("50", "170"),
        panel="bp", never=_numbers("0"),
    ),
    "spo2": Vital(
        "2708-6", "Oxygen saturation in Arterial blood", ("%",), _span("50", "100"),
        _span("70", "100"), _PROFILE + "oxygensat", also=("59408-5",), never=_numbers("0", "127"),
    ),
    "perfusion_index": Vital(
        "61006-3", "Perfusion index Tissue by Pulse oximetry", ("%",), _span("0.02", "30"),
        _span("0.3", "20"),
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
        _PROFILE + "resprate", never=_numbers("0"),
    ),
    "weight": Vital(
        "29463-7", "Body weight", ("kg", "g", "[lb_av]"), _span("20", "400"), _span("30", "250"),
        _PROFILE + "bodyweight", never=_numbers("0"),
    ),
    "height": Vital(
        "8302-2", "Body height", ("cm", "[in_i]"), _span("50", "272"), _span("120", "220"),
        _PROFILE + "bodyheight", never=_numbers("0"),
    ),
    "cgm_mass": Vital(
        "99504-3", "Glucose [Mass/volume] in Interstitial fluid", ("mg/dL",), _span("10", "600"),
        _span("40", "400"), _CGM + "cgm-sensor-reading-mass-per-volume", category=LABORATORY,
        family="cgm",
    ),
    "cgm_moles": Vital(
        "105272-9", "Glucose [Moles/volume] in Interstitial fluid", ("mmol/L",),
        _span("0.6", "33.3"), _span("2.2", "22.2"),
        _CGM + "cgm-sensor-reading-moles-per-volume", category=LABORATORY, family="cgm",
    ),
    "glucose_mass": Vital(
        "41653-7", "Glucose [Mass/volume] in Capillary blood by Glucometer", ("mg/dL",),
        _span("10", "1500"), _span("20", "600"), category=LABORATORY, family="glucose",
    ),
    "glucose_moles": Vital(
        "14743-9", "Glucose [Moles/volume] in Capillary blood by Glucometer", ("mmol/L",),
        _span("0.6", "83"), _span("1.1", "33.3"), category=LABORATORY, family="glucose",
    ),
    "glucose_blood_mass": Vital(
        "2339-0", "Glucose [Mass/volume] in Blood", ("mg/dL",), _span("10", "1500"),
        _span("20", "600"), category=LABORATORY, family="glucose_blood",
    ),
    "glucose_blood_moles": Vital(
        "15074-8", "Glucose [Moles/volume] in Blood", ("mmol/L",), _span("0.6", "83"),
        _span("1.1", "33.3"), category=LABORATORY, family="glucose_blood",
    ),
    "glucose_plasma_mass": Vital(
        "2345-7", "Glucose [Mass/volume] in Serum or Plasma", ("mg/dL",), _span("10", "1500"),
        _span("20", "600"), category=LABORATORY, family="glucose_plasma",
    ),
    "glucose_plasma_moles": Vital(
        "14749-6", "Glucose [Moles/volume] in Serum or Plasma", ("mmol/L",), _span("0.6", "83"),
        _span("1.1", "33.3"), category=LABORATORY, family="glucose_plasma",
    ),
    "hrv_sdnn": Vital(
        "80404-7", "R-R interval.standard deviation (Heart rate variability)", ("ms",),
        _span("1", "400"), _span("5", "250"),
    ),
    "steps": Vital(
        "55423-8", "Number of steps in unspecified time Pedometer", ("{steps}",),
        _span("0", "150000"), _span("0", "60000"), category=ACTIVITY,
    ),
    "steps_day": Vital(
        "41950-7", "Number of steps in 24 hour Measured", ("{steps}",),
        _span("0", "150000"), _span("0", "60000"), category=ACTIVITY,
    ),
    "flights": Vital(
        "100304-5", "Flights climbed [#] Reporting Period", ("{flights}",),
        _span("0", "1000"), _span("0", "300"), category=ACTIVITY,
    ),
    "distance": Vital(
        "55430-3", "Walking distance unspecified time Pedometer", _LENGTHS,
        _span("0", "300000"), _span("0", "100000"), category=ACTIVITY,
    ),
    "energy": Vital(
        "41981-2", "Calories burned", ("kcal", "kJ"), _span("0", "20000"), _span("0", "8000"),
        category=ACTIVITY,
    ),
    "exercise": Vital(
        "55411-3", "Exercise duration", ("min", "h", "s"), _span("0", "1440"), _span("0", "720"),
        category=ACTIVITY,
    ),
    "vo2max": Vital(
        "94122-9", "Oxygen consumption (VO2)/Body weight [Volume Rate/Mass] --peak during exercise",
        ("mL/min/kg",), _span("5", "100"), _span("10", "80"), category=ACTIVITY,
    ),
    "sleep": Vital(
        "93832-4", "Sleep duration", _DURATIONS, _span("0", "24"), _span("0", "18"),
        category=ACTIVITY,
    ),
    "sleep_deep": Vital(
        "93831-6", "Deep sleep duration", _DURATIONS, _span("0", "24"), _span("0", "12"),
        category=ACTIVITY,
    ),
    "sleep_light": Vital(
        "93830-8", "Light sleep duration", _DURATIONS, _span("0", "24"), _span("0", "16"),
        category=ACTIVITY,
    ),
    "sleep_rem": Vital(
        "93829-0", "REM sleep duration", _DURATIONS, _span("0", "24"), _span("0", "12"),
        category=ACTIVITY,
    ),
    "bmi": Vital(
        "39156-5", "Body mass index (BMI) [Ratio]", ("kg/m2",), _span("8", "120"),
        _span("12", "70"), _PROFILE + "bmi", never=_numbers("0"),
    ),
    "body_fat": Vital(
        "41982-0", "Percentage of body fat Measured", ("%",), _span("2", "80"), _span("3", "70"),
        never=_numbers("0"),
    ),
    "waist": Vital(
        "8280-0", "Waist Circumference at umbilicus by Tape measure", ("cm", "m", "[in_i]"),
        _span("30", "300"), _span("50", "200"), never=_numbers("0"),
    ),
    "pef": Vital(
        "19935-6", "Maximum expiratory gas flow Respiratory system airway by Peak flow meter",
        ("L/min", "L/s"), _span("30", "900"), _span("60", "800"), category=EXAM,
    ),
    "fev1": Vital(
        "20150-9", "FEV1", ("L", "mL"), _span("0.1", "8"), _span("0.4", "7"), category=EXAM,
    ),
    "fvc": Vital(
        "19870-5", "Forced vital capacity [Volume] Respiratory system by Spirometry", ("L", "mL"),
        _span("0.2", "10"), _span("0.5", "8.5"), category=EXAM,
    ),
    ECG: Vital(
        "11524-6", "EKG study", ("uV",), _span("0", "0"), _span("0", "0"), category=PROCEDURE,
    ),
}  # fmt: skip

# LOINC names of the codes that stand beside the first. Source: FHIR R4 oxygensat.
ALSO: Mapping[str, str] = {"59408-5": "Oxygen saturation in Arterial blood by Pulse oximetry"}

BY_UNIT: Mapping[str, tuple[str, ...]] = {
    "cgm": ("cgm_mass", "cgm_moles"),
    "glucose": ("glucose_mass", "glucose_moles"),
    "glucose_blood": ("glucose_blood_mass", "glucose_blood_moles"),
    "glucose_plasma": ("glucose_plasma_mass", "glucose_plasma_moles"),
}
"""What a template may name for a kind that only the unit decides on."""

PANELS: Mapping[str, Panel] = {
    "bp": Panel(
        "85354-9",
        "Blood pressure panel with all children optional",
        _PROFILE + "bp",
        ("bp_systolic", "bp_diastolic"),
        ("bp_mean",),
        mdc="150020",
    ),
}

SUSPECT = "suspect"


def kinds(name: str) -> tuple[str, ...]:
    """The kinds that a template's name of a kind can become; empty when there is none."""
    return BY_UNIT.get(name, (name,) if name in VITALS else ())


def kind_of(name: str, ucum: str) -> str:
    """The kind that has this unit, as it stands or converted; empty when none has."""
    found = kinds(name)
    same = (kind for kind in found if ucum in VITALS[kind].units)
    alike = (kind for kind in found if conversion(ucum, VITALS[kind].units[0]) is not None)
    return next(same, "") or next(alike, "")
