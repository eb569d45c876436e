"""The check agrees with fhir.resources (R4B) where R4 and R4B are the same, and is never laxer.

What it refuses beyond fhir.resources falls under a reason of STRICTER. All data are synthetic.
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from wherry.fhir.check import problems
from wherry.fhir.r4.tables import resource_types, type_
from wherry.testing.r4_examples import with_property

# Reworked between R4 and R4B, or gone: http://hl7.org/fhir/R4B/history.html
CHANGED = {"Evidence", "EvidenceVariable", "EffectEvidenceSynthesis", "RiskEvidenceSynthesis"}
CHANGED |= {name for name in resource_types() if name.startswith(("Medicinal", "Substance"))}
SAME = sorted(resource_types() - CHANGED)

MUTATED = ["Bundle", "Encounter", "Observation", "Patient", "Provenance", "RiskAssessment"]
WRONG: list[Any] = [
    "",
    [],
    {},
    [{}],
    None,
    True,
    1,
    Decimal("1.5"),
    "a b",
    "2026-02-31",
    "bogus",
    {"x": 1},
]
DROPPED = object()

# What a text of ours starts with, and why fhir.resources has no such problem.
STRICTER = {
    r"[a-z]+-\d": "it checks no invariants, so empty objects pass (ele-1)",
    r"expected one of|expected a code of the value set": "it checks no required bindings",
    r"expected a reference to|expected Type/id|expected (\w+( or )?)+$": "it checks no references",
    r"expected an array with at least": "it takes empty arrays",
    r"expected a JSON object": "it takes null for an absent object",
    r"expected a date|expected a time": "it reads numbers as timestamps",
    r"expected true or false|expected a whole number": "it turns 1 into true and true into 1",
    r"expected a URI|expected a non-empty string|expected a code:|expected a number|expected 1 to":
        "it takes null, and empty strings or blanks in some types",
    r"expected one XHTML": "it takes any text as narrative",
    r"expected the name of an R4": "it takes an empty object for a resource",
}  # fmt: skip


def is_refused_by_fhir_resources(resource: dict[str, Any]) -> bool:
    try:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    except (ValidationError, LookupError, TypeError, ValueError):
        return True
    return False


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = list(value) if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from places(value[key])


def mutations(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for index, (_, key) in enumerate(places(resource)):
        for wrong in [DROPPED, *WRONG] if key != "resourceType" else ():
            copied = deepcopy(resource)
            container, _ = list(places(copied))[index]
            if wrong is DROPPED:
                del container[key]
            else:
                container[key] = deepcopy(wrong)
            yield copied


@pytest.mark.parametrize("name", SAME)
def test_each_property_of_a_type_is_accepted_by_both(name: str) -> None:
    keys = [key for key in type_(name).properties if key != "contained"]
    made = [with_property(name, key) for key in keys]

    kept = [m for m in made if not any(re.match(r"[a-z]+-\d", i.text) for i in problems(m))]

    assert kept
    assert [problems(m) for m in kept] == [[]] * len(kept)
    assert not any(is_refused_by_fhir_resources(m) for m in kept)


@pytest.mark.parametrize("name", MUTATED)
def test_the_check_is_never_laxer_and_its_strictness_has_a_reason(name: str) -> None:
    keys = [key for key in type_(name).properties if key not in ("contained", "extension", "text")]
    made = [with_property(name, key) for key in keys]
    both = ours = 0

    for mutated in [m for valid in made if not problems(valid) for m in mutations(valid)]:
        found = [issue.text for issue in problems(mutated)]
        if is_refused_by_fhir_resources(mutated):
            assert found, f"only fhir.resources refuses {mutated}"
            both += 1
        elif found:
            assert all(any(re.match(r, text) for r in STRICTER) for text in found), found
            ours += 1

    assert min(both, ours) > 50
