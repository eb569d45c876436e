"""No answer holds an empty element."""

from typing import Any

import pytest

from wherry.errors import Failure, Kind
from wherry_cds.protocol.answer import empty_elements, whole
from wherry_cds.protocol.catalogue import SERVICES, discovery
from wherry_cds.protocol.hooks import CONTEXTS


@pytest.mark.parametrize(
    ("value", "paths"),
    [
        ({"cards": []}, []),
        ({"services": []}, []),
        ({"cards": [{"links": [], "summary": "x"}]}, ["cards[0].links"]),
        ({"cards": [{"cards": []}]}, ["cards[0].cards"]),
        ({"systemActions": []}, ["systemActions"]),
        ({"a": {"b": {}}}, ["a.b"]),
        ({"a": None, "b": "", "c": [None, "x"]}, ["a", "b", "c[0]"]),
        ({"zero": 0, "no": False}, []),
        ({}, [""]),
    ],
)
def test_every_empty_element_is_found(value: Any, paths: list[str]) -> None:
    assert empty_elements(value) == paths


def test_an_answer_with_an_empty_element_is_not_sent() -> None:
    with pytest.raises(Failure) as caught:
        whole({"cards": [{"detail": ""}]})

    assert (caught.value.kind, caught.value.at) == (Kind.FAULT, "cards[0].detail")


def test_the_catalogue_is_whole() -> None:
    assert empty_elements(discovery()) == []


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.id)
def test_templates_use_required_fields_of_their_hook_and_plain_search_only(service: Any) -> None:
    required = {field.name for field in CONTEXTS[service.hook] if field.required}
    for key in service.keys:
        tokens = {part.split("}}")[0] for part in key.template.split("{{")[1:]}

        assert tokens <= {f"context.{name}" for name in required}
        assert key.template.split("?")[0].split("/")[0] == key.type
