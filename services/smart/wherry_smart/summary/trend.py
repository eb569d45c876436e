"""Stored RiskAssessments become the course of each score over time."""

from collections.abc import Mapping, Sequence
from typing import Any

from wherry.resource import Resource
from wherry_smart.summary.words import WITHDRAWN, concept, moment

SCORE = "urn:wherry:fhir:risk-score"
"""Extension on prediction: R4 gives a prediction a probability but no place for a score."""


def trend(assessments: Sequence[Resource]) -> list[Mapping[str, Any]]:
    """One entry per assessment that was not withdrawn and has a time, oldest first."""
    rows = [_row(each) for each in assessments if each.get("status") not in WITHDRAWN]
    timed = [(at, row) for row in rows if (at := moment(row["at"])) is not None]
    return [row for _, row in sorted(timed, key=lambda each: each[0])]


def _row(assessment: Resource) -> Mapping[str, Any]:
    prediction: Mapping[str, Any] = next(iter(assessment.get("prediction", [])), {})
    probability = prediction.get("probabilityDecimal")
    return {
        "at": str(assessment.get("occurrenceDateTime", "")),
        "model": _model(assessment.get("method", {})),
        "score": _score(prediction),
        "probability": None if probability is None else str(probability),
        "tier": concept(prediction.get("qualitativeRisk")),
        "status": str(assessment.get("status", "")),
        "id": f"RiskAssessment/{assessment.get('id', '')}",
    }


def _model(method: Mapping[str, Any]) -> str:
    codes = (str(coding.get("code", "")) for coding in method.get("coding", []))
    return next((code for code in codes if code), "") or concept(method)


def _score(prediction: Mapping[str, Any]) -> str | None:
    for extension in prediction.get("extension", []):
        if extension.get("url") == SCORE and "valueDecimal" in extension:
            return str(extension["valueDecimal"])
    return None
