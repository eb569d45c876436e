"""The inputs that models share: codes, units, plausible ranges, and how old a value may be."""

from collections.abc import Mapping

from wherry_risk.onnx.manifest import Convert, Input, MaxAge
from wherry_risk.onnx.spec_of import VENTILATOR_CODES

HOUR_MIN = 60
DAY_H = 24

# Analyte-specific factors, by molar mass; equal units under other names have none.
_SAME = Convert()
_MG_DL = {"mg/dl": _SAME}
_COUNT = dict.fromkeys(("10*9/L", "10^9/L", "10^3/uL", "K/uL", "10*3/mm3"), _SAME)
_MMOL_L = {"mmol/l": _SAME, "meq/L": _SAME, "mEq/L": _SAME}
_ENZYME = dict.fromkeys(("[iU]/L", "IU/L", "u/L"), _SAME)


def _one(
    name: str,
    label: str,
    group: str,
    codes: str,
    ucum: str,
    *,
    plausible: tuple[float, float],
    age_h: int,
    home_h: int | None = None,
    convert: dict[str, Convert] | None = None,
    step: str = "1",
) -> Input:
    home = None if home_h is None else home_h * HOUR_MIN
    return Input(
        name=name,
        label=label,
        group=group,
        source="quantity",
        loinc=tuple(codes.split()),
        ucum=ucum,
        convert=convert or {},
        plausible=plausible,
        max_age_min=MaxAge(inpatient=age_h * HOUR_MIN, home=home),
        step=step,
    )


# Source: LOINC; plausible ranges for living adults; molar masses. The oldest age in hospital is
# about the 99th percentile of what the training data hold: labs that are aged out earlier cost more
# than they save, and beyond it nothing is known. Ages at home are declared, not used: none of these
# models may run there.
# fmt: off
_ALL = (
    _one("heart-rate", "Heart rate", "heart-rate", "8867-4", "/min",
         plausible=(20, 300), age_h=4, home_h=48),
    _one("spo2", "Oxygen saturation", "oximetry", "59408-5 2708-6", "%",
         plausible=(30, 100), age_h=4, home_h=48),
    _one("systolic-bp", "Systolic blood pressure", "pressure", "8480-6", "mm[Hg]",
         plausible=(30, 300), age_h=4, home_h=48),
    _one("diastolic-bp", "Diastolic blood pressure", "pressure", "8462-4", "mm[Hg]",
         plausible=(10, 200), age_h=4, home_h=48),
    _one("mean-bp", "Mean arterial pressure", "pressure", "8478-0", "mm[Hg]",
         plausible=(15, 250), age_h=4),
    _one("respiratory-rate", "Respiratory rate", "respiratory-rate", "9279-1", "/min",
         plausible=(3, 80), age_h=8, home_h=48),
    _one("temperature", "Temperature", "temperature",
         "8310-5 8331-1 8333-7 8332-9 8328-7 8329-5", "Cel",
         plausible=(25, 45), age_h=8, home_h=48, step="0.1"),
    _one("gcs", "Glasgow Coma Scale", "gcs", "9269-2", "{score}",
         plausible=(3, 15), age_h=12),
    _one("fio2", "Inspired oxygen", "inspired-oxygen", "3150-6", "%",
         plausible=(21, 100), age_h=12, home_h=48),
    _one("haematocrit", "Haematocrit", "blood-count", "4544-3 20570-8", "%",
         plausible=(8, 70), age_h=36, step="0.1", convert={"L/L": Convert(times="100")}),
    _one("haemoglobin", "Haemoglobin", "blood-count", "718-7", "g/dL",
         plausible=(2, 25), age_h=36, home_h=720, step="0.1",
         convert={"g/dl": _SAME, "g/L": Convert(over="10"), "mmol/L": Convert(times="1.6114")}),
    _one("wbc", "White cell count", "blood-count", "6690-2 26464-8", "10*3/uL",
         plausible=(0.05, 200), age_h=36, home_h=720, step="0.1", convert=_COUNT),
    _one("platelets", "Platelets", "blood-count", "777-3 26515-7", "10*3/uL",
         plausible=(1, 2000), age_h=36, convert=_COUNT),
    _one("creatinine", "Creatinine", "renal", "2160-0", "mg/dL",
         plausible=(0.1, 30), age_h=36, home_h=720, step="0.1",
         convert={**_MG_DL, "umol/L": Convert(over="88.42")}),
    _one("urea-nitrogen", "Urea nitrogen", "renal", "3094-0", "mg/dL",
         plausible=(1, 250), age_h=36, home_h=720,
         convert={**_MG_DL, "mmol/L": Convert(times="2.801")}),
    _one("sodium", "Sodium", "chemistry", "2951-2", "mmol/L",
         plausible=(90, 200), age_h=36, home_h=720, convert=_MMOL_L),
    _one("potassium", "Potassium", "chemistry", "2823-3", "mmol/L",
         plausible=(1, 12), age_h=36, home_h=720, step="0.1", convert=_MMOL_L),
    _one("bicarbonate", "Bicarbonate", "chemistry", "1963-8 2028-9", "mmol/L",
         plausible=(2, 60), age_h=36, convert=_MMOL_L),
    _one("glucose", "Glucose", "chemistry", "2345-7 2339-0 41653-7", "mg/dL",
         plausible=(10, 1500), age_h=24, home_h=168,
         convert={**_MG_DL, "mmol/L": Convert(times="18.016")}),
    _one("magnesium", "Magnesium", "electrolytes", "19123-9", "mg/dL",
         plausible=(0.3, 10), age_h=48, step="0.1",
         convert={**_MG_DL, "mmol/L": Convert(times="2.4305"), "meq/L": Convert(times="1.21525")}),
    _one("phosphate", "Phosphate", "electrolytes", "2777-1", "mg/dL",
         plausible=(0.3, 20), age_h=48, step="0.1",
         convert={**_MG_DL, "mmol/L": Convert(times="3.0974")}),
    _one("lactate", "Lactate", "lactate", "2524-7 32693-4 2518-9", "mmol/L",
         plausible=(0.1, 40), age_h=24, step="0.1",
         convert={"mmol/l": _SAME, "mg/dL": Convert(over="9.008")}),
    _one("albumin", "Albumin", "liver", "1751-7", "g/dL",
         plausible=(0.5, 7), age_h=168, step="0.1",
         convert={"g/dl": _SAME, "g/L": Convert(over="10")}),
    _one("bilirubin", "Total bilirubin", "liver", "1975-2", "mg/dL",
         plausible=(0.05, 80), age_h=72, step="0.1",
         convert={**_MG_DL, "umol/L": Convert(over="17.1")}),
    _one("bilirubin-direct", "Direct bilirubin", "liver", "1968-7", "mg/dL",
         plausible=(0.01, 60), age_h=72, step="0.1",
         convert={**_MG_DL, "umol/L": Convert(over="17.1")}),
    _one("alkaline-phosphatase", "Alkaline phosphatase", "liver", "6768-6", "U/L",
         plausible=(1, 30000), age_h=72, convert=_ENZYME),
    _one("alt", "ALT", "liver", "1742-6", "U/L",
         plausible=(1, 30000), age_h=72, convert=_ENZYME),
    _one("ast", "AST", "liver", "1920-8", "U/L",
         plausible=(1, 30000), age_h=72, convert=_ENZYME),
    _one("troponin-i", "Troponin I", "troponin", "10839-9", "ng/mL",
         plausible=(0, 500), age_h=48, step="0.01",
         convert={"ug/L": _SAME, "ng/L": Convert(over="1000")}),
    _one("troponin-t", "Troponin T", "troponin", "6598-7", "ng/mL",
         plausible=(0, 100), age_h=48, step="0.01",
         convert={"ug/L": _SAME, "ng/L": Convert(over="1000")}),
    _one("aptt", "aPTT", "coagulation", "14979-9", "s",
         plausible=(10, 300), age_h=48),
    _one("fibrinogen", "Fibrinogen", "coagulation", "3255-7", "mg/dL",
         plausible=(20, 1500), age_h=72, convert={**_MG_DL, "g/L": Convert(times="100")}),
    _one("arterial-ph", "Arterial pH", "blood-gas", "2744-1", "[pH]",
         plausible=(6.5, 8), age_h=24, step="0.01", convert={"1": _SAME, "pH": _SAME}),
    _one("paco2", "Arterial CO2 pressure", "blood-gas", "2019-8", "mm[Hg]",
         plausible=(8, 200), age_h=24),
    _one("pao2", "Arterial O2 pressure", "blood-gas", "2703-7", "mm[Hg]",
         plausible=(20, 700), age_h=24),
    _one("urine-24h", "Urine in 24 h", "urine", "9192-6", "mL/(24.h)",
         plausible=(0, 15000), age_h=24,
         convert={"mL/d": _SAME, "mL/(24h)": _SAME, "mL": _SAME, "L": Convert(times="1000")}),
    _one("urine", "Urine, one amount", "urine", "9187-6", "mL",
         plausible=(0, 5000), age_h=12, convert={"ml": _SAME, "L": Convert(times="1000")}),
    _one("weight", "Weight", "weight", "29463-7", "kg",
         plausible=(25, 300), age_h=720, home_h=168, step="0.1"),
)
# fmt: on
MEASURED: Mapping[str, Input] = {one.name: one for one in _ALL}

VENTILATED = Input(
    name="ventilated",
    label="Mechanically ventilated",
    group="ventilation",
    source="ventilation",
    loinc=VENTILATOR_CODES,
    ucum="1",
    plausible=(1, 1),
    max_age_min=MaxAge(inpatient=DAY_H * HOUR_MIN),
)
AGE = Input(
    name="age",
    label="Age",
    group="age",
    source="age",
    loinc=("30525-0",),
    path="Patient.birthDate",
    ucum="a",
    plausible=(18, 120),
    required=True,
    missing="refuse",
)
SEX = Input(
    name="sex",
    label="Sex",
    group="sex",
    source="sex",
    path="Patient.gender",
    ucum="1",
    plausible=(0, 1),
)
