"""A manifest and its evaluation become the documents of a package."""

from collections.abc import Mapping
from typing import Any

import msgspec

from wherry_risk.onnx.manifest import Manifest
from wherry_risk.training.card.chai import applied_model_card
from wherry_risk.training.card.markdown import card
from wherry_risk.training.card.source_attributes import source_attributes
from wherry_risk.training.recipes.recipe import Recipe


def documents(recipe: Recipe, manifest: Manifest, measured: Mapping[str, Any]) -> dict[str, str]:
    """Name and text of each; every figure in them is one of evaluation.json."""
    attributes = source_attributes(recipe, manifest, measured)
    machine = {
        "model": manifest.id,
        "version": manifest.version,
        "source_attributes": attributes,
        "applied_model_card": applied_model_card(manifest, measured),
    }
    return {
        "model_card.md": card(recipe, manifest, measured, attributes),
        "model_card.json": _pretty(machine),
        "LICENSES.md": _licences(manifest),
        "CHANGELOG.md": _changes(recipe),
    }


def _licences(manifest: Manifest) -> str:
    told = manifest.training
    return (
        "# Licences\n\n"
        "- The model, its manifest and these documents: Apache-2.0, as the project.\n"
        f"- Training data, which are not part of this package: {told.licence}. "
        f"{told.attribution}\n"
        f"- {manifest.citation}\n"
        "- Made with LightGBM (MIT), ONNX (Apache-2.0), NumPy (BSD-3-Clause) and Apache Arrow "
        "(Apache-2.0).\n"
        "- LOINC codes: copyright Regenstrief Institute, Inc., used under the LOINC licence.\n"
        + (
            "- The eICU Collaborative Research Database Demo (Open Database License v1.0) was used "
            "to measure only; these figures contain information from it.\n"
            if "eicu-demo" in manifest.metrics["external"]
            else ""
        )
    )


def _changes(recipe: Recipe) -> str:
    lines = recipe.changes or ("First version.",)
    return "\n".join([f"# Changes of {recipe.id}", "", f"## {recipe.version}", "",
                      *(f"- {line}" for line in lines), ""])  # fmt: skip


def _pretty(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=1).decode() + "\n"
