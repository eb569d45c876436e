"""A score record and the model that it names become the list of what comes out differently."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from wherry.errors import Failure, Kind
from wherry_risk.model.interface import Model, Registry
from wherry_risk.model.recording import (
    Body,
    KeptScore,
    facts_of,
    graph_of,
    refusal_of,
    score_of,
)
from wherry_risk.onnx.load import load
from wherry_risk.records import Head, ScoreRecord

_ENCODER = msgspec.json.Encoder(decimal_format="number", order="sorted")
_FIELDS = ("row", "margin", "probability", "contributions")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not what the record says; numbers of the graph in hex, little-endian."""

    what: str
    kept: str
    now: str


def model_of(head: Head, scores: Registry, packages: Path) -> Model:
    """The model version that the record names, loaded with all its checks.

    Raises: Failure: NOT_FOUND when it is not there, UNPROCESSABLE when a check does not hold.
    """
    if head.model in scores:
        return scores[head.model]
    folder = packages / head.model / head.version
    if not folder.is_dir():
        text = f"the package {head.model} {head.version} is not here"
        raise Failure(Kind.NOT_FOUND, text, at="package")
    return load(folder)


def differences(record: ScoreRecord, model: Model) -> tuple[Difference, ...]:
    """What comes out differently when the verdict is computed again from what was kept.

    Nothing is computed with a manifest of another hash: what it says of the inputs may be another.
    """
    head, spec = record.head, model.spec
    if (head.version, head.manifest_sha256) != (spec.version, spec.sha256):
        return (
            Difference(
                "manifest",
                f"{head.version} sha256:{head.manifest_sha256}",
                f"{spec.version} sha256:{spec.sha256}",
            ),
        )
    facts = facts_of(record.body, spec, patient_id=head.patient_id, at=head.at)
    verdict = model.score(facts, at=head.at)
    now = msgspec.structs.replace(
        record.body,
        graph=graph_of(verdict),
        score=score_of(verdict),
        refusal=refusal_of(verdict),
    )
    return tuple(
        Difference(what, before, after)
        for what, before, after in _told(record.body, now)
        if before != after
    )


def _told(kept: Body, now: Body) -> Iterator[tuple[str, str, str]]:
    for field in _FIELDS:
        yield f"graph.{field}", getattr(kept.graph, field, ""), getattr(now.graph, field, "")
    for name in KeptScore.__struct_fields__:
        yield (
            f"score.{name}",
            _text(getattr(kept.score, name, "")),
            _text(getattr(now.score, name, "")),
        )
    yield "refusal", _text(kept.refusal), _text(now.refusal)


def _text(value: object) -> str:
    """As it is stored: 4 and 4.0 are not the same."""
    return _ENCODER.encode(value).decode()
