"""What goes into `icu-mortality-24h`: its features, parts, parameters and tiers, as tables."""

from wherry_risk.model.aggregate import Aggregate
from wherry_risk.onnx.manifest import Convert, Feature, Threshold
from wherry_risk.onnx.spec_of import VENTILATOR_CODES

ID = "icu-mortality-24h"
VERSION = "0.1.0"
SEED = 20120424
SALT = "physionet2012"
DAY_MIN = 24 * 60

# Parts of the stays by hash of their number; a stay's part never changes.
TRAIN_UP_TO, CALIBRATE_UP_TO = 0.6, 0.8
FOLDS = 5
MIN_KNOWN = 12

# Small trees and a slow rate; differences between the settings that were tried were below .002.
PARAMETERS: dict[str, float | int | str | bool] = {
    "objective": "binary",
    "num_leaves": 8,
    "learning_rate": 0.03,
    "min_data_in_leaf": 40,
    "lambda_l2": 5.0,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "feature_fraction": 0.5,
    "seed": SEED,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}
ROUNDS = 400

# Whole panels are left out of copies of the training stays, so that the model has seen what it is
# like when a laboratory does not answer.
# Respiratory rate was charted for the stays without a ventilator only, who die half as often. Where
# it is always charted that would lower every estimate, so in training stays without it are given
# one that another stay has: its presence then says nothing, and its value what it can.
FILLED = ("respiratory-rate",)
DROPOUT_COPIES = 2
DROPOUT_SHARE = 0.2

# Fixed before training: about the rate of death in the training stays, and about twice that.
TIERS = (
    Threshold(name="low", value=0.0, response="No action follows from the estimate itself"),
    Threshold(
        name="medium",
        value=0.15,
        response="A clinician of the treating team reviews the patient and the values shown",
    ),
    Threshold(
        name="high",
        value=0.3,
        response="A senior clinician of the treating team reviews the patient without delay",
    ),
)

# Analyte-specific factors, by molar mass; equal units under other names have none.
_SAME = Convert()
_MG_DL = {"mg/dl": _SAME}
_COUNT = dict.fromkeys(("10*9/L", "10^9/L", "10^3/uL", "K/uL", "10*3/mm3"), _SAME)
_MMOL_L = {"mmol/l": _SAME, "meq/L": _SAME, "mEq/L": _SAME}


def _feature(
    name: str,
    label: str,
    group: str,
    codes: str,
    ucum: str,
    *,
    plausible: tuple[float, float],
    aggregate: Aggregate,
    typical: float | None = None,
    age_h: int = 24,
    convert: dict[str, Convert] | None = None,
    required: bool = False,
    step: str = "1",
) -> Feature:
    return Feature(
        name=name,
        label=label,
        group=group,
        source="quantity",
        loinc=tuple(codes.split()),
        ucum=ucum,
        convert=convert or {},
        plausible=plausible,
        aggregate=aggregate,
        typical=typical,
        window_min=DAY_MIN,
        max_age_min=age_h * 60,
        required=required,
        step=step,
    )


_WORST, _MIN, _MAX, _LAST = Aggregate.WORST, Aggregate.MIN, Aggregate.MAX, Aggregate.LAST

# Source: APACHE III and IV (Knaus 1991, Zimmerman 2006), variables of the first day and the
# mid-points from which the worst value deviates most; LOINC; plausible ranges for living adults.
# fmt: off
FEATURES: tuple[Feature, ...] = (
    _feature("heart-rate", "Heart rate", "heart-rate", "8867-4", "/min",
             plausible=(20, 300), aggregate=_WORST, typical=75, age_h=4, required=True),
    _feature("mean-bp", "Mean arterial pressure", "mean-bp", "8478-0", "mm[Hg]",
             plausible=(15, 250), aggregate=_WORST, typical=90, age_h=4, required=True),
    _feature("respiratory-rate", "Respiratory rate", "respiratory-rate", "9279-1", "/min",
             plausible=(3, 80), aggregate=_WORST, typical=19, age_h=8),
    _feature("temperature", "Temperature", "temperature",
             "8310-5 8331-1 8333-7 8332-9 8328-7 8329-5", "Cel",
             plausible=(25, 45), aggregate=_WORST, typical=38, age_h=8, step="0.1"),
    _feature("haematocrit", "Haematocrit", "blood-count", "4544-3 20570-8", "%",
             plausible=(8, 70), aggregate=_WORST, typical=45.5, step="0.1",
             convert={"L/L": Convert(times="100")}),
    _feature("wbc", "White cell count", "blood-count", "6690-2 26464-8", "10*3/uL",
             plausible=(0.05, 200), aggregate=_WORST, typical=11.5, step="0.1",
             convert=_COUNT),
    _feature("creatinine", "Creatinine", "renal", "2160-0", "mg/dL",
             plausible=(0.1, 30), aggregate=_WORST, typical=1.0, step="0.1",
             convert={**_MG_DL, "umol/L": Convert(over="88.42")}),
    _feature("sodium", "Sodium", "chemistry", "2951-2", "mmol/L",
             plausible=(90, 200), aggregate=_WORST, typical=145, convert=_MMOL_L),
    _feature("albumin", "Albumin", "liver", "1751-7", "g/dL",
             plausible=(0.5, 7), aggregate=_WORST, typical=3.5, step="0.1",
             convert={"g/dl": _SAME, "g/L": Convert(over="10")}),
    _feature("glucose", "Glucose", "chemistry", "2345-7 2339-0 41653-7", "mg/dL",
             plausible=(10, 1500), aggregate=_WORST, typical=130,
             convert={**_MG_DL, "mmol/L": Convert(times="18.016")}),
    _feature("arterial-ph", "Arterial pH", "blood-gas", "2744-1", "[pH]",
             plausible=(6.5, 8), aggregate=_WORST, typical=7.4, step="0.01",
             convert={"1": _SAME, "pH": _SAME}),
    _feature("paco2", "Arterial CO2 pressure", "blood-gas", "2019-8", "mm[Hg]",
             plausible=(8, 200), aggregate=_WORST, typical=40),
    _feature("urea-nitrogen", "Urea nitrogen", "renal", "3094-0", "mg/dL",
             plausible=(1, 250), aggregate=_WORST, typical=12,
             convert={**_MG_DL, "mmol/L": Convert(times="2.801")}),
    _feature("bilirubin", "Total bilirubin", "liver", "1975-2", "mg/dL",
             plausible=(0.05, 80), aggregate=_WORST, typical=0.6, step="0.1",
             convert={**_MG_DL, "umol/L": Convert(over="17.1")}),
    _feature("pao2", "Arterial O2 pressure", "blood-gas", "2703-7", "mm[Hg]",
             plausible=(20, 700), aggregate=_MIN),
    _feature("fio2", "Inspired oxygen", "inspired-oxygen", "3150-6", "%",
             plausible=(21, 100), aggregate=_MAX, age_h=12),
    _feature("gcs", "Glasgow Coma Scale", "gcs", "9269-2", "{score}",
             plausible=(3, 15), aggregate=_MIN, age_h=12),
    _feature("urine-24h", "Urine in 24 h", "urine", "9192-6", "mL/(24.h)",
             plausible=(0, 15000), aggregate=_LAST,
             convert={"mL/d": _SAME, "mL/(24h)": _SAME, "mL": _SAME, "L": Convert(times="1000")}),
)
# fmt: on
FEATURES = (
    *FEATURES,
    Feature(
        name="ventilated",
        label="Mechanically ventilated",
        group="ventilation",
        source="ventilation",
        loinc=VENTILATOR_CODES,
        ucum="1",
        plausible=(1, 1),
        aggregate=_MAX,
        window_min=DAY_MIN,
        max_age_min=DAY_MIN,
    ),
    Feature(
        name="age",
        label="Age",
        group="age",
        source="age",
        loinc=("30525-0",),
        ucum="a",
        plausible=(18, 120),
        aggregate=_LAST,
        window_min=DAY_MIN,
        max_age_min=DAY_MIN,
        required=True,
        missing="refuse",
    ),
)
NAMES = tuple(feature.name for feature in FEATURES)
