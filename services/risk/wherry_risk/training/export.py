"""A LightGBM model becomes one ONNX graph: probability, margin and each input's contribution."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

from wherry.errors import Failure, Kind

OPSET, ML_OPSET, IR_VERSION = 17, 3, 9
INPUT = "features"
LARGEST = float(np.finfo(np.float32).max)

Path = tuple[tuple[int, float], ...]


@dataclass(slots=True)
class Nodes:
    """The parallel lists that ONNX's TreeEnsembleRegressor takes."""

    tree: list[int] = field(default_factory=list)
    node: list[int] = field(default_factory=list)
    feature: list[int] = field(default_factory=list)
    mode: list[str] = field(default_factory=list)
    threshold: list[float] = field(default_factory=list)
    yes: list[int] = field(default_factory=list)
    no: list[int] = field(default_factory=list)
    missing_yes: list[int] = field(default_factory=list)
    target_tree: list[int] = field(default_factory=list)
    target_node: list[int] = field(default_factory=list)
    target: list[int] = field(default_factory=list)
    weight: list[float] = field(default_factory=list)

    def branch(self, tree: int, number: int, part: Mapping[str, Any]) -> int:
        """Append a split and return the place where its children are still to be named."""
        self._node(
            tree,
            number,
            feature=part["split_feature"],
            mode="BRANCH_LEQ",
            threshold=floor32(part["threshold"]),
            missing_yes=_missing_goes_left(part),
        )
        return len(self.yes) - 1

    def leaf(self, tree: int, number: int, path: Path) -> None:
        """Append a leaf with the sum of the changes along its path, per feature."""
        self._node(tree, number, feature=0, mode="LEAF", threshold=0.0, missing_yes=False)
        total: dict[int, float] = {}
        for feature, change in path:
            total[feature] = total.get(feature, 0.0) + change
        for feature, change in sorted(total.items()) or [(0, 0.0)]:
            self.target_tree.append(tree)
            self.target_node.append(number)
            self.target.append(feature)
            self.weight.append(change)

    def _node(
        self,
        tree: int,
        number: int,
        *,
        feature: int,
        mode: str,
        threshold: float,
        missing_yes: bool,
    ) -> None:
        self.tree.append(tree)
        self.node.append(number)
        self.feature.append(feature)
        self.mode.append(mode)
        self.threshold.append(threshold)
        self.missing_yes.append(int(missing_yes))
        self.yes.append(0)
        self.no.append(0)


def floor32(threshold: float) -> float:
    """The largest float32 not above `threshold`: for float32 x, x <= t means the same for both.

    LightGBM parts missing from known values by the largest float64; here by the largest float32.
    """
    if threshold >= LARGEST:
        return LARGEST
    near = np.float32(threshold)
    return float(near if float(near) <= threshold else np.nextafter(near, np.float32(-np.inf)))


def add_tree(nodes: Nodes, tree: int, root: Mapping[str, Any]) -> float:
    """Append one tree and return its root's value.

    What a split adds to the contribution of its feature is the value of the child taken minus the
    value of the parent, so that all contributions sum exactly to leaf minus root.
    Source: path attribution (Saabas 2014).
    """
    numbers = iter(range(1 << 30))

    def walk(part: Mapping[str, Any], path: Path) -> int:
        number = next(numbers)
        if "leaf_value" in part:
            nodes.leaf(tree, number, path)
            return number
        place = nodes.branch(tree, number, part)
        for branch, side in ((nodes.yes, "left_child"), (nodes.no, "right_child")):
            child = part[side]
            step = (int(part["split_feature"]), _value(child) - _value(part))
            branch[place] = walk(child, (*path, step))
        return number

    walk(root, ())
    return _value(root)


def _value(part: Mapping[str, Any]) -> float:
    return float(part["leaf_value"] if "leaf_value" in part else part["internal_value"])


def _missing_goes_left(part: Mapping[str, Any]) -> bool:
    """A feature never missing in training has missing type None: LightGBM reads NaN as 0.0."""
    if part["decision_type"] != "<=" or part["missing_type"] not in {"None", "NaN"}:
        raise Failure(Kind.FAULT, "a split that the exporter does not know", at="lightgbm")
    if part["missing_type"] == "None":
        return bool(part["threshold"] >= 0.0)
    return bool(part["default_left"])


def to_onnx(
    trees: Sequence[Mapping[str, Any]],
    *,
    names: Sequence[str],
    slope: float,
    intercept: float,
    metadata: Mapping[str, str],
) -> bytes:
    """The graph of these trees (LightGBM's `dump_model()["tree_info"]`) and their Platt scaling."""
    nodes, width = Nodes(), len(names)
    base = sum(add_tree(nodes, n, tree["tree_structure"]) for n, tree in enumerate(trees))
    steps = [
        _ensemble(nodes, width),
        helper.make_node("ReduceSum", ["contributions", "axis"], ["path"], keepdims=1),
        helper.make_node("Add", ["path", "base"], ["margin"]),
        helper.make_node("Mul", ["margin", "slope"], ["scaled"]),
        helper.make_node("Add", ["scaled", "intercept"], ["log_odds"]),
        helper.make_node("Sigmoid", ["log_odds"], ["probability"]),
    ]
    numbers = {"base": base, "slope": slope, "intercept": intercept}
    constants = [
        helper.make_tensor("axis", TensorProto.INT64, [1], [1]),
        *(helper.make_tensor(k, TensorProto.FLOAT, [1], [v]) for k, v in numbers.items()),
    ]
    outputs = (("probability", 1), ("margin", 1), ("contributions", width))
    graph = helper.make_graph(
        steps,
        metadata["id"],
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, [None, width])],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, [None, w]) for n, w in outputs],
        constants,
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
    helper.set_model_props(model, dict(metadata))
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))


def _ensemble(nodes: Nodes, width: int) -> Any:
    return helper.make_node(
        "TreeEnsembleRegressor",
        [INPUT],
        ["contributions"],
        domain="ai.onnx.ml",
        n_targets=width,
        aggregate_function="SUM",
        post_transform="NONE",
        nodes_treeids=nodes.tree,
        nodes_nodeids=nodes.node,
        nodes_featureids=nodes.feature,
        nodes_modes=nodes.mode,
        nodes_values=nodes.threshold,
        nodes_truenodeids=nodes.yes,
        nodes_falsenodeids=nodes.no,
        nodes_missing_value_tracks_true=nodes.missing_yes,
        target_treeids=nodes.target_tree,
        target_nodeids=nodes.target_node,
        target_ids=nodes.target,
        target_weights=nodes.weight,
    )
