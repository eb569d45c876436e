"""Seven bedside observations become the National Early Warning Score 2 and its tier."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from wherry_risk.model import oxygen
from wherry_risk.model.consciousness import ALERT
from wherry_risk.model.facts import Facts, Missing
from wherry_risk.model.interface import Part, Refusal, RefusalCode, Score
from wherry_risk.model.news2_spec import SCALE, SCALE_1, SCALE_2
from wherry_risk.model.population import outside
from wherry_risk.model.reading import Reading, Reason
from wherry_risk.model.spec import InputSpec, ModelSpec

Bands = tuple[tuple[Decimal | None, int], ...]


def _bands(*rows: tuple[str, int]) -> Bands:
    """(highest value of the band, points) from low to high; "" has no upper end."""
    return tuple((Decimal(upper) if upper else None, points) for upper, points in rows)


# Source: Royal College of Physicians, National Early Warning Score (NEWS) 2, 2017, chart 1.
BANDS: dict[str, Bands] = {
    "respiration-rate": _bands(("8", 3), ("11", 1), ("20", 0), ("24", 2), ("", 3)),
    "systolic-bp": _bands(("90", 3), ("100", 2), ("110", 1), ("219", 0), ("", 3)),
    "pulse": _bands(("40", 3), ("50", 1), ("90", 0), ("110", 1), ("130", 2), ("", 3)),
    "temperature": _bands(("35.0", 3), ("36.0", 1), ("38.0", 0), ("39.0", 1), ("", 2)),
}
SPO2_BANDS: dict[tuple[str, str], Bands] = {
    (SCALE_1, oxygen.AIR): _bands(("91", 3), ("93", 2), ("95", 1), ("", 0)),
    (SCALE_1, oxygen.OXYGEN): _bands(("91", 3), ("93", 2), ("95", 1), ("", 0)),
    (SCALE_2, oxygen.AIR): _bands(("83", 3), ("85", 2), ("87", 1), ("", 0)),
    (SCALE_2, oxygen.OXYGEN): _bands(
        ("83", 3), ("85", 2), ("87", 1), ("92", 0), ("94", 1), ("96", 2), ("", 3)
    ),
}
OXYGEN_POINTS = {oxygen.AIR: 0, oxygen.OXYGEN: 2}
NOT_ALERT_POINTS = 3
WHOLE = Decimal(1)

# The most that a missing optional part could have added.
WORST = {"supplemental-oxygen": 2, "consciousness": NOT_ALERT_POINTS}


def points(bands: Bands, value: Decimal) -> int:
    """The points of the first band whose upper end is not below the value."""
    return next(points for upper, points in bands if upper is None or value <= upper)


def tier(total: int, single: int) -> str:
    """The tier of a total whose highest single part is `single`.

    Source: RCP NEWS2 2017, chart 2 (thresholds and triggers).
    """
    if total >= 7:
        return "high"
    if total >= 5:
        return "medium"
    return "low-medium" if single == 3 else "low"


@dataclass(frozen=True, slots=True)
class News2:
    """NEWS2 behind the model interface; `spec` carries the site's time limits."""

    spec: ModelSpec
    siblings: tuple[str, ...] = ()

    def score(self, facts: Facts, *, at: datetime) -> Score | Refusal:
        """Score the facts, or refuse: a vital sign is missing, or the person is out of scope."""
        if refusal := outside(self.spec, facts, called="NEWS2") or self._missing(facts):
            return refusal
        parts = tuple(
            _part(one, facts) for one in self.spec.inputs if one.offered and one.name in facts.used
        )
        missing = tuple(m for m in facts.missing.values() if m.spec.offered)
        total = int(sum(part.points for part in parts))
        at_most = total + sum(WORST[m.spec.name] for m in missing)
        return Score(
            score=Decimal(total),
            probability=None,
            tier=tier(total, int(max(part.points for part in parts))),
            parts=parts,
            partial=bool(missing),
            at_most=Decimal(at_most) if missing else None,
            missing=missing,
        )

    def _missing(self, facts: Facts) -> Refusal | None:
        lost = tuple(m for m in facts.missing.values() if m.spec.required or _decides(m, facts))
        if not lost:
            return None
        named = ", ".join(m.spec.label.lower() for m in lost)
        if all(m.reason is Reason.STALE for m in lost):
            return Refusal(RefusalCode.STALE_INPUTS, f"Not recent enough: {named}.", lost)
        return Refusal(RefusalCode.MISSING_INPUTS, f"No usable value: {named}.", lost)


def _decides(missing: Missing, facts: Facts) -> bool:
    """Above 92 % on scale 2 the points depend on air or oxygen, so that must be known."""
    spo2 = facts.used.get("spo2")
    return (
        missing.spec.name == "supplemental-oxygen"
        and _scale(facts) == SCALE_2
        and spo2 is not None
        and Decimal(spo2.value).quantize(WHOLE, rounding=ROUND_HALF_UP) > 92
    )


def _part(spec: InputSpec, facts: Facts) -> Part:
    reading = facts.used[spec.name]
    return Part(spec.name, spec.label, Decimal(_points(spec, reading, facts)), reading)


def _points(spec: InputSpec, reading: Reading, facts: Facts) -> int:
    if spec.name == "consciousness":
        return 0 if reading.value == ALERT else NOT_ALERT_POINTS
    if spec.name == "supplemental-oxygen":
        return OXYGEN_POINTS[str(reading.value)]
    if spec.name == "spo2":
        given = facts.used.get("supplemental-oxygen")
        state = str(given.value) if given else oxygen.AIR
        return points(SPO2_BANDS[_scale(facts), state], _shown(reading.value, spec))
    return points(BANDS[spec.name], _shown(reading.value, spec))


def _scale(facts: Facts) -> str:
    """Scale 1 unless a clinician's flag says 2: the RCP makes scale 2 a clinical decision."""
    flag = facts.used.get(SCALE)
    return str(flag.value) if flag else SCALE_1


def _shown(value: Decimal | str, spec: InputSpec) -> Decimal:
    """The value as a chart displays it: the bands have no gaps between displayed values."""
    return Decimal(value).quantize(spec.step or WHOLE, rounding=ROUND_HALF_UP)
