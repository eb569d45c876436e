"""The body of a card in GitHub-flavoured Markdown: score, basis, gaps, origin, limits."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from wherry_cds.rules.score import Missing, Part, Refused, Scored
from wherry_cds.rules.wording import age, ago, inline, moment, quantity

_THRESHOLDS = "urgent response from 5 or 3 in one measurement, emergency response from 7"

# Source: openapi/risk.yaml, the reasons why an input is missing
_REASONS: Mapping[str, str] = {
    "not_found": "none found",
    "stale": "last value too old",
    "unit": "unit missing or not usable",
    "implausible": "value not plausible",
    "not_a_number": "value is no number",
    "comparator": "value is only a limit, not a number",
    "unknown_answer": "answer not known",
    "no_value": "recorded without a value",
    "no_time": "recorded without a time",
    "future": "dated in the future",
    "not_final": "not yet confirmed",
    "suspect": "marked as doubtful at its source",
    "self_entered": "typed in by hand, not measured",
}

_SCALE_2 = "Oxygen saturation is scored on SpO2 scale 2, as a clinician prescribed."
_LOWERED = "Shown one level lower than its tier, because the basis has gaps."
_TRUNCATED = "The record was longer than could be read: some values may not have been seen."
_PARTIAL = "The FHIR server reported an error with its answer: some values may not have been seen."


def of_score(
    scored: Scored, words: str, *, at: datetime, lowered: bool, truncated: bool, partial: bool
) -> str:
    """The detail of a score's card."""
    said = (
        (_LOWERED, lowered),
        (_TRUNCATED, truncated),
        (_PARTIAL, partial),
        (_SCALE_2, scored.spo2_scale == "2"),
    )
    return blocks(
        f"**NEWS2 {total(scored)} of 20: {words}** ({_THRESHOLDS})",
        scored.response and f"NEWS2 asks for: {inline(scored.response)}",
        *(note for note, true in said if true),
        _table(scored.parts, at),
        gaps(scored.missing, "Not available, counted as 0 points in the lower figure:"),
        _origin(scored, at),
    )


def total(scored: Scored) -> str:
    """The score; with inputs missing, from the least to the most that it can be."""
    if not scored.partial:
        return str(scored.score)
    if scored.at_most is None:
        return f"at least {scored.score}"
    return f"{scored.score} to {scored.at_most}"


def of_refusal(refused: Refused, *, at: datetime) -> str:
    """The detail of the card that says why there is no score."""
    return blocks(
        f"**NEWS2 not calculated.** {inline(refused.text)}",
        gaps(refused.missing, "Not available:"),
        "No score does not mean no risk.",
        _origin(refused, at),
    )


def blocks(*parts: str) -> str:
    """Paragraphs; empty ones are left out."""
    return "\n\n".join(part for part in parts if part)


def _table(parts: Sequence[Part], at: datetime) -> str:
    if not parts:
        return ""
    head = ["| Measurement | Value | Points | Observed | Age |", "|---|---|---|---|---|"]
    return "\n".join([*head, *(_row(part, at) for part in parts)])


def _row(part: Part, at: datetime) -> str:
    cells = (
        inline(part.label),
        quantity(part.value, part.unit),
        str(part.points),
        moment(part.observed_at) if part.observed_at else "not known",
        age(part.observed_at, at=at, age_s=part.age_s),
    )
    return f"| {' | '.join(cells)} |"


def gaps(missing: Sequence[Missing], head: str) -> str:
    """The inputs that are not known, each with its reason, under a head."""
    return "\n".join([head, "", *(f"- {_gap(each)}" for each in missing)]) if missing else ""


def _gap(missing: Missing) -> str:
    reason = _REASONS.get(missing.reason) or inline(missing.reason)
    old = f" ({ago(missing.age_s // 60)} old)" if missing.age_s is not None else ""
    return f"{inline(missing.label)}: {reason}{old}"


def _origin(answer: Scored | Refused, at: datetime) -> str:
    return (
        f"As of {moment(at)}. NEWS2 (Royal College of Physicians, 2017), "
        f"version {inline(answer.version)}. {inline(answer.intended_use)}"
    )
