"""A score becomes a FHIR R4 RiskAssessment that the same inputs always make the same."""

from collections.abc import Sequence
from datetime import UTC, datetime

from wherry.fhir.identity import derived_id
from wherry.fhir.systems import ACT_CODE, SOURCE_TIME
from wherry.resource import Resource
from wherry_risk.model.interface import Part, Score
from wherry_risk.model.judgement import Judged
from wherry_risk.model.reading import Reading
from wherry_risk.model.spec import ModelSpec

IDENTIFIER = "urn:wherry:risk:assessment"
MODEL = "urn:wherry:risk:model"
TIER = "urn:wherry:risk:tier"
SCORE = "urn:wherry:fhir:risk-score"
"""Extension on prediction: R4 gives a prediction a probability but no place for a score."""

_LIKELIHOOD = "http://terminology.hl7.org/CodeSystem/risk-probability"

# Our tiers in the words of HL7's risk-probability. NEWS2's low-medium asks for an urgent review, so
# it is not called low.
_LIKELIHOODS = {
    "low": ("low", "Low likelihood"),
    "low-medium": ("moderate", "Moderate likelihood"),
    "medium": ("moderate", "Moderate likelihood"),
    "high": ("high", "High likelihood"),
}


def risk_assessment(judged: Judged, score: Score) -> Resource:
    """The RiskAssessment of a score. NEWS2 has no probability, so none is stated.

    It depends on the inputs alone and not on when it was made: `occurrenceDateTime` is the time of
    the newest input, and ages are left out.
    Source: FHIR R4 RiskAssessment; security label AIAST for what an AI asserted.
    """
    spec = judged.spec
    newest = _newest(judged)
    identifier = {"system": IDENTIFIER, "value": _key(judged, newest)}
    meta: Resource = {"source": f"urn:wherry:risk:{spec.id}"}
    if spec.kind == "ai":
        meta["security"] = [{"system": ACT_CODE, "code": "AIAST"}]
    return {
        "resourceType": "RiskAssessment",
        "meta": meta,
        "extension": [{"url": SOURCE_TIME, "valueDateTime": _text(newest)}],
        "identifier": [identifier],
        "status": "preliminary" if score.partial else "final",
        "method": {
            "coding": [{"system": MODEL, "version": spec.version, "code": spec.id}],
            "text": spec.title,
        },
        "code": {"coding": [{"system": spec.code.system, "code": spec.code.code}]},
        "subject": {"reference": f"Patient/{judged.facts.patient_id}"},
        "occurrenceDateTime": _text(newest),
        "basis": [{"reference": reference} for reference in _basis(judged)],
        "prediction": [_prediction(spec, score, newest)],
        "note": [{"text": _note(spec, score)}],
    }


def _newest(judged: Judged) -> datetime:
    return max(reading.observed_at for reading in _measured(judged))


def _measured(judged: Judged) -> list[Reading]:
    return [reading for reading in judged.facts.used.values() if reading.reference]


def _key(judged: Judged, newest: datetime) -> str:
    return derived_id(IDENTIFIER, judged.spec.id, judged.facts.patient_id, _text(newest))


def _basis(judged: Judged) -> list[str]:
    return list(dict.fromkeys(reading.reference for reading in _measured(judged)))


def _prediction(spec: ModelSpec, score: Score, newest: datetime) -> Resource:
    code, display = _LIKELIHOODS[score.tier]
    made: Resource = {
        "extension": [{"url": SCORE, "valueDecimal": score.score}],
        "outcome": {"text": spec.outcome},
        "qualitativeRisk": {
            "coding": [
                {"system": TIER, "code": score.tier},
                {"system": _LIKELIHOOD, "code": code, "display": display},
            ],
            "text": score.tier,
        },
        "whenPeriod": {"start": _text(newest), "end": _text(newest + spec.horizon)},
        "rationale": _rationale(spec, score),
    }
    if score.probability is not None:
        made["probabilityDecimal"] = score.probability
    return made


def _rationale(spec: ModelSpec, score: Score) -> str:
    shown = score.parts if score.probability is None else _strongest(score.parts)
    parts = ", ".join(f"{part.label.lower()} {part.points}" for part in shown)
    named = spec.id.upper() if score.probability is None else spec.id
    most = "" if score.probability is None else "strongest "
    return f"{named} {score.score}: {most}{parts}. {spec.tier(score.tier).response}."


def _strongest(parts: Sequence[Part]) -> list[Part]:
    """The three measured inputs that moved a probability most; the rest would only bury them."""
    measured = [part for part in parts if part.reading]
    return sorted(measured, key=lambda part: -abs(part.points))[:3]


def _note(spec: ModelSpec, score: Score) -> str:
    if not score.partial:
        return spec.intended_use
    named = ", ".join(missing.spec.label.lower() for missing in score.missing)
    return f"Partial: no usable value for {named}; at most {score.at_most}. {spec.intended_use}"


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
