"""Published scores that are a sum of points become models behind the common interface."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from wherry_risk.model.facts import Facts
from wherry_risk.model.interface import Part, Refusal, RefusalCode, Score
from wherry_risk.model.population import outside
from wherry_risk.model.reading import Reading, Reason
from wherry_risk.model.spec import ModelSpec


@dataclass(frozen=True, slots=True)
class Rule:
    """The points of a value, and the most that any value has."""

    points: Callable[[Decimal | str], int]
    most: int


@dataclass(frozen=True, slots=True)
class Points:
    """A sum of points; `rules` are by input, `tiers` are (least total, tier) from low to high."""

    spec: ModelSpec
    rules: Mapping[str, Rule]
    tiers: tuple[tuple[int, str], ...]
    siblings: tuple[str, ...] = ()

    def score(self, facts: Facts, *, at: datetime) -> Score | Refusal:
        """The total; partial, with the parts that are missing, when an optional one is."""
        refusal = outside(self.spec, facts, called="The score") or self._lacking(facts)
        if refusal:
            return refusal
        parts = tuple(
            Part(one.name, one.label, Decimal(self._points(facts.used[one.name])),
                 facts.used[one.name])
            for one in self.spec.inputs
            if one.name in facts.used
        )  # fmt: skip
        missing = tuple(facts.missing.values())
        total = int(sum(part.points for part in parts))
        most = total + sum(self.rules[one.spec.name].most for one in missing)
        return Score(
            score=Decimal(total),
            probability=None,
            tier=[tier for least, tier in self.tiers if total >= least][-1],
            parts=parts,
            partial=bool(missing),
            at_most=Decimal(most) if missing else None,
            missing=missing,
        )

    def _points(self, reading: Reading) -> int:
        return self.rules[reading.input].points(reading.value)

    def _lacking(self, facts: Facts) -> Refusal | None:
        lost = tuple(one for one in facts.missing.values() if one.spec.required)
        if not lost:
            return None
        named = ", ".join(one.spec.label.lower() for one in lost)
        if all(one.reason is Reason.STALE for one in lost):
            return Refusal(RefusalCode.STALE_INPUTS, f"Not recent enough: {named}.", lost)
        return Refusal(RefusalCode.MISSING_INPUTS, f"No usable value: {named}.", lost)
