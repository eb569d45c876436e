"""A recipe and what was made and measured become the manifest."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec

from wherry_risk.onnx.manifest import (
    SCHEMA,
    Artifact,
    Calibration,
    ChangeControl,
    Feature,
    Manifest,
    Monitoring,
    Outcome,
    Part,
    Training,
)
from wherry_risk.onnx.session import OUTPUTS, Session
from wherry_risk.training.boost import Fitted
from wherry_risk.training.export import INPUT, IR_VERSION, ML_OPSET, OPSET
from wherry_risk.training.recipes.recipe import Recipe
from wherry_risk.training.seed import SEED

LAG_WARN_MIN, LAG_REFUSE_MIN = 60, 240
"""Each hour by which vital signs are late cost about .011 of AUROC in the sepsis data."""

MONITORING = Monitoring(
    psi_warn=0.1,
    psi_alarm=0.25,
    min_n=500,
    window_d=30,
    lag_warn_min=LAG_WARN_MIN,
    lag_refuse_min=LAG_REFUSE_MIN,
)
CHANGE_CONTROL = ChangeControl(
    allowed=("recalibration on at least 100 local events", "training again on the same inputs"),
    not_allowed=("new inputs", "another population or setting", "another claim"),
    protocol=(
        "A new version runs as shadow first. It takes over when its AUROC is not more than .01 "
        "below the present one (lower end of the bootstrap interval), its calibration slope lies "
        "within .8 to 1.2 and O/E within .8 to 1.25 on local data, no group with at least 20 "
        "events is worse by .05, its alert rate is within 20 %, and a named person signs."
    ),
    impact="Going back is moving the name of the present version; old versions stay as they are.",
)


@dataclass(frozen=True, slots=True)
class Made:
    """A trained model in both forms, and how far apart their answers are on how many rows."""

    fitted: Fitted
    trees: list[Mapping[str, Any]]
    model: bytes
    session: Session
    parity: float
    parity_rows: int


@dataclass(frozen=True, slots=True)
class About:
    """What a package was made from."""

    parts: Mapping[str, Part]
    files: Mapping[str, str]
    code: str
    libraries: Mapping[str, str]


def manifest_of(
    recipe: Recipe,
    made: Made,
    features: tuple[Feature, ...],
    measured: Mapping[str, Any],
    about: About,
) -> Manifest:
    """The manifest, still without the hashes of the other files."""
    words = recipe.words
    return Manifest(
        schema=SCHEMA,
        id=recipe.id,
        version=recipe.version,
        status="candidate",
        title=words.title,
        artifact=_artifact(made),
        outcome=Outcome(
            name=words.outcome, definition=words.definition, horizon_h=recipe.horizon_h
        ),
        intended_use=words.intended_use,
        intended_users=words.users,
        setting=words.setting,
        settings=("inpatient",),
        out_of_scope=words.out_of_scope,
        limits=words.limits,
        citation=words.citation,
        min_age_years=recipe.min_age_years,
        gates=recipe.gates,
        siblings=recipe.siblings,
        inputs=recipe.inputs,
        features=features,
        calibration=Calibration(
            method="platt",
            slope=made.fitted.slope,
            intercept=made.fitted.intercept,
            fitted_on=f"{about.parts['calibrate'].n} rows of {about.parts['calibrate'].patients} "
            "people whom the trees had not seen",
        ),
        thresholds=tuple(
            msgspec.structs.replace(tier, **{k: v for k, v in point.items() if k != "value"})
            for tier, point in zip(recipe.tiers, measured["test"]["thresholds"], strict=True)
        ),
        training=_training(recipe, about),
        metrics={
            "internal": measured["test"]["figures"],
            "baselines": measured["comparators"],
            "external": {name: told["figures"] for name, told in measured["external"].items()},
        },
        monitoring=MONITORING,
        writing=recipe.writing,
        change_control=CHANGE_CONTROL,
    )


def with_hashes(draft: Manifest, golden: bytes, others: Mapping[str, bytes]) -> Manifest:
    """The manifest with the hash of every other file of the package."""
    artifact = msgspec.structs.replace(
        draft.artifact,
        golden_sha256=sha256(golden).hexdigest(),
        others={name: sha256(content).hexdigest() for name, content in others.items()},
    )
    return msgspec.structs.replace(draft, artifact=artifact)


def _artifact(made: Made) -> Artifact:
    return Artifact(
        file="model.onnx",
        sha256=sha256(made.model).hexdigest(),
        golden="golden.jsonl",
        golden_sha256="",
        others={},
        opset=OPSET,
        ml_opset=ML_OPSET,
        ir_version=IR_VERSION,
        input=INPUT,
        outputs=OUTPUTS,
        parity_max_abs=float(f"{made.parity:.2e}"),
        parity_rows=made.parity_rows,
    )


def _training(recipe: Recipe, about: About) -> Training:
    words = recipe.words
    return Training(
        dataset=recipe.dataset,
        files=dict(about.files),
        licence=words.licence,
        attribution=words.attribution,
        salt=recipe.salt,
        parts=dict(about.parts),
        period=words.period,
        inclusion=words.inclusion,
        exclusion=words.exclusion,
        seed=SEED,
        parameters={
            **recipe.parameters,
            "rounds": recipe.rounds,
            "bags": recipe.bags,
            "varied": [dict(one) for one in recipe.varied],
            "copies": recipe.copies,
            "dropout": recipe.dropout,
            "kept": recipe.kept,
        },
        code_sha256=about.code,
        libraries=dict(about.libraries),
    )
