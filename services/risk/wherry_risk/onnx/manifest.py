"""manifest.json becomes typed data: what a package holds, is for, reads and was measured at."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from wherry.errors import Failure, Kind
from wherry_risk.model.aggregate import Aggregate

SCHEMA: Literal["urn:wherry:risk:manifest:1"] = "urn:wherry:risk:manifest:1"

Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Name = Annotated[str, Meta(pattern="^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
Text = Annotated[str, Meta(min_length=1)]
Share = Annotated[float, Meta(ge=0, le=1)]
Minutes = Annotated[int, Meta(gt=0)]


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every key is known; a misspelt one is a mistake and not left aside."""


class Artifact(Strict, frozen=True, kw_only=True):
    """The files of the package, by hash, and the shape of the graph."""

    file: Text
    sha256: Sha256
    golden: Text
    golden_sha256: Sha256
    opset: int
    ml_opset: int
    ir_version: int
    input: Text
    outputs: tuple[Text, ...]
    parity_max_abs: float


class Outcome(Strict, frozen=True, kw_only=True):
    """What is predicted."""

    name: Text
    definition: Text
    horizon_h: Annotated[int, Meta(gt=0)]


class Convert(Strict, frozen=True, kw_only=True):
    """(value - offset) * times / over: how this analyte comes from another unit."""

    times: str = "1"
    over: str = "1"


class Reference(Strict, frozen=True, kw_only=True):
    """What the feature looked like in training; `p1` to `p99` of the values that were known."""

    missing_rate: Share
    p1: float
    p50: float
    p99: float


class Feature(Strict, frozen=True, kw_only=True):
    """One input of the graph: where it comes from, in which unit, and which value counts."""

    name: Name
    label: Text
    group: Name
    source: Literal["quantity", "age", "ventilation"]
    loinc: Annotated[tuple[Text, ...], Meta(min_length=1)]
    ucum: Text
    convert: dict[str, Convert] = {}
    plausible: tuple[float, float]
    aggregate: Aggregate
    typical: float | None = None
    window_min: Minutes
    max_age_min: Minutes
    required: bool = False
    missing: Literal["nan", "refuse"] = "nan"
    step: str | None = None
    reference: Reference | None = None


class Calibration(Strict, frozen=True, kw_only=True):
    """Platt scaling inside the graph: sigmoid(slope * margin + intercept)."""

    method: Literal["platt"]
    slope: float
    intercept: float
    fitted_on: Text


class Threshold(Strict, frozen=True, kw_only=True):
    """A tier, the least probability that belongs to it, and how it did on the test part."""

    name: Name
    value: Share
    response: Text
    flag: Share | None = None
    sens: Share | None = None
    spec: Share | None = None
    ppv: Share | None = None
    npv: Share | None = None


class Training(Strict, frozen=True, kw_only=True):
    """What the model was made from, and how."""

    dataset: Text
    files: dict[str, Sha256]
    licence: Text
    attribution: Text
    sets: tuple[Text, ...]
    salt: Text
    n: int
    events: int
    period: Text
    inclusion: Text
    exclusion: Text
    seed: int
    parameters: dict[str, Any]
    code_sha256: Sha256
    libraries: dict[str, str]


class Manifest(Strict, frozen=True, kw_only=True):
    """Everything that a package says about itself."""

    schema: Literal["urn:wherry:risk:manifest:1"]
    id: Name
    version: Annotated[str, Meta(pattern=r"^\d+\.\d+\.\d+$")]
    status: Literal["candidate", "shadow", "champion", "retired"]
    title: Text
    artifact: Artifact
    outcome: Outcome
    intended_use: Text
    intended_users: Text
    setting: Text
    out_of_scope: tuple[Text, ...]
    limits: tuple[Text, ...]
    citation: Text
    min_age_years: int
    min_known: int
    self_entered: bool = False
    features: Annotated[tuple[Feature, ...], Meta(min_length=1)]
    calibration: Calibration
    thresholds: Annotated[tuple[Threshold, ...], Meta(min_length=1)]
    training: Training
    metrics: dict[str, Any]


def read_manifest(data: bytes) -> Manifest:
    """The manifest in these bytes. Raises: Failure(UNPROCESSABLE) that names the wrong key."""
    try:
        return msgspec.json.decode(data, type=Manifest)
    except msgspec.ValidationError as error:
        _, _, place = str(error).partition(" - at `$")
        text = "the manifest does not fit its schema"
        raise Failure(Kind.UNPROCESSABLE, text, at=f"manifest{place.rstrip('`')}") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Failure(Kind.UNPROCESSABLE, "the manifest is not JSON", at="manifest") from None
