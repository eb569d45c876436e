"""The check over the expected bundles of other HL7 v2 converters: what it refuses, and why."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from wherry.codec import decode
from wherry.fhir.check import problems
from wherry.fhir.r4.quick import is_certainly_valid

DATA = Path(__file__).parents[3] / "../shared/data/hl7"
MICROSOFT = DATA / "microsoft/expected"
CDC = DATA / "cdc-reportstream"

# Broken resources in Microsoft's goldens: element and expectation → how many times. The first nine
# rows are 7 resources, those that fhir.resources refuses too; the rest are bindings, references and
# invariants, which it does not check.
KNOWN = {
    ("Provenance.agent", "required element is missing"): 3,
    ("Provenance.agent[].who", "required element is missing"): 2,
    ("DiagnosticReport.code", "required element is missing"): 1,
    ("DiagnosticReport.status", "required element is missing"): 1,
    ("DocumentReference.content", "required element is missing"): 1,
    ("DocumentReference.status", "required element is missing"): 1,
    ("Account.guarantor[].party.reference", "expected Type/id, …"): 1,
    ("Organization", "org-1: …"): 2,
    ("Organization.telecom[]", "cpt-2: …"): 3,
    ("Patient.contact[].telecom[]", "cpt-2: …"): 6,
    ("Patient.telecom[]", "cpt-2: …"): 11,
    ("Patient.telecom[].system", "expected one of …"): 2,
    ("Patient.telecom[].use", "expected one of …"): 2,
    ("Practitioner.name[].use", "expected one of …"): 3,
    ("RelatedPerson.telecom[]", "cpt-2: …"): 7,
}
# What fhir.resources has no check for: bindings, references, invariants, blanks in URIs, offsets.
STRICTER = {
    *("ele-1: …", "ext-1: …", "org-1: …", "org-2: …", "org-3: …", "cpt-2: …", "drt-1: …"),
    *("expected one of …", "expected Type/id, …", "expected a URI: …"),
}

# Valid R4 that fhir.resources 8.3 does not know: extensions beside Extension.valueDateTime.
UNKNOWN_TO_IT = "_valueDateTime"

if not MICROSOFT.exists():
    pytest.skip(
        "the shared data of other converters is not on this machine", allow_module_level=True
    )


def entries(*paths: Path) -> list[dict[str, Any]]:
    bundles = [decode(path.read_text(encoding="utf-8-sig")) for path in paths]
    return [e["resource"] for b in bundles for e in b.get("entry", []) if "resource" in e]


def shape(at: str, text: str) -> tuple[str, str]:
    short = re.sub(r"^([a-z]+-\d+:|expected (?:one of|Type/id,|a URI:)).*", r"\1 …", text)
    return re.sub(r"\[\d+\]", "[]", at), short


def told_by_fhir_resources(resource: dict[str, Any]) -> set[str | int]:
    """The last step of the path of each problem that it finds."""
    try:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    except ValidationError as refusal:
        return {error["loc"][-1] for error in refusal.errors()}
    return set()


def test_microsofts_goldens_are_valid_but_for_the_known_ones() -> None:
    resources = entries(*sorted(MICROSOFT.rglob("*.json")))

    found = Counter(shape(i.at, i.text) for resource in resources for i in problems(resource))

    assert len(resources) > 7000
    assert found == KNOWN


def test_nearly_all_goldens_take_the_quick_way() -> None:
    resources = entries(*sorted(MICROSOFT.rglob("*.json")))
    valid = [resource for resource in resources if not problems(resource)]

    assert sum(map(is_certainly_valid, valid)) / len(valid) > 0.95


def test_what_fhir_resources_refuses_is_refused_and_little_else() -> None:
    resources = entries(*sorted(MICROSOFT.rglob("*.json")), *sorted(CDC.rglob("*.fhir")))
    beyond: Counter[str] = Counter()

    for resource in resources:
        found = [shape("", issue.text)[1] for issue in problems(resource)]
        told = told_by_fhir_resources(resource)
        if not told:
            beyond.update(found)
        elif told != {UNKNOWN_TO_IT}:
            assert found, f"only fhir.resources refuses {resource.get('id')}"

    assert set(beyond) <= STRICTER
