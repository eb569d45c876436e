"""Cards as one EHR can take them: links, length, suggestions. All data are synthetic."""

from dataclasses import replace
from typing import Any

import pytest

from wherry_cds.clients.profile import PROFILES
from wherry_cds.protocol.answer import empty_elements
from wherry_cds.rules.drafts import DRAFTS, Whom, suggestion
from wherry_cds.rules.finish import Extra, finished, shortened

STRICT, ORACLE = PROFILES["strict"], PROFILES["oracle"]
EXTRA = Extra("icu-mortality-24h", "https://risk.example.org/")


@pytest.fixture
def card() -> dict[str, Any]:
    return {
        "uuid": "7c1f6f0e-8f5c-4f0c-9c59-0d3a52f6f1ce",
        "detail": "First.\n\nSecond.\n\nLast.",
        "links": [
            {"label": "Chart", "url": "https://ehr.example.org/c", "type": "absolute"},
            {
                "label": "App",
                "url": "https://app.example.org/l",
                "type": "smart",
                "appContext": "x",
            },
        ],
    }


def test_the_models_card_is_linked(card: dict[str, Any]) -> None:
    made = finished(card, STRICT, EXTRA)

    assert made["links"][-1] == {
        "label": "About icu-mortality-24h",
        "url": "https://risk.example.org/v1/models/icu-mortality-24h/card",
        "type": "absolute",
    }
    assert len(finished(card, STRICT, Extra("news2"))["links"]) == 2


def test_app_context_goes_only_to_smart_links_of_those_who_know_it(card: dict[str, Any]) -> None:
    strict = finished(card, STRICT, EXTRA)["links"]
    oracle = finished(card, ORACLE, EXTRA)["links"]

    assert [one.get("appContext") for one in strict] == [None, "x", None]
    assert [one.get("appContext") for one in oracle] == [None] * 3


def test_links_that_an_ehr_would_strip_are_left_out(card: dict[str, Any]) -> None:
    one = replace(STRICT, allowed_link_hosts=frozenset({"app.example.org"}))
    none = replace(STRICT, allowed_link_hosts=frozenset({"else.example.org"}))

    assert [link["type"] for link in finished(card, one, EXTRA)["links"]] == ["smart"]
    assert "links" not in finished(card, none, EXTRA)


@pytest.mark.parametrize("most", [0, 200, 400, 800, 5000])
def test_a_detail_is_as_long_as_the_ehr_takes(most: int) -> None:
    parts = ["**Score**", *(f"Part {n} " + "x" * 90 for n in range(9)), "As of, limits."]
    detail = "\n\n".join(parts)

    made = shortened(detail, most)

    assert not most or len(made) <= max(most, 0)
    assert made.startswith("**Score**")
    assert "As of, limits." in made
    assert (made == detail) == (not most or len(detail) <= most)


@pytest.mark.parametrize("name", sorted(DRAFTS))
def test_a_suggestion_is_a_whole_draft_that_nobody_signed(name: str, card: dict[str, Any]) -> None:
    """Source: CDS Hooks 2.0, Suggestion; selectionBehavior is there if and only if they are."""
    made = suggestion(name, Whom("p-1"), "5e0b7e2e-0000-4000-8000-000000000001")
    resource = made["actions"][0]["resource"]

    assert (resource["status"], resource["intent"]) == ("draft", "proposal")
    assert resource["subject"] == {"reference": "Patient/p-1"}
    assert not resource.keys() & {"id", "encounter", "requester"}
    assert empty_elements(made) == []
    with_it = finished(card, STRICT, replace(EXTRA, suggestions=[made]))
    assert with_it["selectionBehavior"] == "any"
    assert not finished(card, STRICT, EXTRA).keys() & {"suggestions", "selectionBehavior"}
