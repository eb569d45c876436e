"""A manifest and its evaluation become the 31 source attributes of 45 CFR 170.315(b)(11)(iv)(B)."""

from collections.abc import Mapping
from typing import Any

from wherry_risk.onnx.manifest import Manifest
from wherry_risk.training.card.tables import line, said
from wherry_risk.training.recipes.recipe import Recipe

NONE = "Not available."
DEVELOPER = "The Wherry project; see the repository for how to reach its maintainers."
NOT_INPUTS = (
    "Race, ethnicity, language, sexual orientation, gender identity, social determinants of health "
    "and health status assessments are not inputs."
)


def source_attributes(
    recipe: Recipe, manifest: Manifest, measured: Mapping[str, Any]
) -> dict[str, str]:
    """The 31, by number and in the order of the rule."""
    told, test = manifest.training, measured["test"]["figures"]
    external = measured["external"]
    where = " ".join(f"{name}: {line(one['figures'])}." for name, one in external.items())
    fair = " ".join(_fairness(name, one["subgroups"]) for name, one in external.items())
    answers = (
        DEVELOPER,
        "None: made without funding, as open source.",
        manifest.outcome.definition,
        "A prediction, with the contribution of each input to it.",
        manifest.intended_use,
        f"{manifest.setting} {said('Not for', manifest.out_of_scope)}",
        manifest.intended_users,
        "Informs; it neither augments nor replaces clinical management.",
        said("Not for", manifest.out_of_scope),
        " ".join(manifest.limits),
        f"{told.inclusion} {told.exclusion}",
        f"{_demographic(manifest)} {NOT_INPUTS}",
        _representation(recipe, measured),
        recipe.words.relevance,
        "Figures are broken down by every group that the data tell of, with counts, and marked "
        "as insufficient under 20 events; nothing was tuned by group.",
        "No race input; sex and age are disclosed. Panels are left out in training, so that people "
        "who are measured less are estimated no worse than need be. No thresholds by group.",
        ", ".join(external) or "None: no data of another source hold its inputs.",
        "The developers; nobody else has tested it." if external else NONE,
        fair or NONE,
        "The unchanged model was run once on all people of that data set that fit its scope; "
        "nothing was fitted to it."
        if external
        else NONE,
        f"Test part, people whom neither trees nor calibration have seen: {line(test)}.",
        _fairness("Test part", measured["subgroups"]),
        where or NONE,
        fair or NONE,
        "None: its use was never evaluated on outcomes.",
        f"Population stability per input and score from {manifest.monitoring.min_n} rows over "
        f"{manifest.monitoring.window_d} days, calibration when outcomes are known.",
        "Not known until a site validates it: wherry risk evaluate measures a package on data.",
        "The groups of the card, with counts, each quarter where outcomes are known.",
        "Not known until a site validates it.",
        f"{said('A new version may change', manifest.change_control.allowed)} "
        f"{manifest.change_control.protocol}",
        "When an alarm of monitoring is confirmed, at the latest with the yearly review.",
    )

    return dict(zip(ATTRIBUTES, answers, strict=True))


def _demographic(manifest: Manifest) -> str:
    used = [one.label.lower() for one in manifest.inputs if one.source in {"age", "sex"}]
    return f"Used as inputs: {', '.join(used)}." if used else ""


def _representation(recipe: Recipe, measured: Mapping[str, Any]) -> str:
    counts = [f"{name} {one['n']} ({one['events']} events)"
              for name, one in measured["subgroups"].items()]  # fmt: skip
    return f"{recipe.words.period}. Rows of the test part: {'; '.join(counts)}."


def _fairness(label: str, groups: Mapping[str, Any]) -> str:
    told = [
        f"{name} {one['note']} (n {one['n']}, events {one['events']})"
        if "note" in one
        else f"{name} AUROC {one['auroc']:.3f}, O/E {one['o_e']:.2f} (n {one['n']}, "
        f"events {one['events']})"
        for name, one in groups.items()
    ]
    return f"{label}: {'; '.join(told)}."


# Source: 45 CFR 170.315(b)(11)(iv)(B)(1) to (9), as listed for predictive decision support.
ATTRIBUTES = (
    "1. Name and contact information for the intervention developer",
    "2. Funding source of the technical implementation for the intervention's development",
    "3. Description of value that the intervention produces as an output",
    "4. Whether the output is a prediction, classification, recommendation, evaluation, analysis "
    "or other",
    "5. Intended use of the intervention",
    "6. Intended patient population(s) for the intervention's use",
    "7. Intended user(s)",
    "8. Intended decision-making role",
    "9. Tasks, situations or populations where a user is cautioned against applying it",
    "10. Known risks, inappropriate settings, inappropriate uses or known limitations",
    "11. Exclusion and inclusion criteria that influenced the training data set",
    "12. Use of variables in (b)(11)(iv)(A)(5)-(13) as input features",
    "13. Demographic representativeness according to those variables",
    "14. Relevance of training data to intended deployed setting",
    "15. Approach taken to ensure that the output is fair",
    "16. Approaches to manage, reduce or eliminate bias",
    "17. Data source, clinical setting or environment of external validation",
    "18. Party that conducted the external testing",
    "19. Demographic representativeness of external data",
    "20. Description of external validation process",
    "21. Validity in test data derived from the same source as the training data",
    "22. Fairness in test data derived from the same source as the training data",
    "23. Validity in data external to or from a different source than the training data",
    "24. Fairness in data external to or from a different source than the training data",
    "25. References to evaluation of use of the intervention on outcomes",
    "26. Process and frequency by which validity is monitored over time",
    "27. Validity in local data",
    "28. Process and frequency by which fairness is monitored over time",
    "29. Fairness in local data",
    "30. Process and frequency by which the intervention is updated",
    "31. Frequency by which performance is corrected when risks related to validity and fairness "
    "are identified",
)
