"""Invariants of R4 that look at values: a table of checks on structurally valid JSON objects."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from wherry.fhir.dates import in_order
from wherry.fhir.r4 import bundle_rules
from wherry.fhir.r4.references import target_type
from wherry.fhir.r4.tables import resource_types, type_

Object = Mapping[str, Any]
UCUM = "http://unitsofmeasure.org"
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
_STRUCTURE = "http://hl7.org/fhir/StructureDefinition/"


class Rule(NamedTuple):
    """One invariant: its key, what it expects in words, and whether an object keeps it.

    An object without every property of `about` keeps it anyway.
    """

    key: str
    expected: str
    holds: Callable[[Object], bool]
    about: tuple[str, ...] = ()


def _has_coding(concept: Any, system: str, *codes: str) -> bool:
    codings = concept.get("coding", ()) if concept else ()
    return any(c.get("system") == system and c.get("code") in codes for c in codings)


def _codings(concept: Object) -> set[tuple[str | None, str]]:
    return {(c.get("system"), c["code"]) for c in concept.get("coding", ()) if "code" in c}


def _has_value(item: Object) -> bool:
    return any(key.startswith(("value", "_value")) for key in item)


def _components_differ(observation: Object) -> bool:
    if not _has_value(observation):
        return True
    coded = _codings(observation["code"])
    return not any(coded & _codings(c.get("code", {})) for c in observation["component"])


def _period(item: Object) -> bool:
    return in_order(item["start"], item["end"])


def _modified(task: Object) -> bool:
    return in_order(task["authoredOn"], task["lastModified"])


def _range(item: Object) -> bool:
    low, high = item["low"], item["high"]
    same_unit = all(low.get(key) == high.get(key) for key in ("system", "code", "unit"))
    if not same_unit or "value" not in low or "value" not in high:
        return True
    return bool(low["value"] <= high["value"])


def _abatement(condition: Object) -> bool:
    abated = any(key.startswith(("abatement", "_abatement")) for key in condition)
    system = _TERMINOLOGY + "condition-clinical"
    ended = _has_coding(
        condition.get("clinicalStatus"), system, "resolved", "remission", "inactive"
    )
    return ended or not abated


def _in_error(item: Object, system: str) -> bool:
    return _has_coding(item.get("verificationStatus"), _TERMINOLOGY + system, "entered-in-error")


def _condition_in_error(condition: Object) -> bool:
    return not _in_error(condition, "condition-ver-status")


def _allergy_has_status(allergy: Object) -> bool:
    error = _in_error(allergy, "allergyintolerance-verification")
    return error or "clinicalStatus" in allergy


def _allergy_in_error(allergy: Object) -> bool:
    return not _in_error(allergy, "allergyintolerance-verification")


def _appointment_times(appointment: Object) -> bool:
    timed = all(name in appointment or "_" + name in appointment for name in ("start", "end"))
    return timed or appointment.get("status") in ("proposed", "cancelled", "waitlist")


def _cancelled(appointment: Object) -> bool:
    return appointment.get("status") in ("noshow", "cancelled")


def _no_home(element: str) -> Callable[[Object], bool]:
    return lambda item: all(entry.get("use") != "home" for entry in item[element])


def _not_negative(element: str) -> Callable[[Object], bool]:
    return lambda item: bool(item[element] >= 0)


def _is_ucum(quantity: Object) -> bool:
    return quantity.get("system", UCUM) == UCUM and ("code" in quantity or "value" not in quantity)


def _is_duration(quantity: Object) -> bool:
    return quantity.get("system") == UCUM and "value" in quantity


def _is_age(quantity: Object) -> bool:
    return _is_ucum(quantity) and bool(quantity.get("value", 1) > 0)


def _is_count(quantity: Object) -> bool:
    value = Decimal(quantity.get("value", 0))
    whole = value == value.to_integral_value()
    return _is_ucum(quantity) and quantity.get("code", "1") == "1" and whole


def _percentages(prediction: Object) -> bool:
    ends = prediction["probabilityRange"]
    return all(
        end.get("code") == "%" and end.get("system") == UCUM
        for end in (ends.get("low"), ends.get("high"))
        if end is not None
    )


def _probability(prediction: Object) -> bool:
    return bool(prediction["probabilityDecimal"] <= 100)


def _members(group: Object) -> bool:
    return group.get("actual") is True


def _type_agrees(reference: Object) -> bool:
    """Not an invariant by name: references.html, `type` must be consistent with the reference."""
    said = reference["type"].removeprefix(_STRUCTURE)
    return said not in resource_types() or target_type(reference["reference"]) in (None, said)


# FHIR R4 4.0.1, constraints of severity "error" in the definitions of these types.
_RULES: Mapping[str, tuple[Rule, ...]] = {
    "Age": (Rule("age-1", "expected a positive UCUM quantity with a code", _is_age),),
    "AllergyIntolerance": (
        Rule("ait-1", "clinicalStatus is needed unless entered-in-error", _allergy_has_status),
        Rule(
            "ait-2",
            "no clinicalStatus when entered-in-error",
            _allergy_in_error,
            ("clinicalStatus",),
        ),
    ),
    "Appointment": (
        Rule("app-3", "start and end are needed unless proposed or cancelled", _appointment_times),
        Rule(
            "app-4",
            "cancelationReason only when cancelled or noshow",
            _cancelled,
            ("cancelationReason",),
        ),
    ),
    "Bundle": tuple(Rule(*rule) for rule in bundle_rules.RULES),
    "Bundle.entry": tuple(Rule(*rule) for rule in bundle_rules.ENTRY_RULES),
    "Condition": (
        Rule("con-4", "abatement needs clinicalStatus inactive, resolved or remission", _abatement),
        Rule(
            "con-5",
            "no clinicalStatus when entered-in-error",
            _condition_in_error,
            ("clinicalStatus",),
        ),
    ),
    "Count": (Rule("cnt-3", "expected a whole number with code 1 of UCUM", _is_count),),
    "Distance": (Rule("dis-1", "expected a UCUM quantity with a code", _is_ucum),),
    "Duration": (Rule("drt-1", "code needs value and system UCUM", _is_duration, ("code",)),),
    "Group": (Rule("grp-1", "member only when actual is true", _members, ("member",)),),
    "Observation": (
        Rule(
            "obs-7",
            "no value when a component has the code of the whole",
            _components_differ,
            ("component",),
        ),
    ),
    "Organization": (
        Rule("org-2", "no address of use home", _no_home("address"), ("address",)),
        Rule("org-3", "no telecom of use home", _no_home("telecom"), ("telecom",)),
    ),
    "Period": (Rule("per-1", "expected start not after end", _period, ("start", "end")),),
    "Range": (Rule("rng-2", "expected low not above high", _range, ("low", "high")),),
    "Reference": (
        Rule(
            "ref-type",
            "expected a type that agrees with reference",
            _type_agrees,
            ("type", "reference"),
        ),
    ),
    "RiskAssessment.prediction": (
        Rule(
            "ras-1",
            "expected percentages of UCUM in probabilityRange",
            _percentages,
            ("probabilityRange",),
        ),
        Rule(
            "ras-2", "expected a probability of at most 100", _probability, ("probabilityDecimal",)
        ),
    ),
    "Task": (
        Rule(
            "inv-1",
            "expected lastModified not before authoredOn",
            _modified,
            ("authoredOn", "lastModified"),
        ),
    ),
    "Timing.repeat": (
        Rule(
            "tim-4",
            "expected a duration that is not negative",
            _not_negative("duration"),
            ("duration",),
        ),
        Rule(
            "tim-5", "expected a period that is not negative", _not_negative("period"), ("period",)
        ),
    ),
}


@cache
def rules_of(type_name: str) -> tuple[Rule, ...]:
    """The rules of this type and of those it inherits from."""
    lineage = type_(type_name).lineage
    return tuple(rule for name in lineage for rule in _RULES.get(name, ()))
