"""A manifest becomes the model's spec: codes, units, windows and tiers in the suite's own words."""

from datetime import timedelta
from decimal import Decimal

from wherry.units import Conversion
from wherry_risk.model import ventilation
from wherry_risk.model.aggregate import Window
from wherry_risk.model.mean_pressure import DIASTOLIC, MEAN, PANEL, SYSTOLIC
from wherry_risk.model.risk_assessment import MODEL
from wherry_risk.model.spec import Code, InputSpec, ModelSpec, Range, Reads, Tier, loinc
from wherry_risk.onnx.manifest import Feature, Manifest

REACH = 1000
"""Observations of 24 h that are read at most: twenty inputs, most of them charted once an hour."""

_READS = {
    "quantity": Reads.QUANTITY,
    "age": Reads.AGE,
    "ventilation": Reads.VENTILATION,
}


def spec_of(manifest: Manifest) -> ModelSpec:
    """The spec that the manifest stands for; tiers from the lowest threshold to the highest."""
    inputs = tuple(input_of(feature) for feature in manifest.features)
    return ModelSpec(
        id=manifest.id,
        version=manifest.version,
        title=manifest.title,
        kind="ai",
        code=Code(MODEL, manifest.id),
        outcome=manifest.outcome.name,
        horizon=timedelta(hours=manifest.outcome.horizon_h),
        intended_use=manifest.intended_use,
        out_of_scope=manifest.out_of_scope,
        citation=manifest.citation,
        min_age_years=manifest.min_age_years,
        window=None,
        inputs=inputs,
        tiers=tuple(Tier(tier.name, tier.response) for tier in manifest.thresholds),
        panels=_pressures(inputs),
        reach=REACH,
        self_entered=manifest.self_entered,
    )


def window_of(feature: Feature) -> Window:
    """Which value of this feature's series counts."""
    return Window(
        aggregate=feature.aggregate,
        lookback_s=feature.window_min * 60,
        max_age_s=feature.max_age_min * 60,
        typical=Decimal(str(feature.typical or 0)),
    )


def input_of(feature: Feature) -> InputSpec:
    """One feature as an input of the suite."""
    aged = feature.source == "age"
    return InputSpec(
        name=feature.name,
        label=feature.label,
        codes=loinc(*feature.loinc),
        unit="" if feature.source == "ventilation" else feature.ucum,
        max_age=None if aged else timedelta(minutes=feature.max_age_min),
        required=feature.required,
        reads=_READS[feature.source],
        plausible=Range(*(Decimal(str(end)) for end in feature.plausible)),
        in_window=False,
        step=Decimal(feature.step) if feature.step else None,
        over=None if aged else window_of(feature),
        conversions={
            unit: Conversion(times=Decimal(how.times), over=Decimal(how.over))
            for unit, how in feature.convert.items()
        },
    )


def _pressures(inputs: tuple[InputSpec, ...]) -> tuple[Code, ...]:
    """The mean pressure is also derived, so a search must bring what it is derived from."""
    if any(MEAN in one.codes for one in inputs):
        return (*PANEL, SYSTOLIC, DIASTOLIC)
    return ()


VENTILATOR_CODES = tuple(code.code for code in ventilation.MEASURED)
"""What a feature with source "ventilation" lists as its LOINC codes."""
