"""Stored RiskAssessments become table rows: model, tier, time, how much they rest on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wherry.resource import Resource
from wherry_ehr.chart.banner import Banner
from wherry_ehr.chart.words import UNKNOWN, WITHDRAWN, concept, moment

# The most urgent first. Source: Royal College of Physicians, NEWS2 (2017)
_TIERS = ("high", "medium", "low-medium", "low")


@dataclass(frozen=True, slots=True)
class Assessment:
    """One stored risk assessment as it is shown."""

    patient: str
    model: str
    tier: str
    rationale: str
    time: str
    basis: int
    status: str
    note: str

    @property
    def style(self) -> str:
        """The class that colours this tier."""
        return f"tier-{self.tier}" if self.tier in _TIERS else "tier-other"

    @property
    def rank(self) -> int:
        """0 for the most urgent tier; a tier that is not known comes after all that are."""
        return _TIERS.index(self.tier) if self.tier in _TIERS else len(_TIERS)


def assessment(resource: Resource) -> Assessment:
    """The row of one RiskAssessment."""
    prediction: Mapping[str, Any] = next(iter(resource.get("prediction", [])), {})
    return Assessment(
        patient=resource.get("subject", {}).get("reference", "").removeprefix("Patient/"),
        model=concept(resource.get("method")) or UNKNOWN,
        tier=concept(prediction.get("qualitativeRisk")) or UNKNOWN,
        rationale=prediction.get("rationale", ""),
        time=moment(resource.get("occurrenceDateTime")),
        basis=len(resource.get("basis", [])),
        status=resource.get("status", UNKNOWN),
        note=" ".join(note["text"] for note in resource.get("note", [])),
    )


def assessments(resources: Sequence[Resource]) -> list[Assessment]:
    """The rows of those that were not withdrawn, in their order."""
    return [assessment(each) for each in resources if each.get("status") not in WITHDRAWN]


def newest_by_patient(resources: Sequence[Resource]) -> dict[str, Assessment]:
    """Of each model's newest row the most urgent, by patient; the resources come newest first."""
    newest: dict[tuple[str, str], Assessment] = {}
    for row in assessments(resources):
        newest.setdefault((row.patient, row.model), row)
    rows: dict[str, Assessment] = {}
    for row in sorted(newest.values(), key=lambda each: each.rank):
        rows.setdefault(row.patient, row)
    return rows


def most_urgent_first(
    patients: Sequence[Banner], assessed: Mapping[str, Assessment]
) -> list[Banner]:
    """Patients by the tier of their row, those without one last; otherwise as they came."""
    ranks = {patient: row.rank for patient, row in assessed.items()}
    return sorted(patients, key=lambda each: ranks.get(each.id, len(_TIERS) + 1))
