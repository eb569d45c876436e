"""manifest.json becomes typed data: what a package holds, is for, reads and was measured at."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from wherry.errors import Failure, Kind
from wherry_risk.model.aggregate import Aggregate

SCHEMA: Literal["urn:wherry:risk:manifest:2"] = "urn:wherry:risk:manifest:2"

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
    others: dict[Text, Sha256]
    opset: int
    ml_opset: int
    ir_version: int
    input: Text
    outputs: tuple[Text, ...]
    parity_max_abs: float
    parity_rows: int


class Outcome(Strict, frozen=True, kw_only=True):
    """What is predicted."""

    name: Text
    definition: Text
    horizon_h: Annotated[int, Meta(gt=0)]


class Convert(Strict, frozen=True, kw_only=True):
    """(value - offset) * times / over: how this analyte comes from another unit."""

    times: str = "1"
    over: str = "1"


class MaxAge(Strict, frozen=True, kw_only=True):
    """Minutes after which a value no longer counts; None where the model must not be used."""

    inpatient: Minutes | None = None
    home: Minutes | None = None


class Input(Strict, frozen=True, kw_only=True):
    """One thing that is known of a patient: where it comes from, in which unit, how old at most.

    `group` is the panel that goes missing together. `missing` "refuse": never missing in training,
    so the graph has no branch for it. `path` says where what is no Observation comes from.
    """

    name: Name
    label: Text
    group: Name
    source: Literal["quantity", "age", "sex", "ventilation", "stay"]
    loinc: tuple[Text, ...] = ()
    path: Text | None = None
    ucum: Text
    convert: dict[str, Convert] = {}
    plausible: tuple[float, float]
    max_age_min: MaxAge = MaxAge()
    required: bool = False
    missing: Literal["nan", "refuse"] = "nan"
    step: str | None = None


class Reference(Strict, frozen=True, kw_only=True):
    """What the feature looked like in training; `p1` to `p99` of the values that were known."""

    missing_rate: Share
    p1: float
    p50: float
    p99: float


class Feature(Strict, frozen=True, kw_only=True):
    """One column of the graph: of which input, which value of the window counts.

    `against` is the input whose newest value a ratio or difference is taken with.
    """

    name: Name
    input: Name
    aggregate: Aggregate = Aggregate.LAST
    typical: float | None = None
    window_min: Minutes
    against: Name | None = None
    reference: Reference | None = None


class Gate(Strict, frozen=True, kw_only=True):
    """How many of these inputs must be known, and what is said when they are not."""

    inputs: Annotated[tuple[Name, ...], Meta(min_length=1)]
    at_least: Annotated[int, Meta(gt=0)]
    called: Text


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


class Part(Strict, frozen=True, kw_only=True):
    """How many a part of the data holds."""

    patients: int
    n: int
    events: int


class Training(Strict, frozen=True, kw_only=True):
    """What the model was made from, and how."""

    dataset: Text
    files: dict[str, Sha256]
    licence: Text
    attribution: Text
    salt: Text
    parts: dict[str, Part]
    period: Text
    inclusion: Text
    exclusion: Text
    seed: int
    parameters: dict[str, Any]
    code_sha256: Sha256
    libraries: dict[str, str]


class Monitoring(Strict, frozen=True, kw_only=True):
    """When the owner of the model is to be told."""

    psi_warn: float
    psi_alarm: float
    min_n: int
    window_d: int
    lag_warn_min: int
    lag_refuse_min: int


class Writing(Strict, frozen=True, kw_only=True):
    """When the worker writes another RiskAssessment though one stands; a new tier always is one.

    `delta`: how far the probability moved. `refresh_hours`: how much newer the newest input is.
    The defaults hold for packages that say nothing: a fiftieth is what a reader of a card would
    notice, and by four hours no vital sign counts that the standing one was made from.
    """

    delta: Annotated[float, Meta(gt=0, le=1)] = 0.02
    refresh_hours: Annotated[float, Meta(gt=0, le=8760)] = 4.0


class ChangeControl(Strict, frozen=True, kw_only=True):
    """What a new version may change, how it is tested, and what it may break."""

    allowed: tuple[Text, ...]
    not_allowed: tuple[Text, ...]
    protocol: Text
    impact: Text


class Manifest(Strict, frozen=True, kw_only=True):
    """Everything that a package says about itself.

    `siblings` are asked in turn when a gate of this model does not hold.
    """

    schema: Literal["urn:wherry:risk:manifest:2"]
    id: Name
    version: Annotated[str, Meta(pattern=r"^\d+\.\d+\.\d+$")]
    status: Literal["candidate", "shadow", "champion", "retired"]
    title: Text
    artifact: Artifact
    outcome: Outcome
    intended_use: Text
    intended_users: Text
    setting: Text
    settings: Annotated[tuple[Literal["inpatient", "home"], ...], Meta(min_length=1)]
    out_of_scope: tuple[Text, ...]
    limits: tuple[Text, ...]
    citation: Text
    min_age_years: int
    self_entered: bool = False
    gates: tuple[Gate, ...]
    siblings: tuple[Name, ...] = ()
    inputs: Annotated[tuple[Input, ...], Meta(min_length=1)]
    features: Annotated[tuple[Feature, ...], Meta(min_length=1)]
    calibration: Calibration
    thresholds: Annotated[tuple[Threshold, ...], Meta(min_length=1)]
    training: Training
    metrics: dict[str, Any]
    monitoring: Monitoring
    writing: Writing = Writing()
    change_control: ChangeControl


def sound(manifest: Manifest) -> Manifest:
    """The manifest, if its names agree. Raises: Failure(UNPROCESSABLE)."""
    known = {one.name for one in manifest.inputs}
    named = [
        *(f.input for f in manifest.features),
        *(f.against for f in manifest.features if f.against),
    ]
    named += [name for gate in manifest.gates for name in gate.inputs]
    twice = len(known) < len(manifest.inputs) or len({f.name for f in manifest.features}) < len(
        manifest.features
    )
    if twice or set(named) - known:
        text = "a name is there twice or belongs to no input"
        raise Failure(Kind.UNPROCESSABLE, text, at="manifest.inputs")
    return manifest


def read_manifest(data: bytes) -> Manifest:
    """The manifest in these bytes. Raises: Failure(UNPROCESSABLE) that names the wrong key."""
    try:
        return sound(msgspec.json.decode(data, type=Manifest))
    except msgspec.ValidationError as error:
        _, _, place = str(error).partition(" - at `$")
        text = "the manifest does not fit its schema"
        raise Failure(Kind.UNPROCESSABLE, text, at=f"manifest{place.rstrip('`')}") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Failure(Kind.UNPROCESSABLE, "the manifest is not JSON", at="manifest") from None
