"""A package that is not exactly what was measured is not served, and the reason is told."""

import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import onnx
import pytest
from onnx import helper

from wherry.errors import Failure, Kind
from wherry_risk.onnx.golden import MIN_ROWS
from wherry_risk.onnx.load import PACKAGES, load, load_all

SHIPPED = PACKAGES / "icu-mortality-24h" / "0.2.0"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the shipped package that a test may spoil."""
    folder = tmp_path / "icu-mortality-24h" / "0.2.0"
    shutil.copytree(SHIPPED, folder)
    return folder


def changed(package: Path, change: Callable[[dict[str, Any]], None]) -> None:
    path = package / "manifest.json"
    told = msgspec.json.decode(path.read_bytes())
    change(told)
    path.write_bytes(msgspec.json.encode(told))


def graph_changed(package: Path, change: Callable[[Any], None]) -> None:
    """Change the graph and make the manifest agree, as a careful forger would."""
    path = package / "model.onnx"
    model = onnx.load_from_string(path.read_bytes())
    change(model)
    data = model.SerializeToString()
    path.write_bytes(data)
    changed(package, lambda told: told["artifact"].update(sha256=sha256(data).hexdigest()))


def attribute(model: Any, name: str) -> Any:
    return next(one for one in model.graph.node[0].attribute if one.name == name)


def refused(package: Path) -> str:
    with pytest.raises(Failure) as caught:
        load(package)
    assert caught.value.kind is Kind.UNPROCESSABLE
    return f"{caught.value.at}: {caught.value.detail}"


def test_the_shipped_package_is_served_and_small() -> None:
    model = load(SHIPPED)

    assert (model.spec.id, model.spec.version, len(model.spec.inputs)) == (
        "icu-mortality-24h",
        "0.2.0",
        20,
    )
    assert (SHIPPED / "model.onnx").stat().st_size < 1_000_000
    assert model.manifest.artifact.parity_max_abs <= 1e-6


def test_one_flipped_byte_is_found_before_anything_parses_the_file(package: Path) -> None:
    path = package / "model.onnx"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)

    assert refused(package) == "model.onnx: the hash differs from the manifest's"


def test_a_changed_threshold_is_found_by_the_golden_rows(package: Path) -> None:
    def moved(model: Any) -> None:
        attribute(model, "nodes_values").floats[0] *= 0.9

    graph_changed(package, moved)

    assert refused(package) == (
        "golden.jsonl: the model does not give the answers of its golden rows"
    )


def test_a_changed_way_of_missing_values_is_found_by_the_golden_rows(package: Path) -> None:
    def turned(model: Any) -> None:
        tracks = attribute(model, "nodes_missing_value_tracks_true").ints
        tracks[:] = [1 - one for one in tracks]

    graph_changed(package, turned)

    assert "golden rows" in refused(package)


def _if_node(model: Any) -> None:
    branch = helper.make_graph([], "branch", [], [])
    model.graph.node.append(
        helper.make_node("If", ["margin"], [], then_branch=branch, else_branch=branch)
    )


def _external(model: Any) -> None:
    tensor = model.graph.initializer[0]
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../secret")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_if_node, "model.onnx: the model has an operator that is not allowed"),
        (_external, "model.onnx: the model has data outside of the file"),
        (
            lambda model: setattr(model, "ir_version", 8),
            "model.onnx: the model has another IR version than the manifest says",
        ),
        (
            lambda model: setattr(model.opset_import[0], "version", 18),
            "model.onnx: the model has other operator sets than the manifest says",
        ),
        (
            lambda model: setattr(model.metadata_props[0], "value", "another"),
            "model.onnx: the model has other metadata than the manifest says",
        ),
        (
            lambda model: setattr(model.graph.input[0].type.tensor_type, "elem_type", 11),
            "model.onnx: the model has another input",
        ),
        (
            lambda model: setattr(model.graph.node[1], "op_type", "Sigmoid"),
            "model.onnx: the model cannot be loaded",
        ),
        (
            lambda model: model.graph.output.reverse(),
            "model.onnx: the model has other outputs",
        ),
    ],
)
def test_a_graph_with_more_or_other_than_the_manifest_says_is_refused(
    package: Path, change: Callable[[Any], None], said: str
) -> None:
    graph_changed(package, change)

    assert refused(package) == said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda told: told.update(extra=1),
            "manifest: the manifest does not fit its schema",
        ),
        (
            lambda told: told["inputs"][0].pop("ucum"),
            "manifest.inputs[0]: the manifest does not fit its schema",
        ),
        (
            lambda told: told["thresholds"][1].update(value=1.5),
            "manifest.thresholds[1].value: the manifest does not fit its schema",
        ),
        (
            lambda told: told["thresholds"].reverse(),
            "manifest.thresholds: thresholds must rise from 0",
        ),
        (
            lambda told: told["artifact"].update(file="../model.onnx"),
            "manifest: a file outside of the package",
        ),
        (
            lambda told: told["artifact"].update(file="away.onnx"),
            "away.onnx: the file cannot be read",
        ),
        (
            lambda told: told.update(version="9.9.9"),
            "manifest: the folder belongs to another model",
        ),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(
    package: Path, change: Callable[[dict[str, Any]], None], said: str
) -> None:
    changed(package, change)

    assert refused(package) == said


def test_too_few_golden_rows_are_refused(package: Path) -> None:
    path = package / "golden.jsonl"
    data = b"\n".join(path.read_bytes().splitlines()[: MIN_ROWS - 1])
    path.write_bytes(data)
    changed(package, lambda told: told["artifact"].update(golden_sha256=sha256(data).hexdigest()))

    assert refused(package) == "golden.jsonl: fewer than 200 rows"


def test_the_golden_rows_hold_gaps_and_values_at_thresholds() -> None:
    model = onnx.load(SHIPPED / "model.onnx")
    features = attribute(model, "nodes_featureids").ints
    values = attribute(model, "nodes_values").floats
    modes = attribute(model, "nodes_modes").strings
    thresholds = {
        (f, v) for f, v, m in zip(features, values, modes, strict=True) if m == b"BRANCH_LEQ"
    }
    lines = (SHIPPED / "golden.jsonl").read_bytes().splitlines()
    rows = [msgspec.json.decode(line)["inputs"] for line in lines]

    equal = sum((n, x) in thresholds for row in rows for n, x in enumerate(row))

    assert len(rows) >= MIN_ROWS
    assert sum(None in row for row in rows) >= 60
    assert equal >= 100


def test_a_package_that_fails_is_left_out_and_told(package: Path) -> None:
    (package / "golden.jsonl").unlink()

    loaded = load_all(package.parents[1])

    assert loaded.models == {}
    assert loaded.unserved == {"icu-mortality-24h": "golden.jsonl: the file cannot be read"}


def test_an_older_version_does_not_stand_in_for_a_newer_one_that_fails(package: Path) -> None:
    newer = package.with_name("0.10.0")
    shutil.copytree(package, newer)

    loaded = load_all(package.parents[1])

    assert loaded.unserved == {"icu-mortality-24h": "manifest: the folder belongs to another model"}


def test_no_packages_at_all_is_no_trouble(tmp_path: Path) -> None:
    assert load_all(tmp_path / "away") == load_all(tmp_path)
