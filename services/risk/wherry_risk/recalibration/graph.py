"""A graph becomes the same one with another calibration and version; nothing else moves."""

import numpy as np
import onnx
from onnx import helper, numpy_helper

from wherry.errors import Failure, Kind
from wherry_risk.onnx.manifest import Calibration


def recalibrated(model: bytes, calibration: Calibration, *, version: str) -> bytes:
    """The graph with these two numbers: margin and contributions stay what they were.

    Raises: Failure(UNPROCESSABLE) when it has no such numbers.
    """
    made = onnx.load_from_string(model)
    numbers = {"slope": calibration.slope, "intercept": calibration.intercept}
    found = [one for one in made.graph.initializer if one.name in numbers]
    if sorted(one.name for one in found) != sorted(numbers):
        raise Failure(Kind.UNPROCESSABLE, "the graph has no Platt scaling", at="model.onnx")
    for one in found:
        value = np.array([numbers[one.name]], dtype=np.float32)
        one.CopyFrom(numpy_helper.from_array(value, one.name))
    told = {one.key: one.value for one in made.metadata_props} | {"version": version}
    helper.set_model_props(made, told)
    onnx.checker.check_model(made)
    return bytes(made.SerializeToString(deterministic=True))
