"""What the messages become is valid R4 4.0.1, whole, and leads nowhere outside itself."""

import importlib
from typing import Any

import pytest

from hl7corpus.measure import Measure
from hl7corpus.sound import empty
from wherry.codec import encode

SAMPLED = 5  # every fifth message: the other library is slow


def test_all_of_it_is_valid(measure: Measure) -> None:
    assert measure.translated
    assert measure.invalid == {}


def test_every_reference_leads_to_something_in_the_same_transaction(measure: Measure) -> None:
    assert measure.translated
    assert measure.unresolved == {}


def test_no_element_is_empty(measure: Measure) -> None:
    resources = [resource for one in measure.translated for resource in one.resources]

    assert [at for one in resources for at in empty(one, one["resourceType"])] == []


def test_no_two_entries_are_the_same_thing(measure: Measure) -> None:
    bundles = [one.made.bundle for one in measure.translated if one.made]
    urls = [[entry["fullUrl"] for entry in bundle["entry"]] for bundle in bundles]

    assert [found for found in urls if len(set(found)) < len(found)] == []


def _model(type_: str) -> Any:
    return getattr(importlib.import_module(f"fhir.resources.R4B.{type_.lower()}"), type_)


def test_another_library_reads_a_sample_of_it(measure: Measure) -> None:
    resources = [one for made in measure.translated[::SAMPLED] for one in made.resources]
    read = [_model(one["resourceType"]).model_validate_json(encode(one)) for one in resources]

    assert [type(one).__name__ for one in read] == [one["resourceType"] for one in resources]


@pytest.mark.parametrize("quoted", ['""'])
def test_the_mark_of_deletion_is_no_value(measure: Measure, quoted: str) -> None:
    found = [
        one.piece.source
        for one in measure.translated
        for resource in one.resources
        if encode(quoted) in encode(resource)
    ]

    assert found == []
