"""The spec of a published score becomes its technical file with the 13 source attributes."""

from collections.abc import Mapping
from dataclasses import dataclass

from wherry_risk.model.spec import InputSpec, ModelSpec
from wherry_risk.technical.sections import hazards, table
from wherry_risk.training.card.tables import bullets

NOT_USED = "Not used."


@dataclass(frozen=True, slots=True)
class Release:
    """When a score was published and last revised, and what it is like."""

    published: str
    funding: str


RELEASES: Mapping[str, Release] = {
    "news2": Release(
        "2012 (NEWS); revised 2017 (NEWS2); the present text since 2017",
        "of the score: not known here; of this implementation: none",
    ),
    "qsofa": Release(
        "2016 (Sepsis-3); not revised since",
        "of the score: not known here; of this implementation: none",
    ),
    "lace": Release(
        "2010; not revised since",
        "of the score: not known here; of this implementation: none",
    ),
    "hospital": Release(
        "2013; revised 2016, which is what is implemented",
        "of the score: not known here; of this implementation: none",
    ),
}
DEMOGRAPHIC = (
    "Race",
    "Ethnicity",
    "Language",
    "Sexual orientation",
    "Gender identity",
    "Sex",
    "Date of birth",
    "Social determinants of health data",
    "Health status assessments data",
)
AGE_ONLY = "Not a part of the score; the age decides whether it is given at all."
CLINICAL = "Vital signs and laboratory values only; no assessment data as the rule means them."


def attributes(spec: ModelSpec) -> list[tuple[str, str]]:
    """The 13 of an evidence-based decision support intervention.

    Source: 45 CFR 170.315(b)(11)(iv)(A)(1) to (13).
    """
    release = RELEASES[spec.id]
    uses = dict.fromkeys(DEMOGRAPHIC, NOT_USED)
    uses |= {"Date of birth": AGE_ONLY, "Health status assessments data": CLINICAL}
    answers = [
        ("Bibliographic citation", spec.citation),
        ("Developer", "The authors cited; implemented by the Wherry project."),
        ("Funding source of the technical implementation", release.funding),
        ("Release and revision dates", release.published),
        *((f"Use of: {name}", use) for name, use in uses.items()),
    ]
    return [(f"{n}. {name}", said) for n, (name, said) in enumerate(answers, 1)]


def score_file(spec: ModelSpec) -> str:
    """The technical file of a published score."""
    inputs = [
        (one.label, ", ".join(code.code for code in one.codes), one.unit, _age(one),
         "required" if one.required else "may be missing")
        for one in spec.inputs
    ]  # fmt: skip
    tiers = [(tier.name, tier.response) for tier in spec.tiers]
    parts = [
        "## 1. Intended use",
        spec.intended_use,
        f"Outcome: {spec.outcome}. People of {spec.min_age_years} and over.",
        f"Not for:\n\n{bullets(spec.out_of_scope)}",
        table(("input", "codes", "unit", "oldest", "need"), inputs),
        table(("tier", "what its source asks for"), tiers),
        "Missing parts count nothing; the answer is then `partial`, lists them, and says in "
        "`at_most` how high the total could be.",
        "## 2. Source attributes (45 CFR 170.315(b)(11)(iv)(A))",
        table(("attribute", "said"), attributes(spec)),
        "## 3. Data, training, performance",
        "None of our own: the rules are those of the source and nothing is fitted. Where a trained "
        "model is measured, NEWS2 of the same rows stands beside it (its technical file, section "
        "4). A probability is never derived from the points.",
        "## 4. Risk management (ISO 14971)",
        hazards(frozenset({"rule"})),
        "## 5. Changes",
        "Only when the source is revised, or a code or unit is added. Each change is a new version "
        "with its tests.",
    ]
    return "\n\n".join(parts)


def _age(one: InputSpec) -> str:
    return "–" if one.max_age is None else f"{one.max_age.total_seconds() / 3600:g} h"
