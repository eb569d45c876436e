"""Orders are drafted, checked with order-select and order-sign, and signed by a person."""

from typing import Any

import pytest

from wherry_ehr.chart.hooks import Offered

CARD = {"uuid": "c-1", "summary": "Interacts", "indicator": "warning", "source": {"label": "Test"}}
SERVICES = [Offered("sel", "order-select", "Select", {}), Offered("sign", "order-sign", "Sign", {})]


@pytest.fixture
def ordering(sandbox: Any, made: Any) -> Any:
    """A sandbox with one patient and a service for both hooks."""
    sandbox.put(made.patient())
    sandbox.cds.services = SERVICES
    sandbox.cds.answer = {"cards": [CARD]}
    return sandbox


def _orders(sandbox: Any) -> list[Any]:
    found = sandbox.client.get("/fhir/MedicationRequest?patient=p-1").get_json()
    return [entry["resource"] for entry in found.get("entry", [])]


def _draft(sandbox: Any, code: str = "11289", dose: str = "") -> Any:
    return sandbox.post("/chart/p-1/orders", medicine=code, dose=dose)


def test_drafting_an_order_fires_order_select_about_it(ordering: Any) -> None:
    """Source: CDS Hooks library, order-select 1.0, Context."""
    _draft(ordering, "6809")
    answer = _draft(ordering, dose="2 mg at night")

    asked = ordering.cds.asked[1]
    drafts = [entry["resource"] for entry in asked["context"]["draftOrders"]["entry"]]
    (selected,) = asked["context"]["selections"]
    (warfarin,) = [each for each in drafts if selected == f"MedicationRequest/{each['id']}"]
    assert asked["hook"] == "order-select"
    assert len(drafts) == 2
    assert (warfarin["status"], warfarin["intent"]) == ("draft", "order")
    assert warfarin["medicationCodeableConcept"]["text"] == "Warfarin"
    assert warfarin["dosageInstruction"] == [{"text": "2 mg at night"}]
    assert warfarin["requester"] == {"reference": "Practitioner/sandbox-clinician-1"}
    assert "Interacts" in ordering.page(answer.location)


def test_signing_fires_order_sign_first_and_signs_what_was_shown(ordering: Any) -> None:
    _draft(ordering)
    answer = ordering.post("/chart/p-1/orders/check")
    page = ordering.parsed(answer.location)
    shown = [str(a["value"]) for tag, a in page.tags if tag == "input" and a["name"] == "draft"]

    assert ordering.cds.asked[-1]["hook"] == "order-sign"
    assert len(ordering.cds.asked[-1]["context"]["draftOrders"]["entry"]) == 1
    assert [each["status"] for each in _orders(ordering)] == ["draft"]

    signed = ordering.client.post("/chart/p-1/orders/sign", data={"draft": shown})

    assert signed.status_code == 303
    assert [each["status"] for each in _orders(ordering)] == ["active"]


def test_drafts_that_changed_since_they_were_shown_are_not_signed(ordering: Any) -> None:
    _draft(ordering)
    page = ordering.parsed(ordering.post("/chart/p-1/orders/check").location)
    shown = [str(a["value"]) for tag, a in page.tags if tag == "input" and a["name"] == "draft"]
    _draft(ordering, "6809")

    signed = ordering.client.post("/chart/p-1/orders/sign", data={"draft": shown})

    assert signed.status_code == 409
    assert {each["status"] for each in _orders(ordering)} == {"draft"}


def test_a_draft_is_discarded_and_only_a_draft(ordering: Any) -> None:
    _draft(ordering)
    (order,) = _orders(ordering)

    gone = ordering.post("/chart/p-1/orders/discard", order=order["id"])
    again = ordering.post("/chart/p-1/orders/discard", order=order["id"])

    assert (gone.status_code, again.status_code, _orders(ordering)) == (303, 404, [])


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "choose one of the list"),
        ({"medicine": "0"}, "choose one of the list"),
        ({"medicine": "161", "dose": "x" * 201}, "at most 200 characters"),
    ],
)
def test_a_form_that_makes_no_sense_says_which_field(
    ordering: Any, form: dict[str, str], said: str
) -> None:
    answer = ordering.post("/chart/p-1/orders", **form)

    assert answer.status_code == 400
    assert said in answer.get_data(as_text=True)
    assert (_orders(ordering), ordering.cds.asked) == ([], [])


def test_without_a_draft_there_is_nothing_to_sign(ordering: Any) -> None:
    assert ordering.post("/chart/p-1/orders/check").status_code == 422
    assert ordering.post("/chart/p-1/orders/sign").status_code == 409


def test_a_service_that_fails_does_not_keep_anybody_from_signing(ordering: Any) -> None:
    ordering.cds.answer = {"cards": "nonsense"}
    _draft(ordering)

    page = ordering.page(ordering.post("/chart/p-1/orders/check").location)

    assert "it sent no card" in page
    assert "Sign 1 order" in page
