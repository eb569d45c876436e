"""Facts become a calibrated probability with each input's share, or a refusal with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np

from wherry.errors import Failure, Kind
from wherry_risk.model.facts import Facts, Missing
from wherry_risk.model.interface import Part, Refusal, RefusalCode, Score
from wherry_risk.model.population import outside
from wherry_risk.model.reading import Reason
from wherry_risk.model.spec import ModelSpec
from wherry_risk.onnx.manifest import Manifest
from wherry_risk.onnx.session import Session

DIGITS = Decimal("0.001")
"""The test part holds too few stays to tell probabilities apart that are closer than this."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained model behind the model interface; made only by `load`, after its checks."""

    spec: ModelSpec
    manifest: Manifest
    session: Session

    def score(self, facts: Facts, *, at: datetime) -> Score | Refusal:
        """Score the facts, or refuse: out of scope, without a needed input, or too little known."""
        refusal = (
            outside(self.spec, facts, called="The model")
            or self._required(facts)
            or self._too_few(facts)
        )
        if refusal:
            return refusal
        row = [_number(facts, one.name) for one in self.spec.inputs]
        rows = np.array([row], dtype=np.float32)
        probability, _, contributions = self.session.run(rows)
        return self._score(facts, float(probability[0, 0]), contributions[0].tolist())

    def _score(self, facts: Facts, probability: float, contributions: Sequence[float]) -> Score:
        if not np.isfinite([probability, *contributions]).all():
            raise Failure(Kind.FAULT, "the model gave no number", at=self.spec.id)
        slope = self.manifest.calibration.slope
        shown = _rounded(probability)
        return Score(
            score=shown,
            probability=shown,
            tier=tier_of(self.manifest, shown),
            parts=tuple(
                Part(one.name, one.label, _rounded(slope * share), facts.used.get(one.name))
                for one, share in zip(self.spec.inputs, contributions, strict=True)
            ),
            partial=False,
            at_most=None,
            missing=tuple(facts.missing.values()),
        )

    def _required(self, facts: Facts) -> Refusal | None:
        """Source: an input never missing in training has no branch for it, so it must be known."""
        refused = {one.name for one in self.manifest.features if one.missing == "refuse"}
        lost = [m for m in facts.missing.values() if m.spec.required or m.spec.name in refused]
        if not lost:
            return None
        named = ", ".join(one.spec.label.lower() for one in lost)
        return _refusal(lost, f"Not recent enough: {named}.", f"No usable value: {named}.")

    def _too_few(self, facts: Facts) -> Refusal | None:
        known, all_, least = len(facts.used), len(self.spec.inputs), self.manifest.min_known
        if known >= least:
            return None
        lost = list(facts.missing.values())
        text = f"Only {known} of {all_} inputs are known; the model needs at least {least}."
        return _refusal(lost, f"{text} Others are not recent enough.", text)


def tier_of(manifest: Manifest, probability: Decimal) -> str:
    """The highest tier whose threshold the probability reaches."""
    reached = [one for one in manifest.thresholds if probability >= Decimal(str(one.value))]
    return reached[-1].name


def _refusal(lost: Sequence[Missing], stale: str, other: str) -> Refusal:
    if all(one.reason is Reason.STALE for one in lost):
        return Refusal(RefusalCode.STALE_INPUTS, stale, tuple(lost))
    return Refusal(RefusalCode.MISSING_INPUTS, other, tuple(lost))


def _number(facts: Facts, name: str) -> float:
    reading = facts.used.get(name)
    return float(reading.value) if reading else float("nan")


def _rounded(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(DIGITS, rounding=ROUND_HALF_EVEN)
