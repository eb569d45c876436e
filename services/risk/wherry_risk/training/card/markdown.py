"""A manifest and its evaluation become the model card that people read."""

from collections.abc import Mapping
from typing import Any

from wherry_risk.onnx.manifest import Manifest
from wherry_risk.training.card.tables import (
    bullets,
    figures_table,
    gaps_table,
    groups_table,
    tiers_table,
    tried_table,
)
from wherry_risk.training.recipes.recipe import Recipe

LABELS = {
    "news2": "NEWS2, partial, same rows",
    "saps": "SAPS-I, same rows",
    "sofa": "SOFA, same rows",
}


def card(
    recipe: Recipe, manifest: Manifest, measured: Mapping[str, Any], attributes: Mapping[str, str]
) -> str:
    """The card in Markdown; every figure in it is one of evaluation.json."""
    parts = [
        f"# {manifest.title}, version {manifest.version}",
        f"Status: {manifest.status}. Written by the training command; do not edit.",
        "## What it is for",
        manifest.intended_use,
        f"Users: {manifest.intended_users} Setting: {manifest.setting}",
        f"Output: {manifest.outcome.definition}",
        f"Not for:\n\n{bullets(manifest.out_of_scope)}",
        f"Known limits:\n\n{bullets(manifest.limits)}",
        "## How it was made",
        _made(recipe, manifest),
        "## Figures",
        "Of people whom neither trees nor calibration have seen. In brackets, 95 % intervals: "
        "people drawn with replacement, each with all their rows.",
        figures_table(_figures(measured)),
        *_beside(measured),
        f"### Tiers on the test part\n\n{tiers_table(manifest.thresholds[1:])}",
        "### When inputs are away (test part)",
        "As shipped, training also saw the rows with whole panels left out; plain training did "
        f"not. Beyond the gates of the manifest there is no estimate. {_gap_rows(measured)}",
        gaps_table(measured["gaps"]),
        f"### Groups (test part)\n\n{groups_table(measured['subgroups'])}",
        *(
            f"### Groups ({name}, unchanged)\n\n{groups_table(told['subgroups'])}"
            for name, told in measured["external"].items()
        ),
        "Groups that are not in the data are not here: nothing is known about them.",
        *_tried(measured),
        "## How the contributions are to be read",
        "Each is what an input added to the log-odds of this estimate, compared with the average "
        "of the training data (path attribution; they sum exactly). It is no cause, and treating "
        "the value is not thereby shown to change the outcome. An input that is not known also "
        "has a contribution: that of not having been measured.",
        "## Source attributes (45 CFR 170.315(b)(11)(iv)(B))",
        "\n\n".join(f"**{name}**\n{text}" for name, text in attributes.items()),
        "## Data and licence",
        f"{manifest.training.attribution} Licence of the data: {manifest.training.licence}.",
    ]
    return "\n\n".join(parts) + "\n"


def _made(recipe: Recipe, manifest: Manifest) -> str:
    told = manifest.training
    counts = "; ".join(
        f"{name} {part.patients} people, {part.n} rows, {part.events} events"
        for name, part in told.parts.items()
    )
    filled = (
        " People without a charted respiratory rate were given that of others in training: in "
        "these data it is charted for those without a ventilator, who die half as often."
        if recipe.filled
        else ""
    )
    return (
        f"{told.dataset}: {told.period}. {told.inclusion} {told.exclusion} Parts that share "
        f"nobody: {counts}. Gradient-boosted trees (LightGBM) over {len(manifest.features)} "
        f"features of {len(manifest.inputs)} inputs, Platt scaling on "
        f"{manifest.calibration.fitted_on}, exported to ONNX and compared with LightGBM on "
        f"{manifest.artifact.parity_rows} rows of data: largest difference "
        f"{manifest.artifact.parity_max_abs:.1e}.{filled} Which values count, how old they may "
        "be, their codes and units: manifest.json."
    )


def _figures(measured: Mapping[str, Any]) -> dict[str, Any]:
    rows = {
        "test part": measured["test"]["figures"],
        "test part, only rows it would answer": measured["test"]["answered"],
    }
    rows |= {f"test part: {LABELS[name]}": told for name, told in measured["comparators"].items()}
    for name, told in measured["external"].items():
        rows[f"{name}, unchanged"] = told["figures"]
        rows |= {f"{name}: {LABELS[n]}": one for n, one in told["comparators"].items()}
    return rows


def _tried(measured: Mapping[str, Any]) -> list[str]:
    if not measured["tried"]:
        return []
    return [
        "### What was tried\n\nIn cross-validation by person inside of the training part; the test "
        "part chose nothing.",
        tried_table(measured["tried"]),
    ]


def _gap_rows(measured: Mapping[str, Any]) -> str:
    told = measured["gaps"]["nothing away"]["after"]
    return f"On {told['n']} rows of the test part with {told['events']} events."


def _beside(measured: Mapping[str, Any]) -> list[str]:
    if "news2" not in measured["comparators"]:
        return []
    return [
        "NEWS2 is partial: not all of its parts are in the data, and it was made for wards and for "
        "other outcomes; it is here because it is shown beside."
    ]
