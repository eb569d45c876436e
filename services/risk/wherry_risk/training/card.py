"""A manifest and its evaluation become the model card that people read."""

from collections.abc import Mapping
from typing import Any

from wherry_risk.onnx.manifest import Manifest

Told = Mapping[str, Any]


def card(manifest: Manifest, evaluation: Told) -> str:
    """The card in Markdown; every figure in it is one of evaluation.json."""
    test, folds = evaluation["test"], evaluation["cross_validation"]
    return "\n\n".join(
        (
            f"# {manifest.title}, version {manifest.version}",
            f"Status: {manifest.status}. Written by the training command; do not edit.",
            "## What it is for",
            manifest.intended_use,
            f"Users: {manifest.intended_users} Setting: {manifest.setting}",
            f"Output: {manifest.outcome.definition}",
            _bullets("Not for", manifest.out_of_scope),
            _bullets("Known limits", manifest.limits),
            "## How it was made",
            _made(manifest),
            "## Figures",
            "Of stays that neither trees nor calibration have seen. In brackets, 95 % intervals.",
            _table(
                {
                    "test part": test["figures"],
                    "test part, only stays it would answer": test["answered"],
                    "five-fold, all stays": folds["figures"],
                    "NEWS2, partial, same test part": evaluation["comparators"]["news2"],
                    "SAPS-I, same test part": evaluation["comparators"]["saps_i"],
                    "SOFA, same test part": evaluation["comparators"]["sofa"],
                }
            ),
            "NEWS2 is partial: the data hold no SpO2, and respiratory rate for few stays. It was "
            "made for wards and for other outcomes; it is here because it is shown beside.",
            "### Tiers on the test part",
            _tiers(manifest),
            "### When inputs are away (five-fold; plain training → as shipped)",
            "As shipped, training also saw each stay with whole panels left out, and a respiratory "
            "rate drawn from other stays where none was charted. In these data it is charted for "
            "stays without a ventilator, who die half as often; plain training made every charted "
            "rate, however fast, a sign of low risk.",
            _gaps(evaluation["gaps"]),
            "### Groups (five-fold)",
            _groups(evaluation["subgroups"]),
            "Race, ethnicity and language are not in the data: nothing is known about them.",
            "### Calibration",
            f"Platt scaling was chosen over isotonic regression: Brier score "
            f"{folds['figures']['brier']} against {folds['isotonic']['brier']}, calibration error "
            f"{folds['figures']['ece']} against {folds['isotonic']['ece']}, five-fold.",
            "## How the contributions are to be read",
            "Each is what an input added to the log-odds of this estimate, compared with the "
            "average stay of the training data (path attribution; they sum exactly). It is no "
            "cause, and treating the value is not thereby shown to change the outcome. An input "
            "that is not known also has a contribution: that of not having been measured.",
            "## Data and licence",
            f"{manifest.training.attribution} Licence of the data: {manifest.training.licence}.",
        )
    ) + "\n"  # fmt: skip


def _bullets(head: str, lines: tuple[str, ...]) -> str:
    return "\n".join([f"{head}:", "", *(f"- {line}" for line in lines)])


def _made(manifest: Manifest) -> str:
    told = manifest.training
    return (
        f"{told.n} stays, {told.events} deaths in hospital; {told.period}. {told.inclusion} "
        f"{told.exclusion} Gradient-boosted trees (LightGBM) over {len(manifest.features)} inputs, "
        f"Platt scaling on {manifest.calibration.fitted_on}, exported to ONNX and compared with "
        f"LightGBM on all stays: largest difference {manifest.artifact.parity_max_abs:.1e}. "
        "Each input is the value of the last 24 h that counts by its rule (see manifest.json)."
    )


def _table(rows: Mapping[str, Told]) -> str:
    names = ("auroc", "auprc", "brier", "slope", "ece", "o_e")
    lines = [
        "| | stays | deaths | AUROC | AUPRC | Brier | slope | ECE | O/E |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for label, told in rows.items():
        cells = [_cell(told, name) for name in names]
        lines.append(f"| {label} | {told['n']} | {told['events']} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(told: Told, name: str) -> str:
    if told[name] is None:
        return "–"
    ends = told.get("intervals", {}).get(name)
    return f"{told[name]:.3f}" + (f" ({ends[0]:.3f}–{ends[1]:.3f})" if ends else "")


def _tiers(manifest: Manifest) -> str:
    lines = ["| tier | from | flagged | sensitivity | specificity | PPV | NPV |"]
    lines.append("|---|---|---|---|---|---|---|")
    for tier in manifest.thresholds[1:]:
        shares = (tier.flag, tier.sens, tier.spec, tier.ppv, tier.npv)
        cells = " | ".join("–" if share is None else f"{share:.2f}" for share in shares)
        lines.append(f"| {tier.name} or above | {tier.value:.2f} | {cells} |")
    return "\n".join(lines)


def _gaps(gaps: Mapping[str, Told]) -> str:
    lines = ["| away | stays | AUROC | O/E |", "|---|---|---|---|"]
    for name, told in gaps.items():
        pairs = [f"{told['before'][m]:.3f} → {told['after'][m]:.3f}" for m in ("auroc", "o_e")]
        lines.append(f"| {name} | {told['after']['n']} | {' | '.join(pairs)} |")
    return "\n".join(lines)


def _groups(groups: Mapping[str, Told]) -> str:
    lines = ["| group | stays | deaths | AUROC | O/E |", "|---|---|---|---|---|"]
    for name, told in groups.items():
        figures = (
            told["note"] + " | " if "note" in told else f"{told['auroc']:.3f} | {told['o_e']:.2f}"
        )
        lines.append(f"| {name} | {told['n']} | {told['events']} | {figures} |")
    return "\n".join(lines)
