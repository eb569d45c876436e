"""A trained model becomes made-up rows whose answers its package must give again, for ever."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from wherry_risk.onnx.manifest import Feature
from wherry_risk.training.assemble import Rows
from wherry_risk.training.export import LARGEST, floor32
from wherry_risk.training.recipe import SEED

ORDINARY, GAPPED = 120, 120
PER_FEATURE = 12
SHARE_AWAY = 0.3


def golden_rows(features: Sequence[Feature], trees: Sequence[Mapping[str, Any]]) -> Rows:
    """Ordinary rows, rows with gaps, rows at and just above thresholds, and extreme ones.

    No row is a stay: each value is drawn by itself from the plausible middle of its feature.
    """
    random = np.random.default_rng(SEED)
    low = np.array([_ends(one)[0] for one in features])
    high = np.array([_ends(one)[1] for one in features])
    steps = np.array([float(one.step or 1) for one in features])
    drawn = low + random.random((ORDINARY + GAPPED, len(features))) * (high - low)
    rows = (np.round(drawn / steps) * steps).astype(np.float32)
    gaps = random.random(rows.shape) < SHARE_AWAY
    gaps[:ORDINARY] = False
    gaps[:, [one.missing == "refuse" for one in features]] = False
    rows[gaps] = np.nan
    rows = np.concatenate([rows, *_at_thresholds(rows, trees, random), _extremes(features)])
    return np.asarray(rows, dtype=np.float32)


def _ends(feature: Feature) -> tuple[float, float]:
    if feature.reference is None:
        return feature.plausible
    return feature.reference.p1, feature.reference.p99


def _at_thresholds(
    rows: Rows, trees: Sequence[Mapping[str, Any]], random: np.random.Generator
) -> Iterator[Rows]:
    """For some thresholds of each feature: a row that equals it, and one that is just above."""
    for feature in range(rows.shape[1]):
        known = sorted({t for tree in trees for t in _thresholds(tree["tree_structure"], feature)})
        kept = random.permutation(len(known))[:PER_FEATURE]
        for n in sorted(kept.tolist()):
            pair = np.repeat(rows[[n % ORDINARY]], 2, axis=0)
            pair[0, feature] = floor32(known[n])
            pair[1, feature] = np.nextafter(np.float32(floor32(known[n])), np.float32(np.inf))
            yield pair


def _thresholds(part: Mapping[str, Any], feature: int) -> Iterator[float]:
    if "split_feature" not in part:
        return
    if part["split_feature"] == feature and part["threshold"] < LARGEST:
        yield float(part["threshold"])
    for side in ("left_child", "right_child"):
        yield from _thresholds(part[side], feature)


def _extremes(features: Sequence[Feature]) -> Rows:
    """The ends of the plausible ranges, and a row of which only what is needed is known."""
    low = [one.plausible[0] for one in features]
    high = [one.plausible[1] for one in features]
    bare = [_ends(one)[0] if one.required else float("nan") for one in features]
    return np.array([low, high, bare], dtype=np.float32)
