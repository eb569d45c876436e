"""The JSON Schema of the manifest is current, and shipped manifests fit it."""

from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest

from wherry_risk.onnx.load import PACKAGES
from wherry_risk.onnx.schema import PATH, schema

MANIFESTS = sorted(PACKAGES.glob("*/*/manifest.json"))


def told(path: Path) -> Any:
    return msgspec.json.decode(path.read_bytes())


def test_the_schema_is_current() -> None:
    assert PATH.read_bytes() == schema(), "python -m wherry_risk.onnx.schema writes it"


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.parts[-3])
def test_a_shipped_manifest_fits_the_schema(path: Path) -> None:
    assert jsonschema_rs.is_valid(told(PATH), told(path))


def test_a_manifest_with_a_misspelt_key_does_not() -> None:
    assert not jsonschema_rs.is_valid(told(PATH), {**told(MANIFESTS[0]), "titel": "x"})
