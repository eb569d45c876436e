"""A package and a fit become the files of a new version; the old one stays as it is."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from wherry.errors import Failure, Kind
from wherry_risk.onnx.golden import Row, matrix, read_rows
from wherry_risk.onnx.load import load
from wherry_risk.onnx.manifest import Artifact, Calibration, Manifest, Threshold
from wherry_risk.onnx.session import open_session
from wherry_risk.onnx.trained import Trained
from wherry_risk.recalibration.fit import Fit, Known
from wherry_risk.recalibration.graph import recalibrated
from wherry_risk.recalibration.words import card_of, changes_of, machine_card_of
from wherry_risk.training.metrics import operating_point, sigmoid

OF_POINTS = ("flag", "sens", "spec", "ppv", "npv")


@dataclass(frozen=True, slots=True)
class Signed:
    """Who recalibrated what, when, and on whose patients."""

    by: str
    at: datetime
    source: str


def write(
    old: Trained,
    folder: Path,
    fit: Fit,
    known: Sequence[Known],
    signed: Signed,
    *,
    version: str,
    out: Path,
) -> Path:
    """Write `out`/<id>/`version`, and load it as the service does, with all its checks.

    Raises: Failure: CONFLICT when something lies there already; a version never changes.
    """
    target = out / old.manifest.id / version
    if target.exists():
        raise Failure(Kind.CONFLICT, f"version {version} is there already", at="--version")
    contents = contents_of(old, folder, fit, known, signed, version=version)
    target.mkdir(parents=True)
    for name, content in contents.items():
        (target / name).write_bytes(content)
    load(target)
    return target


def contents_of(
    old: Trained,
    folder: Path,
    fit: Fit,
    known: Sequence[Known],
    signed: Signed,
    *,
    version: str,
) -> dict[str, bytes]:
    """Every file of the new version; the manifest holds the hashes of all others."""
    manifest, told = old.manifest, old.manifest.artifact
    model = recalibrated((folder / told.file).read_bytes(), fit.calibration, version=version)
    golden = _golden(model, told.input, (folder / told.golden).read_bytes())
    local = _local(fit, signed, manifest.version)
    others = {name: (folder / name).read_bytes() for name in told.others}
    for name, change in _CHANGES.items():
        if name in others:
            others[name] = change(others[name], manifest, fit, local, version)
    new = msgspec.structs.replace(
        manifest,
        version=version,
        status="candidate",
        calibration=fit.calibration,
        thresholds=tuple(_threshold(one, fit.calibration, known) for one in manifest.thresholds),
        metrics={**manifest.metrics, "local": local},
        artifact=_artifact(told, model, golden, others),
    )
    files = {told.file: model, told.golden: golden, "manifest.json": pretty(new)}
    return files | others


def _golden(model: bytes, input_: str, old: bytes) -> bytes:
    """The same rows with the answers of the new graph."""
    rows = [row.inputs for row in read_rows(old)]
    answers = open_session(model, input_).run(matrix(rows))
    lines = [
        msgspec.json.encode(
            Row(
                inputs=row,
                probability=round(float(p[0]), 7),
                margin=round(float(margin[0]), 6),
                contributions=tuple(round(float(part), 6) for part in parts),
            )
        )
        for row, p, margin, parts in zip(rows, *answers, strict=True)
    ]
    return b"\n".join(lines) + b"\n"


def _artifact(told: Artifact, model: bytes, golden: bytes, others: Mapping[str, bytes]) -> Artifact:
    return msgspec.structs.replace(
        told,
        sha256=sha256(model).hexdigest(),
        golden_sha256=sha256(golden).hexdigest(),
        others={name: sha256(content).hexdigest() for name, content in others.items()},
    )


def _threshold(one: Threshold, calibration: Calibration, known: Sequence[Known]) -> Threshold:
    """The tier at the same probability, and how it did on the local patients."""
    margin = np.array([each.margin for each in known], dtype=float)
    p = sigmoid(calibration.slope * margin + calibration.intercept)
    point = operating_point(np.array([each.outcome for each in known], dtype=bool), p, one.value)
    return msgspec.structs.replace(one, **{name: round(point[name], 4) for name in OF_POINTS})


def _local(fit: Fit, signed: Signed, before: str) -> dict[str, Any]:
    return {
        "recalibrated_from": before,
        "by": signed.by,
        "at": signed.at.isoformat(timespec="seconds"),
        "source": signed.source,
        "n": fit.n,
        "events": fit.events,
        "slope": round(fit.slope, 6),
        "intercept": round(fit.intercept, 6),
        "before": fit.before,
        "after_cross_fitted": fit.after,
    }


def _reference(old: bytes, _m: Manifest, fit: Fit, _local: Any, _version: str) -> bytes:
    """The score's own distribution, moved as the probabilities are; features stay as they were."""
    told = msgspec.json.decode(old)
    told["score"]["edges"] = [round(_moved(edge, fit), 4) for edge in told["score"]["edges"]]
    told.pop("calibration_curve", None)  # of the training patients, by the probabilities before
    return pretty(told)


def _moved(p: float, fit: Fit) -> float:
    if not 0 < p < 1:
        return p
    return 1 / (1 + math.exp(-(fit.slope * math.log(p / (1 - p)) + fit.intercept)))


def _evaluation(old: bytes, _m: Manifest, _fit: Fit, local: Any, _version: str) -> bytes:
    """What was measured of the version before stays, beside what says that it is of that one."""
    told = msgspec.json.decode(old)
    return pretty({"local": local, **told})


def _card(old: bytes, manifest: Manifest, _fit: Fit, local: Any, version: str) -> bytes:
    return card_of(old.decode(), manifest, local, version=version).encode()


def _machine_card(old: bytes, _m: Manifest, _fit: Fit, local: Any, version: str) -> bytes:
    return pretty(machine_card_of(msgspec.json.decode(old), local, version=version))


def _changelog(old: bytes, _m: Manifest, _fit: Fit, local: Any, version: str) -> bytes:
    return changes_of(old.decode(), local, version=version).encode()


_CHANGES = {
    "reference.json": _reference,
    "evaluation.json": _evaluation,
    "model_card.md": _card,
    "model_card.json": _machine_card,
    "CHANGELOG.md": _changelog,
}


def pretty(value: object) -> bytes:
    """JSON that people can read."""
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"
