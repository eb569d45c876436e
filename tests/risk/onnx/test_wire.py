"""What an ONNX file holds is read from its bytes, whatever the bytes are."""

from contextlib import suppress

import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherry.errors import Failure
from wherry_risk.onnx.load import PACKAGES
from wherry_risk.onnx.wire import contents

MODEL = (PACKAGES / "icu-mortality-24h" / "0.2.0" / "model.onnx").read_bytes()


def test_it_agrees_with_the_onnx_library() -> None:
    known = onnx.load_from_string(MODEL)

    found = contents(MODEL)

    assert found.ir_version == known.ir_version
    assert found.opsets == {one.domain: one.version for one in known.opset_import}
    assert found.operators == {(node.domain, node.op_type) for node in known.graph.node}
    assert (found.subgraphs, found.functions, found.external_data) == (False, False, False)


@pytest.mark.parametrize("end", [1, 100, len(MODEL) // 2, len(MODEL) - 1])
def test_a_truncated_file_is_damaged(end: int) -> None:
    with pytest.raises(Failure, match="damaged"):
        contents(MODEL[:end])


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(Failure):
        assert contents(data).ir_version >= 0
