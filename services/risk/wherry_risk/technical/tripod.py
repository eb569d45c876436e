"""Where a technical file reports each item of TRIPOD+AI."""

from collections.abc import Mapping, Sequence
from typing import Any

from wherry_risk.onnx.manifest import Manifest

Row = tuple[str, str, str]


def tripod(manifest: Manifest, measured: Mapping[str, Any]) -> Sequence[Row]:
    """Item, topic, and where it is reported or what is said to it; 27 items.

    Source: TRIPOD+AI statement, BMJ 2024;385:e078378.
    """
    told = manifest.training
    external = ", ".join(measured["external"])
    train, calibrate, test = (told.parts[name] for name in ("train", "calibrate", "test"))
    evaluated = f"measured on {external} unchanged" if external else "measured on the test part"
    return (
        ("1", "Title", f"{manifest.title}: development, {evaluated}"),
        ("2", "Abstract", "Not written: this file is no article; the model card is the summary"),
        (
            "3",
            "Background",
            "Intended use; known health inequalities: groups that the data do not "
            "tell of are named as unknown (section 5)",
        ),
        ("4", "Objectives", f"Development and internal validation{_and(external)}"),
        ("5", "Data", f"Section 2: {told.dataset}, {told.period}"),
        (
            "6",
            "Participants",
            f"Section 2: {told.inclusion} {told.exclusion} Treatments are not known to the model",
        ),
        (
            "7",
            "Data preparation",
            "Section 2: units, plausible ranges (reject, never clip), the "
            "same code for training and serving",
        ),
        (
            "8",
            "Outcome",
            f"{manifest.outcome.name}; horizon {manifest.outcome.horizon_h} h; as the "
            "data set states it, not assessed again",
        ),
        (
            "9",
            "Predictors",
            f"Section 1: {len(manifest.inputs)} inputs, "
            f"{len(manifest.features)} features, declared in the manifest",
        ),
        (
            "10",
            "Sample size",
            f"All that the data hold: {train.events} events in training for "
            f"{len(manifest.features)} features, {test.events} in the test part; not calculated",
        ),
        (
            "11",
            "Missing data",
            "Kept as missing; trees learn a branch for it; panels are left out "
            "in training; cost of each gap in section 4; refusals beyond the gates",
        ),
        (
            "12",
            "Analytical methods",
            "Section 3: parts by hash of the person; gradient-boosted "
            "trees; Platt scaling on people apart; bootstrap of people for intervals",
        ),
        (
            "13",
            "Class imbalance",
            "No resampling to balance; hours that were left out of training "
            "are weighted, so that probabilities stay true; calibrated afterwards",
        ),
        ("14", "Fairness", "Section 5; no race input, no thresholds by group"),
        (
            "15",
            "Model output",
            "A probability, its tier and a contribution of each input; tiers "
            "and their values in section 4",
        ),
        (
            "16",
            "Training versus evaluation",
            f"{train.patients} people trained, "
            f"{calibrate.patients} calibrated, {test.patients} tested; nobody is in two parts",
        ),
        (
            "17",
            "Ethical approval",
            "Public, de-identified data under open licences; no approval was asked for",
        ),
        (
            "18",
            "Open science",
            "No funding, no conflicts known; no protocol registered before; "
            "training code and packages in this repository; data from their source",
        ),
        ("19", "Patient and public involvement", "None so far"),
        ("20", "Participants, results", "Sections 2 and 5: counts, events, groups"),
        (
            "21",
            "Model development, results",
            f"{train.n} rows, {train.events} events of {train.patients} people",
        ),
        (
            "22",
            "Model specification",
            "The whole model is in the package: graph, manifest, golden rows",
        ),
        ("23", "Performance", "Section 4 with intervals; groups in section 5"),
        ("24", "Model updating", "Section 7" + (f"; none on {external}" if external else "")),
        ("25", "Interpretation", "Section 4, beside NEWS2 on the same rows where the data allow"),
        ("26", "Limitations", "Known limits in section 1"),
        (
            "27",
            "Usability",
            "Who uses it, which inputs it needs, what it says when they are "
            "lacking: section 1; next step: local validation",
        ),
    )


def _and(external: str) -> str:
    return f", external validation on {external}" if external else "; no external validation"
