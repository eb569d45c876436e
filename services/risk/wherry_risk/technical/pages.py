"""Packages and published scores become one technical file each."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wherry.codec import decode
from wherry.errors import Failure, Kind
from wherry_risk.model.interface import Model
from wherry_risk.model.registry import registry
from wherry_risk.onnx.load import PACKAGES, load_all
from wherry_risk.onnx.manifest import Manifest
from wherry_risk.onnx.trained import Trained
from wherry_risk.technical import sections
from wherry_risk.technical.scores import score_file
from wherry_risk.technical.tripod import tripod

HEAD = (
    "# Technical file: {title}\n\n`{id}` version {version}. Written from the {source}; do not edit."
)


def technical_file(id_: str, packages: Path = PACKAGES) -> str:
    """The technical file of the model with this id.

    Raises: Failure: NOT_FOUND for an unknown model, UNAVAILABLE when its package did not pass its
    checks.
    """
    if id_ in (scores := registry()):
        return page_of(scores[id_], packages)
    loaded = load_all(packages)
    if id_ in loaded.unserved:
        raise Failure(Kind.UNAVAILABLE, f"{id_} is not served: {loaded.unserved[id_]}", at="model")
    if (model := loaded.models.get(id_)) is None:
        raise Failure(Kind.NOT_FOUND, "there is no such model", at="model")
    return page_of(model, packages)


def pages(packages: Path = PACKAGES) -> dict[str, str]:
    """The technical file of every model, by file name."""
    models = {**registry(), **load_all(packages).models}
    return {f"{id_}.md": page_of(model, packages) for id_, model in sorted(models.items())}


def page_of(model: Model, packages: Path) -> str:
    """The technical file of a model as Markdown; what a trained one says is in its package."""
    spec = model.spec
    source = "package" if isinstance(model, Trained) else "spec of the score"
    head = HEAD.format(title=spec.title, id=spec.id, version=spec.version, source=source)
    if not isinstance(model, Trained):
        return f"{head}\n\n{score_file(spec)}\n"
    folder = packages / spec.id / spec.version
    measured = decode((folder / "evaluation.json").read_bytes())
    card = decode((folder / "model_card.json").read_bytes())
    return f"{head}\n\n{_trained(model.manifest, _objects(measured), _objects(card))}\n"


def _trained(manifest: Manifest, measured: Mapping[str, Any], card: Mapping[str, Any]) -> str:
    attributes = list(card["source_attributes"].items())
    parts = {
        "1. Intended use": sections.use(manifest),
        "2. Data": sections.data(manifest),
        "3. Training": sections.training(manifest, measured),
        "4. Performance": sections.performance(manifest, measured),
        "5. Groups": sections.groups(measured),
        "6. Risk management (ISO 14971)": sections.hazards(sections.kinds_of(manifest)),
        "7. Change plan (PCCP)": sections.changes(manifest),
        "8. TRIPOD+AI": sections.table(
            ("item", "topic", "where, or what is said to it"), tripod(manifest, measured)
        ),
        "9. Source attributes (45 CFR 170.315(b)(11)(iv)(B))": sections.table(
            ("attribute", "said"), attributes
        ),
    }
    return "\n\n".join(f"## {name}\n\n{text}" for name, text in parts.items())


def _objects(value: object) -> Mapping[str, Any]:
    assert isinstance(value, dict)  # noqa: S101 - the package passed its checks
    return value
