"""The manifest of NEWS2: its inputs with codes, units and limits, and what each tier asks for."""

from datetime import timedelta
from decimal import Decimal

from wherry.fhir.systems import LOINC, SNOMED
from wherry_risk.model import consciousness, oxygen
from wherry_risk.model.spec import (
    Code,
    InputSpec,
    ModelSpec,
    Range,
    Reads,
    Tier,
    loinc,
    snomed,
)

SCALE = "spo2-scale"
SCALE_1 = "1"
SCALE_2 = "2"
SCALE_2_FLAG = Code("urn:wherry:risk:flag", "spo2-scale-2")
"""Code of the Observation (valueBoolean) by which a clinician prescribes SpO2 scale 2."""

MAX_AGE = timedelta(hours=4)
"""Accuracy falls by the hour; by four hours a vital sign says little about now."""
WINDOW = timedelta(minutes=60)
"""NEWS2 is defined on one set of observations; values hours apart do not make a set."""
OXYGEN_MAX_AGE = timedelta(hours=12)
"""Oxygen is a treatment: what was charted holds until it is changed, at most for a shift."""

ONE = Decimal(1)


def _range(low: int, high: int) -> Range:
    return Range(Decimal(low), Decimal(high))


def _inputs(max_age: timedelta, oxygen_max_age: timedelta) -> tuple[InputSpec, ...]:
    """Source: LOINC vital signs of the FHIR R4 profiles; ranges outside of which no adult lives."""
    return (
        InputSpec(
            name="respiration-rate",
            label="Respiration rate",
            codes=loinc("9279-1"),
            unit="/min",
            plausible=_range(3, 80),
            max_age=max_age,
            required=True,
            step=ONE,
        ),
        InputSpec(
            name="spo2",
            label="Oxygen saturation",
            codes=loinc("59408-5", "2708-6"),
            unit="%",
            plausible=_range(30, 100),
            max_age=max_age,
            required=True,
            step=ONE,
        ),
        InputSpec(
            name="supplemental-oxygen",
            label="Air or oxygen",
            codes=(oxygen.FLOW, oxygen.FRACTION, oxygen.ON_OXYGEN),
            unit="",
            reads=Reads.OXYGEN,
            max_age=oxygen_max_age,
            in_window=False,
            required=False,
            worst_first=oxygen.WORST_FIRST,
        ),
        InputSpec(
            name="systolic-bp",
            label="Systolic blood pressure",
            codes=loinc("8480-6"),
            unit="mm[Hg]",
            plausible=_range(30, 300),
            max_age=max_age,
            required=True,
            step=ONE,
        ),
        InputSpec(
            name="pulse",
            label="Pulse",
            codes=loinc("8867-4"),
            unit="/min",
            plausible=_range(20, 300),
            max_age=max_age,
            required=True,
            step=ONE,
        ),
        InputSpec(
            name="consciousness",
            label="Consciousness (ACVPU)",
            codes=(
                *loinc("67775-7", "80288-4", "11454-5"),
                *snomed("1104441000000107"),
                consciousness.GCS_TOTAL,
            ),
            unit="",
            reads=Reads.CONSCIOUSNESS,
            max_age=max_age,
            required=False,
            worst_first=consciousness.WORST_FIRST,
        ),
        InputSpec(
            name="temperature",
            label="Temperature",
            codes=loinc("8310-5", "8331-1", "8333-7", "8332-9", "8328-7", "8329-5"),
            unit="Cel",
            plausible=_range(25, 45),
            max_age=max_age,
            required=True,
            step=Decimal("0.1"),
        ),
        InputSpec(
            name=SCALE,
            label="SpO2 scale",
            codes=(SCALE_2_FLAG,),
            unit="",
            reads=Reads.FLAG,
            max_age=None,
            in_window=False,
            required=False,
            worst_first=(SCALE_2, SCALE_1),
            offered=False,
        ),
    )


# Source: RCP NEWS2 2017, chart 4 (clinical response to the trigger thresholds).
TIERS = (
    Tier(
        "low", "Ward-based response; monitor at least every 12 h at 0 and every 4 to 6 h at 1 to 4"
    ),
    Tier("low-medium", "Urgent ward-based review: one parameter scores 3; monitor at least hourly"),
    Tier(
        "medium", "Urgent review by a clinician who is competent in acute illness; monitor hourly"
    ),
    Tier("high", "Emergency assessment by a critical care team; monitor vital signs continuously"),
)


def news2_spec(
    *,
    max_age: timedelta = MAX_AGE,
    window: timedelta = WINDOW,
    oxygen_max_age: timedelta = OXYGEN_MAX_AGE,
    self_entered: bool = False,
) -> ModelSpec:
    """NEWS2 with a site's own time limits, and whether it takes what patients type in themselves.

    Source: RCP NEWS2 2017 is about measurements of trained staff, so by default it does not.
    """
    return ModelSpec(
        id="news2",
        version="2017.1",
        title="National Early Warning Score 2",
        kind="rule",
        code=Code(SNOMED, "1104051000000101"),
        outcome="Clinical deterioration: death, cardiac arrest or unplanned intensive care",
        horizon=timedelta(hours=24),
        intended_use=(
            "Supports clinicians in recognising acute illness in adults; "
            "it does not replace clinical judgement."
        ),
        out_of_scope=("people under 16", "pregnancy", "spinal cord injury"),
        citation=(
            "Royal College of Physicians. National Early Warning Score (NEWS) 2. London: RCP, 2017."
        ),
        min_age_years=16,
        window=window,
        inputs=_inputs(max_age, oxygen_max_age),
        tiers=TIERS,
        panels=(Code(LOINC, "85354-9"), Code(LOINC, "85353-1")),
        self_entered=self_entered,
    )
