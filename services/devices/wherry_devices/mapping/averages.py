"""A day's blood pressures become their mean."""

from collections.abc import Iterable, Sequence

from wherry.resource import Identifier, Resource
from wherry_devices.mapping.days import Window, by_day
from wherry_devices.mapping.derived import (
    Derivation,
    Derived,
    category,
    identifier,
    loinc,
    mean,
    observation,
    quantity,
    to,
)
from wherry_devices.mapping.stored import Fact

_CARDX = "http://hl7.org/fhir/uv/cardx-htn-mng/StructureDefinition/"
MEAN_CODE = "96607-7"
_RULE = "average-smbp 1"
_PARTS = {
    "bp_systolic": ("96608-5", "Systolic blood pressure mean"),
    "bp_diastolic": ("96609-3", "Diastolic blood pressure mean"),
}
_LEAST = 2
"""An average is of two readings or more. Source: CardX hypertension 1.0, average-smbp."""

_Whole = dict[str, Fact]


def averages(facts: Iterable[Fact], patient: str, window: Window) -> Derivation:
    """The mean home blood pressure of each day that has at least two whole readings.

    Source: CardX hypertension 1.0, average-smbp.
    """
    counted = (one for one in facts if one.home and one.averaged and not one.comparator)
    found = by_day((one for one in counted if one.kind in _PARTS), window.zone)
    made, gone = [], []
    for day in window.days:
        whole = _whole(found.get(day, ()))
        known_by = identifier(patient, "average-smbp", day.isoformat())
        if len(whole) < _LEAST:
            gone.append(known_by)
            continue
        inputs = tuple(one for parts in whole for one in parts.values())
        made.append(Derived(_average(known_by, patient, inputs), _RULE, inputs))
    return Derivation(_RULE, tuple(made), tuple(gone))


def _whole(facts: Sequence[Fact]) -> list[_Whole]:
    """Measurements that have both of their numbers."""
    found: dict[str, _Whole] = {}
    for one in sorted(facts, key=lambda one: (one.instant, one.name)):
        found.setdefault(one.name, {})[one.kind] = one
    return [parts for parts in found.values() if len(parts) == len(_PARTS)]


def _average(known_by: Identifier, patient: str, inputs: Sequence[Fact]) -> Resource:
    references = list(dict.fromkeys(one.reference for one in inputs))
    made = observation(known_by, patient, _RULE, inputs, "Mean of the day's measurements at home")
    made["meta"]["profile"] = [f"{_CARDX}average-smbp"]
    return made | {
        "extension": [
            {"url": f"{_CARDX}NumberOfMeasurementsExt", "valueInteger": len(references)},
        ],
        "category": [category("vital-signs")],
        "code": loinc(MEAN_CODE, "Blood pressure panel mean systolic and mean diastolic"),
        "effectivePeriod": {
            "start": inputs[0].instant.isoformat(),
            "end": inputs[-1].instant.isoformat(),
        },
        "performer": [made["subject"]],
        "derivedFrom": [{"reference": one} for one in references],
        "component": [
            {
                "code": loinc(code, display),
                **quantity(to(mean(o.value for o in inputs if o.kind == kind), "0.1"), "mm[Hg]"),
            }
            for kind, (code, display) in _PARTS.items()
        ],
    }
