"""What a package says about itself at each tier; counts only where rounding leaves them exact."""

from typing import Any

import msgspec
import pytest

from wherry_risk.onnx.load import PACKAGES, versions_of
from wherry_risk.onnx.manifest import Manifest, read_manifest
from wherry_risk.onnx.performed import performance


def manifest(name: str) -> Manifest:
    newest = versions_of()[name][-1]
    return read_manifest((PACKAGES / name / newest / "manifest.json").read_bytes())


@pytest.mark.parametrize("name", sorted(versions_of()))
def test_every_shipped_model_tells_it_at_every_tier(name: str) -> None:
    shipped = manifest(name)

    for tier in shipped.thresholds:
        told = performance(shipped, tier.name)
        assert told is not None
        assert told.point is not None
        assert told.point.threshold > 0
        assert round(told.point.hits / told.point.events, 4) == told.point.sensitivity
        if told.point.flagged is not None:
            assert round(told.point.hits / told.point.flagged, 4) == told.point.ppv


def test_a_count_that_rounding_hides_is_not_given() -> None:
    told = performance(manifest("sepsis-6h"), "high")

    assert told is not None
    assert told.point is not None
    assert (told.n, told.point.flagged, told.point.hits) == (120646, None, 1138)


def changed(metrics: dict[str, Any]) -> Manifest:
    return msgspec.structs.replace(manifest("icu-mortality-24h"), metrics=metrics)


def test_after_a_local_calibration_the_figures_are_the_local_ones() -> None:
    local = {
        "n": 400,
        "events": 60,
        "source": "outcomes of ward 3",
        "at": "2026-02-03T10:00:00+00:00",
        "after_cross_fitted": {"auroc": 0.79},
    }

    told = performance(changed({"internal": {"auroc": 0.9}, "local": local}), "medium")

    assert told is not None
    assert told.point is not None
    assert (told.auroc, told.n, told.data, told.calibrated_at) == (
        0.79,
        400,
        "outcomes of ward 3",
        "2026-02-03T10:00:00+00:00",
    )
    assert (told.point.events, told.point.n) == (60, 400)


@pytest.mark.parametrize("metrics", [{}, {"internal": {"n": 3}}, {"local": {"n": 3}}])
def test_without_figures_nothing_is_claimed(metrics: dict[str, Any]) -> None:
    assert performance(changed(metrics), "medium") is None
