"""A manifest becomes the model's spec and columns: codes, units, windows and tiers."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from wherry.units import Conversion
from wherry_risk.model import ventilation
from wherry_risk.model.aggregate import Aggregate, Window
from wherry_risk.model.mean_pressure import DIASTOLIC, MEAN, PANEL, SYSTOLIC
from wherry_risk.model.risk_assessment import MODEL
from wherry_risk.model.spec import Code, InputSpec, ModelSpec, Range, Reads, Tier, loinc
from wherry_risk.model.vector import Column
from wherry_risk.model.writing import WritePolicy
from wherry_risk.onnx.manifest import Feature, Input, Manifest

REACH = 1000
"""Observations that are read at most: some twenty inputs, most of them charted once an hour."""

FIELD = "urn:wherry:risk:field"
"""System of the names of inputs that are no Observations and have no LOINC code."""

FOREVER_MIN = 60 * 24 * 36525
WHOLE = frozenset({"age", "sex", "stay"})
"""Sources that hold at the moment itself and have no window."""


def spec_of(manifest: Manifest, *, sha256: str = "") -> ModelSpec:
    """The spec of the manifest with this hash; tiers from the lowest threshold to the highest."""
    inputs = tuple(input_of(one, manifest.features) for one in manifest.inputs)
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
        writing=WritePolicy(
            delta=Decimal(str(manifest.writing.delta)),
            refresh=timedelta(hours=manifest.writing.refresh_hours),
        ),
        sha256=sha256,
    )


def columns_of(inputs: Sequence[Input], features: Sequence[Feature]) -> tuple[Column, ...]:
    """The columns of the graph, in order."""
    known = {one.name: one for one in inputs}
    return tuple(_column(feature, known[feature.input], known) for feature in features)


def _column(feature: Feature, of: Input, known: dict[str, Input]) -> Column:
    against = None
    if feature.against is not None:
        other = known[feature.against]
        last = Feature(name=other.name, input=other.name, window_min=feature.window_min)
        against = Column(other.name, other.name, window_of(last, other))
    return Column(feature.name, of.name, window_of(feature, of), against)


def window_of(feature: Feature, of: Input) -> Window:
    """Which value of this input's series counts for the feature."""
    lookback_min = FOREVER_MIN if of.source in WHOLE else feature.window_min
    return Window(
        aggregate=feature.aggregate,
        lookback_s=lookback_min * 60,
        max_age_s=max_age_min(of) * 60,
        typical=Decimal(str(feature.typical or 0)),
    )


def max_age_min(of: Input) -> int:
    """Minutes for which a value counts in hospital; what is no measurement holds until changed."""
    return FOREVER_MIN if of.source in WHOLE else of.max_age_min.inpatient or 0


def input_of(one: Input, features: Sequence[Feature]) -> InputSpec:
    """One input of the suite.

    Of an input with one feature the value is shown that counts for it, of others the newest; all
    that a feature reaches for is gathered.
    """
    whole = one.source in WHOLE
    return InputSpec(
        name=one.name,
        label=one.label,
        codes=loinc(*one.loinc) or (Code(FIELD, one.name),),
        unit="" if one.source == "ventilation" else one.ucum,
        max_age=None if whole else timedelta(minutes=max_age_min(one)),
        required=one.required,
        reads=Reads(one.source),
        plausible=Range(*(Decimal(str(end)) for end in one.plausible)),
        in_window=False,
        step=Decimal(one.step) if one.step else None,
        over=None if whole else _gathered(one, features),
        conversions={
            unit: Conversion(times=Decimal(how.times), over=Decimal(how.over))
            for unit, how in one.convert.items()
        },
    )


def _gathered(one: Input, features: Sequence[Feature]) -> Window:
    reading = [f for f in features if f.input == one.name]
    if len(reading) == 1:
        return window_of(reading[0], one)
    lookback = max([max_age_min(one), *(f.window_min for f in reading)])
    return Window(Aggregate.LAST, lookback * 60, max_age_min(one) * 60)


def _pressures(inputs: tuple[InputSpec, ...]) -> tuple[Code, ...]:
    """The mean pressure is also derived, so a search must bring what it is derived from."""
    if any(MEAN in one.codes for one in inputs):
        return (*PANEL, SYSTOLIC, DIASTOLIC)
    return ()


VENTILATOR_CODES = tuple(code.code for code in ventilation.MEASURED)
"""What an input with source "ventilation" lists as its LOINC codes."""
