"""A personal baseline becomes an Observation that nobody can take for a measurement."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from wherry.fhir.systems import DEVICE_BASELINE, ours
from wherry.resource import CodeableConcept, Resource
from wherry_devices.mapping.baseline import DAYS, Baseline, baseline
from wherry_devices.mapping.days import Window, day_of
from wherry_devices.mapping.derived import (
    Derivation,
    Derived,
    identifier,
    observation,
    quantity,
    to,
)
from wherry_devices.mapping.stored import Fact
from wherry_devices.mapping.vitals import VITALS

_STATISTIC = "http://terminology.hl7.org/CodeSystem/observation-statistics"
_OWN = ours("devices", "statistic")
_RULE = "baseline 1"
_METHOD = f"Median and median absolute deviation of {DAYS} days"


def usual(
    facts: Sequence[Fact], patient: str, window: Window, *, kinds: Iterable[str]
) -> Derivation:
    """The baselines of these kinds in a window of four weeks, or that there are none.

    The value is the median. Source: FHIR observation-statistics (count); decision 0016 (form).
    """
    made, gone = [], []
    for kind in kinds:
        known_by = identifier(patient, "baseline", kind)
        found = baseline(facts, kind, window)
        if found is None:
            gone.append(known_by)
            continue
        resource = observation(known_by, patient, _RULE, found.facts, _METHOD)
        made.append(Derived(resource | _body(found, window), _RULE, found.facts))
    return Derivation(_RULE, tuple(made), tuple(gone))


def _body(found: Baseline, window: Window) -> Resource:
    vital = VITALS[found.kind]
    days = [day_of(one, window.zone) for one in found.facts]
    display = f"Personal baseline of {vital.display}"
    parts: list[tuple[CodeableConcept, Decimal, str]] = [
        (_code(_OWN, "mad", "Median absolute deviation"), _rounded(found.mad), found.ucum),
        (_code(_STATISTIC, "count", "Count"), Decimal(len(found.facts)), "{readings}"),
        (_code(_OWN, "days", "Days with a reading"), Decimal(found.days), "d"),
    ]
    return {
        "code": _code(DEVICE_BASELINE, vital.code, display) | {"text": display},
        "effectivePeriod": {"start": min(days).isoformat(), "end": max(days).isoformat()},
        **quantity(_rounded(found.median), found.ucum),
        "component": [{"code": code, **quantity(value, unit)} for code, value, unit in parts],
    }


def _code(system: str, code: str, display: str) -> CodeableConcept:
    return {"coding": [{"system": system, "code": code, "display": display}]}


def _rounded(value: Decimal) -> Decimal:
    """As many digits as the readings have, and one of a mean of two; no more than four."""
    exponent = value.normalize().as_tuple().exponent
    return to(value, "0.0001") if isinstance(exponent, int) and exponent < -4 else value
