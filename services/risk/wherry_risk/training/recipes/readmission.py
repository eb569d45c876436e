"""`readmission-30d` of what FHIR tells of a stay that ends."""

from collections.abc import Mapping

from wherry_risk.model.icd import CONDITIONS
from wherry_risk.onnx.manifest import Feature, Gate, Input, Threshold, Writing
from wherry_risk.training.data import uci_diabetes130
from wherry_risk.training.recipes.inputs import AGE, SEX
from wherry_risk.training.recipes.recipe import PARAMETERS, Recipe
from wherry_risk.training.recipes.words import READMISSION_WORDS

MOMENT_MIN = 60
COUNT = (0, 500)
FLAG = (0, 1)

# Name, label, panel, plausible range, and where FHIR has it.
_STAY: tuple[tuple[str, str, str, tuple[float, float], str], ...] = (
    ("length-of-stay", "Length of stay", "stay", (1, 365), "Encounter.period"),
    ("inpatient-before", "Inpatient stays in the year before", "before", COUNT,
     "Encounter.where(class in IMP, ACUTE, NONAC, OBSENC, SS)"),
    ("emergency-before", "Emergency visits in the year before", "before-other", COUNT,
     "Encounter.where(class = EMER)"),
    ("ambulatory-before", "Ambulatory visits in the year before", "before-other", COUNT,
     "Encounter.where(class in AMB, HH, VR, FLD)"),
    ("medications", "Medications ordered", "orders", COUNT, "MedicationRequest.medication"),
    ("diagnoses", "Diagnoses", "diagnoses", COUNT, "Condition.code"),
    ("procedures", "Procedures", "orders", COUNT, "Procedure.code"),
    ("admission-priority", "Priority of admission", "admission", (0, 2), "Encounter.priority"),
    ("from-emergency", "Admitted from emergency", "admission", FLAG,
     "Encounter.hospitalization.admitSource"),
    ("from-elsewhere", "Admitted from another facility", "admission", FLAG,
     "Encounter.hospitalization.admitSource"),
    ("to-home", "Discharged home", "disposition", FLAG,
     "Encounter.hospitalization.dischargeDisposition"),
    ("to-home-care", "Discharged to care at home", "disposition", FLAG,
     "Encounter.hospitalization.dischargeDisposition"),
    ("to-nursing", "Discharged to a nursing facility", "disposition", FLAG,
     "Encounter.hospitalization.dischargeDisposition"),
    ("to-rehab", "Discharged to rehabilitation or long-term care", "disposition", FLAG,
     "Encounter.hospitalization.dischargeDisposition"),
    ("to-hospital", "Discharged to another hospital", "disposition", FLAG,
     "Encounter.hospitalization.dischargeDisposition"),
)  # fmt: skip
CONDITION_LABELS: Mapping[str, str] = {
    "heart-failure": "Heart failure",
    "chronic-lung": "Chronic lung disease",
    "chronic-kidney": "Chronic kidney disease",
    "cancer": "Cancer",
    "ischaemic-heart": "Ischaemic heart disease",
    "cerebrovascular": "Cerebrovascular disease",
    "liver": "Liver disease",
    "diabetes-complicated": "Diabetes with complications",
}
REQUIRED = ("length-of-stay", "inpatient-before")


def _input(name: str, label: str, group: str, plausible: tuple[float, float], path: str) -> Input:
    return Input(
        name=name,
        label=label,
        group=group,
        source="stay",
        path=path,
        ucum="d" if name == "length-of-stay" else "1",
        plausible=plausible,
        required=name in REQUIRED,
        missing="refuse" if name in REQUIRED else "nan",
    )


INPUTS = (
    AGE,
    SEX,
    *(_input(*one) for one in _STAY),
    *(
        _input(name, CONDITION_LABELS[name], "diagnoses", FLAG, "Condition.code")
        for name in CONDITIONS
    ),
)
"""Twenty-five, each of which FHIR tells of any stay: no chapters of codes, no laboratory counts."""

TIERS = (
    Threshold(name="low", value=0.0, response="No action follows from the estimate itself"),
    Threshold(
        name="medium",
        value=0.15,
        response="The discharging team considers an early appointment and a medication review",
    ),
    Threshold(
        name="high",
        value=0.25,
        response="The discharging team plans follow-up within a week and a call within two days",
    ),
)
READMISSION = Recipe(
    id="readmission-30d",
    version="0.2.0",
    dataset=uci_diabetes130.NAME,
    external=(),
    inputs=INPUTS,
    features=tuple(Feature(name=one.name, input=one.name, window_min=MOMENT_MIN) for one in INPUTS),
    gates=(Gate(inputs=tuple(one.name for one in INPUTS), at_least=12, called="inputs"),),
    siblings=(),
    tiers=TIERS,
    words=READMISSION_WORDS,
    horizon_h=720,
    writing=Writing(refresh_hours=24),
    parameters={
        **PARAMETERS,
        "num_leaves": 8,
        "learning_rate": 0.04,
        "min_data_in_leaf": 100,
        "lambda_l2": 10.0,
        "bagging_fraction": 0.8,
        "feature_fraction": 0.4,
    },
    rounds=400,
    train_up_to=0.7,
    calibrate_up_to=0.8,
    gaps={
        "nothing away": (),
        "admission": ("admission-priority", "from-emergency", "from-elsewhere"),
        "disposition": tuple(one[0] for one in _STAY if one[2] == "disposition"),
        "medications and procedures": ("medications", "procedures"),
        "all diagnoses": tuple(one.name for one in INPUTS if one.group == "diagnoses"),
        "emergency and ambulatory visits": ("emergency-before", "ambulatory-before"),
    },
    groups=("sex", "race"),
    ages=((18, 50), (50, 70), (70, 80), (80, 121)),
    tried=(
        ("version 0.1.0: 47 inputs, 300 trees of 16 leaves", "AUROC .672"),
        ("25 inputs, 300 trees of 16 leaves", "AUROC .671"),
        ("25 inputs, 400 trees of 8 leaves: as shipped", "AUROC .672"),
        ("25 inputs, 500 trees that split at random places", "AUROC .669"),
        ("25 inputs, five bags of 250 trees of 8 leaves", "AUROC .671"),
        ("25 inputs, five bags of 150 trees that split at random places", "AUROC .669"),
        ("25 inputs, three bags of 200 trees of 16 leaves", "AUROC .672"),
        ("47 inputs, five bags of 250 trees of 8 leaves", "AUROC .672"),
    ),
    changes=(
        "25 inputs in place of 47: the chapters of diagnoses, which sites code differently, are "
        "inputs no more; they were worth .001 of AUROC in cross-validation.",
        "Smaller trees, more of them.",
    ),
)
