"""Rows with known answers: a graph that does not give them is not the one that was measured."""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from wherry.errors import Failure, Kind

Array = NDArray[np.float32]

MIN_ROWS = 200
TOLERANCE = 1e-5
"""Rounding of float32 sums between processors stays two orders of magnitude below."""


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Inputs in the order of the manifest, None where nothing is known, and what comes out."""

    inputs: tuple[float | None, ...]
    probability: float
    margin: float
    contributions: tuple[float, ...]


_decoder = msgspec.json.Decoder(Row)


def read_rows(data: bytes) -> list[Row]:
    """The rows of golden.jsonl. Raises: Failure(UNPROCESSABLE) when they are too few or unsound."""
    try:
        rows = [_decoder.decode(line) for line in data.splitlines()]
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Failure(Kind.UNPROCESSABLE, "not golden rows", at="golden.jsonl") from None
    if len(rows) < MIN_ROWS:
        raise Failure(Kind.UNPROCESSABLE, f"fewer than {MIN_ROWS} rows", at="golden.jsonl")
    return rows


def matrix(rows: Sequence[Sequence[float | None]]) -> Array:
    """Rows as float32 with NaN where nothing is known."""
    return np.array([[np.nan if x is None else x for x in row] for row in rows], dtype=np.float32)


def check_rows(rows: Sequence[Row], probability: Array, margin: Array, parts: Array) -> None:
    """Raises: Failure(UNPROCESSABLE) when any answer is off by more than the tolerance."""
    pairs = (
        ([row.probability for row in rows], probability[:, 0]),
        ([row.margin for row in rows], margin[:, 0]),
        ([row.contributions for row in rows], parts),
    )
    for known, given in pairs:
        expected = np.array(known)
        close = expected.shape == given.shape and bool(
            np.all(np.abs(expected - given) <= TOLERANCE)
        )
        if not close:
            text = "the model does not give the answers of its golden rows"
            raise Failure(Kind.UNPROCESSABLE, text, at="golden.jsonl")
