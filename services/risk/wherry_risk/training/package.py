"""A data set becomes a model package: trained, exported, measured, described and written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from wherry_risk.onnx.golden import Row
from wherry_risk.onnx.load import load
from wherry_risk.onnx.manifest import (
    SCHEMA,
    Artifact,
    Calibration,
    Feature,
    Manifest,
    Outcome,
    Reference,
    Training,
)
from wherry_risk.onnx.session import OUTPUTS, Session, open_session
from wherry_risk.training import physionet2012, words
from wherry_risk.training.assemble import Rows, rows_of
from wherry_risk.training.boost import Fitted, fit
from wherry_risk.training.card import card
from wherry_risk.training.evaluation import Parts, evaluation
from wherry_risk.training.export import INPUT, IR_VERSION, ML_OPSET, OPSET, to_onnx
from wherry_risk.training.golden_rows import golden_rows
from wherry_risk.training.metrics import Outcomes, sigmoid
from wherry_risk.training.recipe import (
    CALIBRATE_UP_TO,
    FEATURES,
    ID,
    MIN_KNOWN,
    NAMES,
    PARAMETERS,
    ROUNDS,
    SALT,
    SEED,
    TIERS,
    TRAIN_UP_TO,
    VERSION,
)

STEPS = 12
"""How often `step` is called by `build`."""

Step = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Made:
    """A trained model in both forms, and how far apart their answers are."""

    fitted: Fitted
    model: bytes
    session: Session
    parity: float


def build(data: Path, out: Path, *, step: Step) -> Path:
    """Train on `data` and write `out`/<id>/<version>; the same data give the same bytes.

    What was written is loaded as the service does, with all its checks.
    Raises: Failure(NOT_FOUND) when the data set is not there.
    """
    step("reading stays")
    folder = physionet2012.folder_of(data)
    stays = physionet2012.read(folder)
    step("assembling features")
    rows = rows_of(FEATURES, stays.series)
    adults = ~np.isnan(rows[:, NAMES.index("age")])
    stays, rows = stays.of(adults), rows[adults]
    parts = parts_of(stays.ids)
    step("training")
    fitted = fit(
        (rows[parts.train], stays.died[parts.train]),
        (rows[parts.calibrate], stays.died[parts.calibrate]),
        robust=True,
    )
    step("exporting")
    made = _export(fitted, rows)
    measured = evaluation(stays, rows, parts, made.session, step=step)
    step("writing the package")
    features = _with_reference(rows[parts.train])
    golden = _golden(made, features)
    manifest = _manifest(made, features, golden, measured=measured, died=stays.died, folder=folder)
    written = _write(out / ID / VERSION, made.model, golden, manifest, measured)
    load(written)
    return written


def parts_of(ids: Any) -> Parts:
    """The three parts, disjoint by stay."""
    share = physionet2012.shares(ids)
    return Parts(
        train=share < TRAIN_UP_TO,
        calibrate=(share >= TRAIN_UP_TO) & (share < CALIBRATE_UP_TO),
        test=share >= CALIBRATE_UP_TO,
    )


def _export(fitted: Fitted, rows: Rows) -> Made:
    """Parity is measured on all real rows: made-up floats never equal a threshold."""
    model = to_onnx(
        fitted.trees.dump_model()["tree_info"],
        names=NAMES,
        slope=fitted.slope,
        intercept=fitted.intercept,
        metadata={"id": ID, "version": VERSION, "features": ",".join(NAMES)},
    )
    session = open_session(model, INPUT)
    probability, _, _ = session.run(rows)
    margin = fitted.margin(rows)
    expected = sigmoid(fitted.slope * margin + fitted.intercept)
    return Made(fitted, model, session, float(np.abs(probability[:, 0] - expected).max()))


def _with_reference(rows: Rows) -> tuple[Feature, ...]:
    """The features with what they looked like in training."""
    told = []
    for place, feature in enumerate(FEATURES):
        known = rows[:, place][~np.isnan(rows[:, place])]
        p1, p50, p99 = (round(float(p), 3) for p in np.percentile(known, [1, 50, 99]))
        rate = round(1 - len(known) / len(rows), 4)
        reference = Reference(missing_rate=rate, p1=p1, p50=p50, p99=p99)
        told.append(msgspec.structs.replace(feature, reference=reference))
    return tuple(told)


def _golden(made: Made, features: tuple[Feature, ...]) -> bytes:
    rows = golden_rows(features, made.fitted.trees.dump_model()["tree_info"])
    lines = []
    for row, p, margin, parts in zip(rows, *made.session.run(rows), strict=True):
        told = Row(
            inputs=tuple(None if np.isnan(x) else float(x) for x in row),
            probability=round(float(p[0]), 8),
            margin=round(float(margin[0]), 7),
            contributions=tuple(round(float(part), 7) for part in parts),
        )
        lines.append(msgspec.json.encode(told))
    return b"\n".join(lines) + b"\n"


def _manifest(
    made: Made,
    features: tuple[Feature, ...],
    golden: bytes,
    *,
    measured: Mapping[str, Any],
    died: Outcomes,
    folder: Path,
) -> Manifest:
    return Manifest(
        schema=SCHEMA,
        id=ID,
        version=VERSION,
        status="candidate",
        title=words.TITLE,
        artifact=Artifact(
            file="model.onnx",
            sha256=sha256(made.model).hexdigest(),
            golden="golden.jsonl",
            golden_sha256=sha256(golden).hexdigest(),
            opset=OPSET,
            ml_opset=ML_OPSET,
            ir_version=IR_VERSION,
            input=INPUT,
            outputs=OUTPUTS,
            parity_max_abs=float(f"{made.parity:.2e}"),
        ),
        outcome=Outcome(name=words.OUTCOME, definition=words.DEFINITION, horizon_h=720),
        intended_use=words.INTENDED_USE,
        intended_users=words.USERS,
        setting=words.SETTING,
        out_of_scope=words.OUT_OF_SCOPE,
        limits=words.LIMITS,
        citation=words.CITATION,
        min_age_years=18,
        min_known=MIN_KNOWN,
        features=features,
        calibration=Calibration(
            method="platt",
            slope=made.fitted.slope,
            intercept=made.fitted.intercept,
            fitted_on=f"{measured['parts']['calibrate']} stays that the trees had not seen",
        ),
        thresholds=tuple(
            msgspec.structs.replace(tier, **{k: v for k, v in point.items() if k != "value"})
            for tier, point in zip(TIERS, measured["test"]["thresholds"], strict=True)
        ),
        training=_training(died, measured, folder),
        metrics={"internal": measured["test"]["figures"], "baselines": measured["comparators"]},
    )


def _training(died: Outcomes, measured: Mapping[str, Any], folder: Path) -> Training:
    code = sorted(Path(__file__).parent.glob("*.py"))
    return Training(
        dataset=physionet2012.NAME,
        files=physionet2012.hashes(folder),
        licence=words.LICENCE,
        attribution=words.ATTRIBUTION,
        sets=tuple(measured["sets"]),
        salt=SALT,
        n=len(died),
        events=int(died.sum()),
        period=words.PERIOD,
        inclusion=words.INCLUSION,
        exclusion=words.EXCLUSION,
        seed=SEED,
        parameters={**PARAMETERS, "rounds": ROUNDS},
        code_sha256=sha256(b"".join(path.read_bytes() for path in code)).hexdigest(),
        libraries={name: version(name) for name in ("lightgbm", "numpy", "onnx")},
    )


def _write(
    folder: Path, model: bytes, golden: bytes, manifest: Manifest, measured: Mapping[str, Any]
) -> Path:
    files = {
        "model.onnx": model,
        "golden.jsonl": golden,
        "manifest.json": _pretty(manifest),
        "evaluation.json": _pretty(measured),
        "model_card.md": card(manifest, measured).encode(),
        "LICENSES.md": words.LICENSES.encode(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def _pretty(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"
