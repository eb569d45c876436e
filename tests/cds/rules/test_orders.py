"""Orders that a score is worth knowing for, and the card about them. All data are synthetic."""

from typing import Any

import pytest

from wherry_cds.protocol.answer import empty_elements
from wherry_cds.rules.early_warning import Basis
from wherry_cds.rules.order_risk import card
from wherry_cds.rules.orders import ATC, RXNORM, asked_orders
from wherry_cds.rules.score import Scored


def order(code: str, *, system: str = ATC, id_: str = "m-1", text: str = "A medicine") -> Any:
    concept = {"coding": [{"system": system, "code": code}], "text": text}
    resource = {
        "resourceType": "MedicationRequest",
        "id": id_,
        "medicationCodeableConcept": concept,
    }
    return {"resource": resource}


def context(*entries: Any, **more: Any) -> dict[str, Any]:
    return {"draftOrders": {"resourceType": "Bundle", "entry": list(entries)}, **more}


@pytest.mark.parametrize(
    ("system", "code", "group"),
    [
        (ATC, "N02AA01", "sedating"),
        (ATC, "N05CD08", "sedating"),
        (RXNORM, "7052", "sedating"),
        (ATC, "J01GB03", "nephrotoxic"),
        (ATC, "M01AE01", "nephrotoxic"),
        (RXNORM, "11124", "nephrotoxic"),
    ],
)
def test_medicines_are_known_by_atc_class_and_rxnorm_ingredient(
    system: str, code: str, group: str
) -> None:
    found = asked_orders(context(order(code, system=system)))

    assert [one.group.name for one in found] == [group]


@pytest.mark.parametrize(
    "entry",
    [
        order("C09AA05"),
        order("N02AA01", system="http://example.org/codes"),
        order("N02AA01", system=RXNORM),
        {"resource": {"resourceType": "ServiceRequest", "id": "s-1"}},
        {"resource": {"resourceType": "MedicationRequest", "id": "m-1"}},
        {"resource": {"resourceType": "MedicationRequest", "medicationCodeableConcept": {}}},
        {},
    ],
)
def test_other_orders_are_left_alone(entry: Any) -> None:
    assert asked_orders(context(entry)) == ()


def test_of_several_drafts_the_selected_ones_count() -> None:
    drafts = (order("N02AA01", id_="m-1"), order("J01GB03", id_="m-2"))

    found = asked_orders(context(*drafts, selections=["MedicationRequest/m-2"]))

    assert [one.group.name for one in found] == ["nephrotoxic"]


def test_the_card_puts_the_score_beside_the_order_and_is_never_critical(
    scored: Scored, now: Any
) -> None:
    orders = asked_orders(context(order("N02AA01", text="Morphine 10 mg")))

    made = card(scored, Basis(at=now, card_id="c", orders=orders))

    assert made["summary"] == "NEWS2 9 (high) at the order of sedating medicine"
    assert made["indicator"] == "warning"
    assert made["detail"].startswith(
        "- Morphine 10 mg: sedating, may depress breathing and consciousness\n\n"
        "The score does not say that the order is wrong."
    )
    assert empty_elements(made) == []


def test_a_hostile_order_text_does_nothing(scored: Scored, now: Any) -> None:
    evil = "x<img src=x onerror=alert(1)>\n# [z](javascript:alert(2))|`y`"
    orders = asked_orders(context(order("N02AA01", text=evil)))

    detail = card(scored, Basis(at=now, card_id="c", orders=orders))["detail"]

    assert not any(bad in detail for bad in ("<img", "](javascript", "\n#", "`y`"))
