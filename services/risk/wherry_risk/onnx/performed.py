"""A manifest's figures become what an answer says about the model at the tier that was reached."""

from collections.abc import Mapping
from typing import Any

from wherry_risk.model.performance import OperatingPoint, Performance
from wherry_risk.onnx.manifest import Manifest, Threshold

_ROUNDED_BY = 0.00005
"""Shares in a manifest have four digits."""
_EXACT = 0.5


def performance(manifest: Manifest, tier: str) -> Performance | None:
    """The figures at this tier; None where the package holds none.

    A package that was calibrated again on local patients has its figures from those.
    """
    local = manifest.metrics.get("local")
    return _local(manifest, local, tier) if local else _internal(manifest, tier)


def _internal(manifest: Manifest, tier: str) -> Performance | None:
    told = manifest.metrics.get("internal", {})
    if not _has_figures(told):
        return None
    interval = (told.get("intervals") or {}).get("auroc")
    return Performance(
        auroc=told["auroc"],
        interval=(interval[0], interval[1]) if interval else None,
        n=told["n"],
        events=told["events"],
        people=told.get("patients"),
        data=f"{manifest.training.dataset}, test part",
        period=manifest.training.period,
        calibrated_on=manifest.calibration.fitted_on,
        calibrated_at=None,
        point=_point(manifest, tier, told["n"], told["events"]),
    )


def _local(manifest: Manifest, local: Mapping[str, Any], tier: str) -> Performance | None:
    told = {**local, "auroc": (local.get("after_cross_fitted") or {}).get("auroc")}
    if not _has_figures(told):
        return None
    return Performance(
        auroc=told["auroc"],
        interval=None,
        n=told["n"],
        events=told["events"],
        people=None,
        data=told["source"],
        period="local patients",
        calibrated_on=manifest.calibration.fitted_on,
        calibrated_at=told["at"],
        point=_point(manifest, tier, told["n"], told["events"]),
    )


def _has_figures(told: Mapping[str, Any]) -> bool:
    return all(told.get(name) is not None for name in ("auroc", "n", "events"))


def _point(manifest: Manifest, tier: str, n: int, events: int) -> OperatingPoint | None:
    names = [one.name for one in manifest.thresholds]
    place = max(names.index(tier), 1)
    return _of(manifest.thresholds[place], n, events) if place < len(names) else None


def _of(one: Threshold, n: int, events: int) -> OperatingPoint | None:
    shares = (one.sens, one.spec, one.ppv, one.npv, one.flag)
    sensitivity, specificity, ppv, npv, flag = (0.0 if each is None else each for each in shares)
    if None in shares or events * _ROUNDED_BY >= _EXACT:
        return None
    return OperatingPoint(
        threshold=one.value,
        sensitivity=sensitivity,
        specificity=specificity,
        ppv=ppv,
        npv=npv,
        hits=round(sensitivity * events),
        events=events,
        n=n,
        flagged=round(flag * n) if n * _ROUNDED_BY < _EXACT else None,
    )
