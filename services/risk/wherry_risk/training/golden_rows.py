"""A trained model becomes made-up rows whose answers its package must give again, for ever."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from wherry_risk.model.aggregate import Aggregate
from wherry_risk.onnx.golden import MIN_ROWS
from wherry_risk.onnx.manifest import Feature, Input
from wherry_risk.training.assemble import Rows
from wherry_risk.training.export import LARGEST, floor32
from wherry_risk.training.metrics import Array
from wherry_risk.training.seed import SEED

ORDINARY, GAPPED = 40, 50
AT_THRESHOLDS, PER_FEATURE, MANY = 120, 12, 60
SHARE_AWAY = 0.3
MADE = frozenset({Aggregate.MEAN, Aggregate.PATH, Aggregate.RATIO})
FINE = 0.01


def golden_rows(
    inputs: Sequence[Input], features: Sequence[Feature], trees: Sequence[Mapping[str, Any]]
) -> Rows:
    """Ordinary rows, rows with gaps, rows at and just above thresholds, and extreme ones.

    No row is a stay: each value is drawn by itself from the plausible middle of its feature.
    """
    random = np.random.default_rng(SEED)
    of = {one.name: one for one in inputs}
    low, high = np.array([_ends(one, of[one.input]) for one in features]).T
    steps = np.array([_step(one, of[one.input]) for one in features])
    refusing = [of[one.input].missing == "refuse" for one in features]
    spread = (low, high, steps)
    rows = _drawn(ORDINARY + GAPPED, spread, random)
    rows = np.concatenate([rows[:ORDINARY], _gapped(rows[ORDINARY:], refusing, random)])
    told = [rows, *_at_thresholds(rows, trees, random), _extremes(features, of)]
    lacking = MIN_ROWS - sum(map(len, told))
    if lacking > 0:  # flags have one threshold each
        told.append(_gapped(_drawn(lacking, spread, random), refusing, random))
    return np.asarray(np.concatenate(told), dtype=np.float32)


def _drawn(count: int, spread: tuple[Array, Array, Array], random: np.random.Generator) -> Rows:
    low, high, steps = spread
    drawn = low + random.random((count, len(low))) * (high - low)
    return np.asarray(np.round(drawn / steps) * steps, dtype=np.float32)


def _gapped(rows: Rows, refusing: Sequence[bool], random: np.random.Generator) -> Rows:
    gaps = random.random(rows.shape) < SHARE_AWAY
    gaps[:, refusing] = False
    return np.where(gaps, np.float32(np.nan), rows)


def _ends(feature: Feature, of: Input) -> tuple[float, float]:
    if feature.reference is None:
        return of.plausible
    return feature.reference.p1, feature.reference.p99


def _step(feature: Feature, of: Input) -> float:
    return FINE if feature.aggregate in MADE else float(of.step or 1)


def _at_thresholds(
    rows: Rows, trees: Sequence[Mapping[str, Any]], random: np.random.Generator
) -> Iterator[Rows]:
    """For some thresholds of each feature: a row that equals it, and one that is just above."""
    width = rows.shape[1]
    places = random.permutation(width)[:MANY].tolist()
    each = max(1, min(PER_FEATURE, AT_THRESHOLDS // width))
    for feature in places:
        known = sorted({t for tree in trees for t in _thresholds(tree["tree_structure"], feature)})
        kept = random.permutation(len(known))[:each]
        for n in sorted(kept.tolist()):
            pair = np.repeat(rows[[random.integers(len(rows))]], 2, axis=0)
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


def _extremes(features: Sequence[Feature], of: Mapping[str, Input]) -> Rows:
    """The ends of the plausible ranges, and a row of which only what is needed is known."""
    low = [of[one.input].plausible[0] for one in features]
    high = [of[one.input].plausible[1] for one in features]
    bare = [
        _ends(one, of[one.input])[0] if of[one.input].required else float("nan") for one in features
    ]
    return np.array([low, high, bare], dtype=np.float32)
