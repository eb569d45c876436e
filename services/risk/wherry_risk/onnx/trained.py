"""Facts become a calibrated probability with each input's share, or a refusal with its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np

from wherry.errors import Failure, Kind
from wherry_risk.model.aggregate import Series
from wherry_risk.model.facts import Facts, Missing
from wherry_risk.model.feed import lag_of, lag_text
from wherry_risk.model.interface import Graph, Part, Refusal, RefusalCode, Score
from wherry_risk.model.population import outside
from wherry_risk.model.reading import Reason
from wherry_risk.model.spec import ModelSpec
from wherry_risk.model.vector import Column, row
from wherry_risk.onnx.manifest import Manifest
from wherry_risk.onnx.performed import performance
from wherry_risk.onnx.session import Array, Session

DIGITS = Decimal("0.001")
"""The test part holds too few stays to tell probabilities apart that are closer than this."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained model behind the model interface; made only by `load`, after its checks.

    `documents` are the files of the package that a card is made of.
    """

    spec: ModelSpec
    manifest: Manifest
    session: Session
    columns: tuple[Column, ...]
    documents: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def siblings(self) -> tuple[str, ...]:
        """Models to ask in turn when this one refuses for want of inputs."""
        return self.manifest.siblings

    def score(self, facts: Facts, *, at: datetime) -> Score | Refusal:
        """Score the facts, or refuse: out of scope, feed late, inputs lacking, too little known."""
        refusal = (
            self._elsewhere(facts)
            or outside(self.spec, facts, called="The model")
            or self._lagging(facts)
            or self._required(facts)
            or self._too_few(facts)
        )
        if refusal:
            return refusal
        rows = np.array([vector(self.columns, facts)], dtype=np.float32)
        probability, margin, contributions = self.session.run(rows)
        graph = Graph(*map(_bytes, (rows, margin, probability, contributions)))
        return self._score(facts, float(probability[0, 0]), contributions[0].tolist(), graph)

    def _score(
        self, facts: Facts, probability: float, contributions: Sequence[float], graph: Graph
    ) -> Score:
        if not np.isfinite([probability, *contributions]).all():
            raise Failure(Kind.FAULT, "the model gave no number", at=self.spec.id)
        slope = self.manifest.calibration.slope
        shares: dict[str, float] = dict.fromkeys((one.name for one in self.spec.inputs), 0.0)
        for column, share in zip(self.columns, contributions, strict=True):
            shares[column.input] += share
        shown = _rounded(probability)
        tier = tier_of(self.manifest, shown)
        return Score(
            score=shown,
            probability=shown,
            tier=tier,
            parts=tuple(
                Part(one.name, one.label, _rounded(slope * shares[one.name]),
                     facts.used.get(one.name))
                for one in self.spec.inputs
            ),
            partial=False,
            at_most=None,
            missing=tuple(facts.missing.values()),
            graph=graph,
            lag=lag_of(facts.feed, at=facts.at, limit=self._lag_warn),
            performance=performance(self.manifest, tier),
        )  # fmt: skip

    def _elsewhere(self, facts: Facts) -> Refusal | None:
        """Values from home are older than any that the model has seen."""
        if facts.setting in self.manifest.settings:
            return None
        text = f"The model is not for values from: {facts.setting}."
        return Refusal(RefusalCode.OUT_OF_POPULATION, text)

    @property
    def _lag_warn(self) -> timedelta:
        return timedelta(minutes=self.manifest.monitoring.lag_warn_min)

    def _lagging(self, facts: Facts) -> Refusal | None:
        """Source: sepsis data, each hour by which all values were late cost .011 of AUROC."""
        limit = timedelta(minutes=self.manifest.monitoring.lag_refuse_min)
        lag = lag_of(facts.feed, at=facts.at, limit=limit)
        return None if lag is None else Refusal(RefusalCode.FEED_LAG, lag_text(lag), lag=lag)

    def _required(self, facts: Facts) -> Refusal | None:
        """Source: an input never missing in training has no branch for it, so it must be known."""
        refused = {one.name for one in self.manifest.inputs if one.missing == "refuse"}
        lost = [m for m in facts.missing.values() if m.spec.required or m.spec.name in refused]
        if not lost:
            return None
        named = ", ".join(one.spec.label.lower() for one in lost)
        return _refusal(lost, f"Not recent enough: {named}.", f"No usable value: {named}.")

    def _too_few(self, facts: Facts) -> Refusal | None:
        for gate in self.manifest.gates:
            known = sum(name in facts.used for name in gate.inputs)
            if known < gate.at_least:
                lost = [facts.missing[name] for name in gate.inputs if name in facts.missing]
                text = (
                    f"Only {known} of {len(gate.inputs)} {gate.called} are known; "
                    f"the model needs at least {gate.at_least}."
                )
                return _refusal(lost, f"{text} Others are not recent enough.", text)
        return None


def vector(columns: Sequence[Column], facts: Facts) -> list[float]:
    """The row of the graph; the code that made the rows of training reads the series."""
    series = {name: _series(facts, name) for name in facts.used}
    return row(columns, series, 0.0)


def _series(facts: Facts, name: str) -> Series:
    """The readings in order of time, in seconds before the moment of judgement."""
    readings = facts.series.get(name)
    if not readings:
        return Series((0.0,), (float(facts.used[name].value),))
    ordered = readings[::-1]
    return Series(
        [min(0.0, (one.observed_at - facts.at).total_seconds()) for one in ordered],
        [float(one.value) for one in ordered],
    )


def _bytes(numbers: Array) -> bytes:
    return numbers.astype("<f4").tobytes()


def tier_of(manifest: Manifest, probability: Decimal) -> str:
    """The highest tier whose threshold the probability reaches."""
    reached = [one for one in manifest.thresholds if probability >= Decimal(str(one.value))]
    return reached[-1].name


def _refusal(lost: Sequence[Missing], stale: str, other: str) -> Refusal:
    if all(one.reason is Reason.STALE for one in lost):
        return Refusal(RefusalCode.STALE_INPUTS, stale, tuple(lost))
    return Refusal(RefusalCode.MISSING_INPUTS, other, tuple(lost))


def _rounded(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(DIGITS, rounding=ROUND_HALF_EVEN)
