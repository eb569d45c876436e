"""Every hook of the library: what its context must hold, and what is forgiven."""

from collections.abc import Mapping
from typing import Any

import pytest

from wherry.resource import Resource
from wherry_cds.protocol.call import Call, other_patients, parse
from wherry_cds.protocol.catalogue import Service, expand
from wherry_cds.protocol.hooks import CONTEXTS, DEPRECATED, VERSIONS, Form
from wherry_cds.protocol.problem import Problem

USER, PATIENT, STAY = "Practitioner/u-1", "p-1", "e-1"


def about(type_: str, patient: str = "Patient/p-1", **more: Any) -> Resource:
    return {"resourceType": type_, "id": "r-1", "subject": {"reference": patient}, **more}


def bundle(*resources: Any) -> Resource:
    return {"resourceType": "Bundle", "entry": [{"resource": each} for each in resources]}


DRAFT = about("MedicationRequest")
ALLERGY = {"resourceType": "AllergyIntolerance", "patient": {"reference": "Patient/p-1"}}
TASK = {"resourceType": "Task", "for": {"reference": "Patient/p-1"}}

COMPLETE: Mapping[str, dict[str, Any]] = {
    "patient-view": {"userId": "RelatedPerson/r-1", "patientId": PATIENT, "encounterId": STAY},
    "encounter-start": {"userId": USER, "patientId": PATIENT, "encounterId": STAY},
    "encounter-discharge": {"userId": USER, "patientId": PATIENT, "encounterId": STAY},
    "order-select": {
        "userId": USER,
        "patientId": PATIENT,
        "encounterId": STAY,
        "selections": ["MedicationRequest/r-1"],
        "draftOrders": bundle(DRAFT),
    },
    "order-sign": {
        "userId": USER,
        "patientId": PATIENT,
        "encounterId": STAY,
        "draftOrders": bundle(DRAFT),
    },
    "order-dispatch": {
        "patientId": PATIENT,
        "dispatchedOrders": ["ServiceRequest/s-1", "ServiceRequest/s-2"],
        "performer": "Organization/o-1",
        "fulfillmentTasks": [TASK],
    },
    "appointment-book": {
        "userId": "Patient/p-1",
        "patientId": PATIENT,
        "encounterId": STAY,
        "appointments": bundle({"resourceType": "Appointment", "status": "proposed"}),
    },
    "problem-list-item-create": {
        "userId": USER,
        "patientId": PATIENT,
        "encounterId": STAY,
        "conditions": bundle(about("Condition")),
    },
    "allergyintolerance-create": {
        "userId": USER,
        "patientId": PATIENT,
        "encounterId": STAY,
        "allergyIntolerance": ALLERGY,
    },
    "medication-refill": {
        "userId": USER,
        "patientId": PATIENT,
        "encounterId": STAY,
        "medications": bundle(DRAFT),
    },
    "medication-verify": {
        "userId": USER,
        "patientId": PATIENT,
        "encounterId": STAY,
        "medication": about("MedicationStatement"),
    },
}


def service(hook: str) -> Service:
    return Service("s", hook, "Title", "Description", "Usage", ())


def called(hook: str, context: Mapping[str, Any], **more: Any) -> Call | list[Problem]:
    body = {
        "hook": hook,
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": context,
        **more,
    }
    return parse(body, [service(hook)])


def places(answer: Call | list[Problem]) -> list[tuple[str, str]]:
    assert isinstance(answer, list)
    return [(problem.at, problem.code) for problem in answer]


REQUIRED = [
    (hook, field.name) for hook, fields in CONTEXTS.items() for field in fields if field.required
]
OPTIONAL = [
    (hook, field.name)
    for hook, fields in CONTEXTS.items()
    for field in fields
    if not field.required
]
EACH = [(hook, field.name, field.form) for hook in CONTEXTS for field in CONTEXTS[hook]]


def test_the_table_has_every_hook_of_the_library_with_its_version() -> None:
    assert set(CONTEXTS) == set(COMPLETE) == set(VERSIONS)


@pytest.mark.parametrize("hook", CONTEXTS)
def test_a_complete_context_is_taken_whole(hook: str) -> None:
    call = called(hook, COMPLETE[hook])

    assert isinstance(call, Call)
    assert call.context == COMPLETE[hook]
    assert (call.patient_id, call.user_id) == (PATIENT, COMPLETE[hook].get("userId", ""))
    assert other_patients(call) == []


@pytest.mark.parametrize(("hook", "field"), REQUIRED)
@pytest.mark.parametrize("nothing", ["absent", None, "", [], {}])
def test_a_required_field_that_is_absent_or_empty_is_named(
    hook: str, field: str, nothing: Any
) -> None:
    context = {**COMPLETE[hook], field: nothing}
    if nothing == "absent":
        del context[field]

    assert places(called(hook, context)) == [(f"context.{field}", "required")]


@pytest.mark.parametrize(("hook", "field"), OPTIONAL)
def test_an_optional_field_may_be_left_out_or_empty(hook: str, field: str) -> None:
    for context in ({**COMPLETE[hook], field: None}, {**COMPLETE[hook]}):
        context.pop(field)
        call = called(hook, context)

        assert isinstance(call, Call)
        assert field not in call.context


@pytest.mark.parametrize(("hook", "field", "form"), EACH)
def test_a_field_of_another_form_is_named(hook: str, field: str, form: Form) -> None:
    wrong: Any = 5 if form in (Form.ID, Form.REFERENCE) else "Patient/p-1"

    assert places(called(hook, {**COMPLETE[hook], field: wrong})) == [(f"context.{field}", "value")]


@pytest.mark.parametrize(
    ("hook", "field", "value"),
    [
        ("order-sign", "userId", "Patient/p-1"),
        ("order-dispatch", "performer", "o-1"),
        ("order-dispatch", "dispatchedOrders", ["s-1"]),
        ("order-dispatch", "dispatchedOrders", ["ServiceRequest/s-1", "../x"]),
        ("order-dispatch", "fulfillmentTasks", [{"resourceType": "Basic"}]),
        ("order-select", "selections", [5]),
        ("order-sign", "draftOrders", {"resourceType": "Bundle", "entry": [{}]}),
        ("order-sign", "draftOrders", {"resourceType": "Bundle", "entry": {}}),
        ("order-sign", "draftOrders", DRAFT),
        ("allergyintolerance-create", "allergyIntolerance", {"resourceType": "Basic"}),
        ("allergyintolerance-create", "allergyIntolerance", {"resource": 5}),
    ],
)
def test_parts_of_a_field_are_looked_at_too(hook: str, field: str, value: Any) -> None:
    assert places(called(hook, {**COMPLETE[hook], field: value})) == [(f"context.{field}", "value")]


@pytest.mark.parametrize(
    ("hook", "field", "given"),
    [
        ("order-dispatch", "fulfillmentTasks", {"fulfillment-tasks": [TASK]}),
        (
            "allergyintolerance-create",
            "allergyIntolerance",
            {"allergyIntolerance": {"resource": ALLERGY}},
        ),
        ("medication-verify", "medication", {"order": {"resource": about("MedicationStatement")}}),
    ],
)
def test_what_older_texts_wrote_is_taken_as_meant(
    hook: str, field: str, given: dict[str, Any]
) -> None:
    context = {name: value for name, value in COMPLETE[hook].items() if name != field}

    call = called(hook, {**context, **given})

    assert isinstance(call, Call)
    assert call.context[field] == COMPLETE[hook][field]


def test_a_bundle_of_drafts_needs_no_type_and_drafts_need_no_patient_yet() -> None:
    context = {**COMPLETE["order-sign"], "draftOrders": bundle({"resourceType": "ServiceRequest"})}

    call = called("order-sign", context)

    assert isinstance(call, Call)
    assert other_patients(call) == []


@pytest.mark.parametrize("hook", DEPRECATED)
def test_a_deprecated_hook_is_told_what_replaced_it(hook: str) -> None:
    body = {
        "hook": hook,
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": COMPLETE["order-sign"],
    }

    (problem,) = parse(body, [service("order-sign")])  # type: ignore[misc] # a list, or this fails

    assert (problem.at, problem.code) == ("hook", "not-supported")
    assert problem.text == f"is deprecated: use {DEPRECATED[hook]}"


@pytest.mark.parametrize(
    ("hook", "field", "value", "at"),
    [
        (
            "order-sign",
            "draftOrders",
            bundle(DRAFT, about("ServiceRequest", "Patient/p-2")),
            "context.draftOrders.entry[1].resource",
        ),
        (
            "order-dispatch",
            "fulfillmentTasks",
            [TASK, {"resourceType": "Task", "for": {"reference": "Patient/p-2"}}],
            "context.fulfillmentTasks[1]",
        ),
        (
            "allergyintolerance-create",
            "allergyIntolerance",
            {"resourceType": "AllergyIntolerance", "patient": {"reference": "Patient/p-2"}},
            "context.allergyIntolerance",
        ),
        (
            "problem-list-item-create",
            "conditions",
            bundle({"resourceType": "Patient", "id": "p-2"}),
            "context.conditions.entry[0].resource",
        ),
    ],
)
def test_another_patient_in_the_context_is_found(
    hook: str, field: str, value: Any, at: str
) -> None:
    call = called(hook, {**COMPLETE[hook], field: value})

    assert isinstance(call, Call)
    assert [(each.at, each.code) for each in other_patients(call)] == [(at, "business-rule")]


@pytest.mark.parametrize(
    ("user", "template", "expanded"),
    [
        ("Practitioner/u-1", "Practitioner/{{userPractitionerId}}", "Practitioner/u-1"),
        ("PractitionerRole/u-1", "X/{{userPractitionerRoleId}}", "X/u-1"),
        ("Patient/p-1", "Patient/{{userPatientId}}", "Patient/p-1"),
        ("RelatedPerson/r-1", "X/{{userRelatedPersonId}}", "X/r-1"),
        ("Patient/p-1", "X/{{userPractitionerId}}", "X/{{userPractitionerId}}"),
        ("Practitioner/u-1", "X?u={{context.userId}}", "X?u=Practitioner/u-1"),
    ],
)
def test_tokens_stand_for_the_user_by_type(user: str, template: str, expanded: str) -> None:
    call = called("patient-view", {**COMPLETE["patient-view"], "userId": user})

    assert isinstance(call, Call)
    assert expand(template, call.tokens) == expanded


def test_several_orders_become_one_list_in_a_token() -> None:
    call = called("order-dispatch", COMPLETE["order-dispatch"])

    assert isinstance(call, Call)
    assert call.tokens["context.dispatchedOrders"] == "ServiceRequest/s-1,ServiceRequest/s-2"
    assert "context.fulfillmentTasks" not in call.tokens
