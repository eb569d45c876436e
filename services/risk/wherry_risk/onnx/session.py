"""A checked ONNX file becomes a session that answers rows with probability and contributions."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as states

from wherry.errors import Failure, Kind
from wherry_risk.onnx.manifest import Manifest
from wherry_risk.onnx.wire import contents

Array = NDArray[np.float32]

OUTPUTS = ("probability", "margin", "contributions")
# onnxruntime's errors have no base of their own.
ERRORS = (
    states.Fail,
    states.InvalidArgument,
    states.InvalidGraph,
    states.InvalidProtobuf,
    states.NoModel,
    states.NotImplemented,
    states.RuntimeException,
    RuntimeError,
    ValueError,
)
# One graph of trees, and the arithmetic that makes a probability of their sum. Nothing else may be
# in a package: no control flow, no custom operators, no way to reach a file.
OPERATORS = frozenset(
    {
        ("ai.onnx.ml", "TreeEnsembleRegressor"),
        ("", "ReduceSum"),
        ("", "Add"),
        ("", "Mul"),
        ("", "Sigmoid"),
    }
)


@dataclass(frozen=True, slots=True)
class Session:
    """A loaded graph; `run` may be called from any thread."""

    inner: Any
    input: str

    def run(self, rows: Array) -> tuple[Array, Array, Array]:
        """Probability [N,1], margin [N,1] and contributions [N,F] of float32 rows [N,F]."""
        probability, margin, parts = self.inner.run(list(OUTPUTS), {self.input: rows})
        return probability, margin, parts


def make_session(model: bytes, manifest: Manifest) -> Session:
    """A session of these bytes, whose hash was checked already.

    Raises: Failure(UNPROCESSABLE) when the graph is not what the manifest says or holds more than
    is allowed.
    """
    _check_contents(model, manifest)
    session = open_session(model, manifest.artifact.input)
    _check_session(session.inner, manifest)
    return session


def open_session(model: bytes, input_: str) -> Session:
    """A session of these bytes, one thread, on the processor.

    Raises: Failure(UNPROCESSABLE) when onnxruntime does not take it.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # scaling is by processes: a pool per model wastes a core
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4  # what goes wrong is said by our Failure
    try:
        inner = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except ERRORS:
        raise Failure(Kind.UNPROCESSABLE, "the model cannot be loaded", at="model.onnx") from None
    return Session(inner, input_)


def _check_contents(model: bytes, manifest: Manifest) -> None:
    told, found = manifest.artifact, contents(model)
    versions = {"": told.opset, "ai.onnx.ml": told.ml_opset}
    _require(found.ir_version == told.ir_version, "another IR version than the manifest says")
    _require(found.opsets == versions, "other operator sets than the manifest says")
    _require(found.operators <= OPERATORS, "an operator that is not allowed")
    _require(not found.subgraphs and not found.functions, "more than one graph")
    _require(not found.external_data, "data outside of the file")


def _check_session(inner: Any, manifest: Manifest) -> None:
    told, width = manifest.artifact, len(manifest.features)
    inputs = [(one.name, one.type, one.shape[1:]) for one in inner.get_inputs()]
    outputs = {one.name: (one.type, one.shape[1:]) for one in inner.get_outputs()}
    widths = {"probability": 1, "margin": 1, "contributions": width}
    _require(inputs == [(told.input, "tensor(float)", [width])], "another input")
    _require(tuple(outputs) == tuple(told.outputs) == OUTPUTS, "other outputs")
    _require(
        all(outputs[name] == ("tensor(float)", [size]) for name, size in widths.items()),
        "outputs of another shape",
    )
    said = inner.get_modelmeta().custom_metadata_map
    names = ",".join(feature.name for feature in manifest.features)
    expected = {"id": manifest.id, "version": manifest.version, "features": names}
    _require(said == expected, "other metadata than the manifest says")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Failure(Kind.UNPROCESSABLE, f"the model has {otherwise}", at="model.onnx")
