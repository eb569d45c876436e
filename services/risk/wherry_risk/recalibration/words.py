"""What was changed becomes the words of the new version's documents."""

from collections.abc import Mapping
from typing import Any

from wherry_risk.onnx.manifest import Manifest

FIGURES = ("auroc", "auprc", "brier", "slope", "ece", "o_e")
LOCAL_VALIDITY, LOCAL_FAIRNESS = "27. Validity in local data", "29. Fairness in local data"


def section(local: Mapping[str, Any]) -> list[str]:
    """Who recalibrated it, when, on what counts, and what that changed."""
    before, after = local["before"], local["after_cross_fitted"]
    names = " | ".join(name.upper().replace("_", "/") for name in FIGURES)
    return [
        f"Recalibrated by {local['by']} on {local['at']}, from version "
        f"{local['recalibrated_from']}, on {local['n']} scores of local patients with "
        f"{local['events']} events ({local['source']}). The log-odds of that version were "
        f"multiplied by {local['slope']} and {local['intercept']} was added; the trees, the margin "
        "and the contributions of the inputs are unchanged.",
        "",
        f"| local patients | {names} |",
        "|---" * (len(FIGURES) + 1) + "|",
        "| before | " + " | ".join(_cell(before, name) for name in FIGURES) + " |",
        "| after, each fifth by the other four | "
        + " | ".join(_cell(after, name) for name in FIGURES)
        + " |",
        "",
        "The ranking is that of the version before. Figures of calibration and thresholds that are "
        "stated further down are those of that version and do not hold for this one; it was not "
        "measured anywhere else.",
    ]


def card_of(old: str, manifest: Manifest, local: Mapping[str, Any], *, version: str) -> str:
    """The card, with the recalibration before everything that was said of the version before."""
    title, _, rest = old.partition("\n")
    title = title.replace(f"version {manifest.version}", f"version {version}")
    lines = [title, "", "## Local recalibration", "", *section(local)]
    return "\n".join(lines) + "\n" + rest


def machine_card_of(
    old: dict[str, Any], local: Mapping[str, Any], *, version: str
) -> dict[str, Any]:
    """The card for machines."""
    after = local["after_cross_fitted"]
    told = (
        f"{local['n']} scores, {local['events']} events ({local['source']}): AUROC "
        f"{after['auroc']}, slope {after['slope']}, O/E {after['o_e']}, cross-fitted; recalibrated "
        f"by {local['by']} on {local['at']}."
    )
    made = {**old, "version": version, "local_recalibration": dict(local)}
    attributes = dict(made.get("source_attributes", {}))
    if LOCAL_VALIDITY in attributes:
        attributes[LOCAL_VALIDITY] = told
        attributes[LOCAL_FAIRNESS] = "By group: `wherry risk backtest`, `wherry risk report`."
        made["source_attributes"] = attributes
    release = made.get("applied_model_card", {}).get("ReleaseInfo")
    if isinstance(release, dict):
        card = made["applied_model_card"]
        made["applied_model_card"] = {**card, "ReleaseInfo": {**release, "ReleaseVersion": version}}
    return made


def changes_of(old: str, local: Mapping[str, Any], *, version: str) -> str:
    """The changelog with a section on top."""
    title, _, rest = old.partition("\n")
    told = (
        f"- Recalibrated on local patients by {local['by']} on {local['at']}: {local['n']} scores, "
        f"{local['events']} events. Only the probabilities changed: slope {local['slope']}, "
        f"intercept {local['intercept']}."
    )
    return "\n".join([title, "", f"## {version}", "", told]) + "\n" + rest


def _cell(told: Mapping[str, Any], name: str) -> str:
    return "–" if told.get(name) is None else f"{told[name]}"
