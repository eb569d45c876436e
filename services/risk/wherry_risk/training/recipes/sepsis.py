"""`sepsis-6h` of values only, and its sibling of what a monitor alone gives."""

from collections.abc import Mapping, Sequence

from wherry_risk.model.aggregate import Aggregate
from wherry_risk.onnx.manifest import Feature, Gate, Threshold, Writing
from wherry_risk.training.data import physionet2019
from wherry_risk.training.recipes.icu import windowed
from wherry_risk.training.recipes.inputs import AGE, HOUR_MIN, MEASURED, SEX
from wherry_risk.training.recipes.recipe import PARAMETERS, Recipe
from wherry_risk.training.recipes.words import SEPSIS_VITALS_WORDS, SEPSIS_WORDS

VITALS = (
    *("heart-rate", "spo2", "temperature", "systolic-bp", "mean-bp", "diastolic-bp"),
    "respiratory-rate",
)
LABS = (
    *("fio2", "arterial-ph", "paco2", "ast", "urea-nitrogen", "alkaline-phosphatase"),
    *("creatinine", "bilirubin-direct", "glucose", "lactate", "magnesium", "phosphate"),
    *("potassium", "bilirubin", "troponin-i", "haematocrit", "haemoglobin", "aptt", "wbc"),
    *("fibrinogen", "platelets"),
)
COMMON_LABS = ("urea-nitrogen", "creatinine", "glucose", "potassium", "haematocrit", "wbc",
               "haemoglobin", "platelets")  # fmt: skip

_HOURS = Mapping[Aggregate, Sequence[int]]
OF_VITAL: _HOURS = {
    Aggregate.LAST: (8,),
    Aggregate.DELTA: (3, 6, 12),
    Aggregate.MIN: (8, 24),
    Aggregate.MAX: (8, 24),
    Aggregate.MEAN: (8, 24),
    Aggregate.PATH: (8,),
}
OF_LAB: _HOURS = {
    Aggregate.LAST: (72,),
    Aggregate.DELTA: (96,),
    Aggregate.MIN: (48,),
    Aggregate.MAX: (48,),
}
# The second tier is the threshold of the best utility in the calibration part.
TIERS = (
    Threshold(name="low", value=0.0, response="No action follows from the estimate itself"),
    Threshold(
        name="high",
        value=0.02,
        response="A clinician of the treating team looks for signs of infection and for other "
        "causes, and reviews the values shown",
    ),
)
LABS_AWAY = {"all laboratory": LABS}
GAPS: Mapping[str, Sequence[str]] = {
    "nothing away": (),
    "temperature": ("temperature",),
    "respiratory rate": ("respiratory-rate",),
    "SpO2": ("spo2",),
    "heart rate": ("heart-rate",),
    "pressure": ("systolic-bp", "mean-bp", "diastolic-bp"),
    "temperature and respiratory rate": ("temperature", "respiratory-rate"),
    "all vital signs": VITALS,
}
TREES = {
    "num_leaves": 16,
    "learning_rate": 0.06,
    "min_data_in_leaf": 200,
    "lambda_l2": 20.0,
    "bagging_fraction": 0.8,
    "feature_fraction": 0.3,
    "max_bin": 63,
}
GATES = (
    Gate(inputs=VITALS, at_least=4, called="vital signs"),
    Gate(
        inputs=("temperature", "respiratory-rate"),
        at_least=1,
        called="of temperature and respiratory rate",
    ),
)


def _windowed(names: Sequence[str], rules: _HOURS) -> list[Feature]:
    pairs = [(how, hours * HOUR_MIN) for how, all_ in rules.items() for hours in all_]
    return [feature for name in names for feature in windowed(name, pairs)]


BEDSIDE = (
    *_windowed(VITALS, OF_VITAL),
    Feature(name="shock-index", input="heart-rate", against="systolic-bp",
            aggregate=Aggregate.RATIO, window_min=8 * HOUR_MIN),
    Feature(name="pulse-pressure", input="systolic-bp", against="diastolic-bp",
            aggregate=Aggregate.DIFFERENCE, window_min=8 * HOUR_MIN),
    Feature(name="age", input="age", window_min=HOUR_MIN),
    Feature(name="sex", input="sex", window_min=HOUR_MIN),
)  # fmt: skip

WRITING = Writing(delta=0.005)
"""The alarm lies at some hundredths, so that the usual step would be as large as the alarm."""

SEPSIS = Recipe(
    id="sepsis-6h",
    version="0.1.0",
    dataset=physionet2019.NAME,
    external=(),
    inputs=(*(MEASURED[name] for name in (*VITALS, *LABS)), AGE, SEX),
    features=(*BEDSIDE, *_windowed(LABS, OF_LAB)),
    gates=(*GATES, Gate(inputs=COMMON_LABS, at_least=4, called="common laboratory values")),
    siblings=("sepsis-6h-vitals", "news2"),
    tiers=TIERS,
    words=SEPSIS_WORDS,
    horizon_h=6,
    parameters={**PARAMETERS, **TREES, "learning_rate": 0.08},
    rounds=180,
    bags=3,
    train_up_to=0.7,
    calibrate_up_to=0.8,
    gaps={**GAPS, **LABS_AWAY},
    kept=0.2,
    alarm=True,
    writing=WRITING,
)
SEPSIS_VITALS = Recipe(
    id="sepsis-6h-vitals",
    version="0.1.0",
    dataset=physionet2019.NAME,
    external=(),
    inputs=(*(MEASURED[name] for name in VITALS), AGE, SEX),
    features=BEDSIDE,
    gates=GATES,
    siblings=("news2",),
    tiers=TIERS,
    words=SEPSIS_VITALS_WORDS,
    horizon_h=6,
    parameters={**PARAMETERS, **TREES},
    rounds=200,
    train_up_to=0.7,
    calibrate_up_to=0.8,
    gaps=GAPS,
    kept=0.2,
    alarm=True,
    writing=WRITING,
    within="sepsis-6h",
)
