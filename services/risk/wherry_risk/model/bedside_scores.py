"""qSOFA, LACE and HOSPITAL: their inputs, points and tiers as tables."""

from datetime import timedelta
from decimal import Decimal

from wherry_risk.model.consciousness import ALERT
from wherry_risk.model.news2_spec import news2_spec
from wherry_risk.model.points import Points, Rule
from wherry_risk.model.spec import Code, InputSpec, ModelSpec, Range, Reads, Tier, loinc

MODEL = "urn:wherry:risk:model"
FIELD = "urn:wherry:risk:field"
MONTH = timedelta(days=30)
LAB_AGE = timedelta(hours=36)
"""The last laboratory values before discharge."""

Bands = tuple[tuple[int, int], ...]


def _rising(*bands: tuple[int, int]) -> Rule:
    """(least value, points) from low to high; below the first there are none."""

    def points(value: Decimal | str) -> int:
        return max((earned for least, earned in bands if Decimal(value) >= least), default=0)

    return Rule(points, max(earned for _, earned in bands))


def _below(limit: Decimal, earned: int) -> Rule:
    return Rule(lambda value: earned if Decimal(value) < limit else 0, earned)


def _stay(name: str, label: str, most: int, *, required: bool = False) -> InputSpec:
    return InputSpec(
        name=name,
        label=label,
        codes=(Code(FIELD, name),),
        unit="d" if name == "length-of-stay" else "1",
        max_age=None,
        required=required,
        reads=Reads.STAY,
        plausible=Range(Decimal(0), Decimal(most)),
        in_window=False,
    )


def _lab(name: str, label: str, code: str, unit: str, ends: tuple[int, int]) -> InputSpec:
    return InputSpec(
        name=name,
        label=label,
        codes=loinc(code),
        unit=unit,
        max_age=LAB_AGE,
        required=False,
        plausible=Range(*map(Decimal, ends)),
        in_window=False,
    )


_BEDSIDE = {one.name: one for one in news2_spec().inputs}
_TIERS_OF_DISCHARGE = (
    Tier("low", "No action follows from the score itself"),
    Tier("medium", "The discharging team considers an early appointment"),
    Tier("high", "The discharging team plans follow-up after discharge"),
)
LENGTH = _stay("length-of-stay", "Length of stay", 365, required=True)
PRIORITY = _stay("admission-priority", "Priority of admission", 2)

# Source: Singer et al., JAMA 2016;315:801-10 (Sepsis-3).
QSOFA = Points(
    spec=ModelSpec(
        id="qsofa",
        version="2016.1",
        title="Quick SOFA",
        kind="rule",
        code=Code(MODEL, "qsofa"),
        outcome="Death in hospital or a long stay in intensive care, with suspected infection",
        horizon=timedelta(hours=24),
        intended_use="Draws attention to adults with suspected infection; it does not diagnose.",
        out_of_scope=("people under 18", "people without suspected infection"),
        citation="Singer M, et al. Sepsis-3. JAMA 2016;315:801-810.",
        min_age_years=18,
        window=None,
        inputs=tuple(
            _BEDSIDE[name] for name in ("respiration-rate", "systolic-bp", "consciousness")
        ),
        tiers=(
            Tier("low", "No action follows from the score itself"),
            Tier("high", "A clinician looks for organ dysfunction"),
        ),
        panels=news2_spec().panels,
    ),
    rules={
        "respiration-rate": _rising((22, 1)),
        "systolic-bp": Rule(lambda value: int(Decimal(value) <= 100), 1),
        "consciousness": Rule(lambda value: int(value != ALERT), 1),
    },
    tiers=((0, "low"), (2, "high")),
)

# Source: van Walraven et al., CMAJ 2010;182:551-7.
LACE = Points(
    spec=ModelSpec(
        id="lace",
        version="2010.1",
        title="LACE index",
        kind="rule",
        code=Code(MODEL, "lace"),
        outcome="Death or unplanned readmission within 30 days of discharge",
        horizon=MONTH,
        intended_use="Supports the discharging team in planning follow-up.",
        out_of_scope=("people under 18", "stays that end in death or hospice"),
        citation="van Walraven C, et al. CMAJ 2010;182:551-557.",
        min_age_years=18,
        window=None,
        inputs=(
            LENGTH,
            PRIORITY,
            _stay("comorbidity", "Comorbidity", 50),
            _stay("emergency-6-months", "Emergency visits in 6 months", 500),
        ),
        tiers=_TIERS_OF_DISCHARGE,
    ),
    rules={
        "length-of-stay": _rising((1, 1), (2, 2), (3, 3), (4, 4), (7, 5), (14, 7)),
        "admission-priority": _rising((1, 3)),
        "comorbidity": _rising((1, 1), (2, 2), (3, 3), (4, 5)),
        "emergency-6-months": _rising((1, 1), (2, 2), (3, 3), (4, 4)),
    },
    tiers=((0, "low"), (5, "medium"), (10, "high")),
)

# Source: Donze et al., JAMA Intern Med 2016;176:496-502 (admissions 0 to 1, 2 to 5, over 5).
HOSPITAL = Points(
    spec=ModelSpec(
        id="hospital",
        version="2016.1",
        title="HOSPITAL score",
        kind="rule",
        code=Code(MODEL, "hospital"),
        outcome="Potentially avoidable readmission within 30 days of discharge",
        horizon=MONTH,
        intended_use="Supports the discharging team in planning follow-up.",
        out_of_scope=("people under 18", "stays that end in death or hospice"),
        citation="Donze JD, et al. JAMA Intern Med 2016;176:496-502.",
        min_age_years=18,
        window=None,
        inputs=(
            _lab("haemoglobin", "Haemoglobin at discharge", "718-7", "g/dL", (2, 25)),
            _stay("from-oncology", "Discharged from oncology", 1),
            _lab("sodium", "Sodium at discharge", "2951-2", "mmol/L", (90, 200)),
            _stay("procedures", "Procedures", 500),
            PRIORITY,
            _stay("inpatient-before", "Inpatient stays in the year before", 500, required=True),
            LENGTH,
        ),
        tiers=_TIERS_OF_DISCHARGE,
    ),
    rules={
        "haemoglobin": _below(Decimal(12), 1),
        "from-oncology": _rising((1, 2)),
        "sodium": _below(Decimal(135), 1),
        "procedures": _rising((1, 1)),
        "admission-priority": _rising((1, 1)),
        "inpatient-before": _rising((2, 2), (6, 5)),
        "length-of-stay": _rising((5, 2)),
    },
    tiers=((0, "low"), (5, "medium"), (7, "high")),
)
SCORES = (QSOFA, LACE, HOSPITAL)
