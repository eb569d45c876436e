"""C: suggestions and what they would do."""

import re

from tests.conformance.cds.check import NotApplicable, among, check, equal, expect
from tests.conformance.cds.checks.seen import having, inside
from tests.conformance.cds.people import somebody
from tests.conformance.cds.target import Body, Target
from tests.conformance.cds.walk import is_text


@check("C16", 92, 94, 117)
def a_suggestion_has_a_label(target: Target) -> None:
    for _, one in inside(target, "suggestions"):
        expect(is_text(one.get("label")), "a suggestion without label")


@check("C17", 118, 119)
def a_suggestions_uuid_is_a_text_of_its_own(target: Target) -> None:
    held = [one["uuid"] for _, one in inside(target, "suggestions") if "uuid" in one]
    if not held:
        raise NotApplicable("no suggestion has a uuid")
    expect(all(is_text(one) for one in held), "a suggestion's uuid is no text")
    equal(len(held), len(set(held)), "uuids of suggestions")


@check("C18", 93, 95, 96)
def suggestions_come_with_a_selection_behavior(target: Target) -> None:
    for card, _ in having(target, "suggestions"):
        among(card.get("selectionBehavior"), ("at-most-one", "any"), "selectionBehavior")


@check("C19", 93)
def a_selection_behavior_comes_with_suggestions(target: Target) -> None:
    for card, _ in having(target, "selectionBehavior"):
        expect(card.get("suggestions"), "selectionBehavior without suggestions")


@check("C20", 120, 121, 122)
def several_are_recommended_only_where_any_may_be_chosen(target: Target) -> None:
    for card, held in having(target, "suggestions"):
        said = [one["isRecommended"] for one in held if "isRecommended" in one]
        expect(all(isinstance(one, bool) for one in said), "isRecommended is not true or false")
        several = sum(said) > 1
        expect(not several or card.get("selectionBehavior") == "any", "several are recommended")


@check("C21", 123, 124, 125, 127, 128, 129)
def an_action_has_type_and_description(target: Target) -> None:
    for one in _actions(target):
        among(one.get("type"), ("create", "update", "delete"), "the type of an action")
        expect(is_text(one.get("description")), "an action without description")


@check("C22", 130, 131)
def what_is_created_is_a_new_resource(target: Target) -> None:
    held = _of_type(target, "create")
    for one in held:
        resource = one.get("resource") or {}
        expect(is_text(resource.get("resourceType")), "a resource without resourceType")
        expect("resourceId" not in one, "create with a resource id")
        among(resource.get("status", "draft"), ("draft", "proposed", "active"), "a new status")


@check("C23", 132)
def what_is_updated_is_whole(target: Target) -> None:
    for one in _of_type(target, "update"):
        resource = one.get("resource") or {}
        expect(is_text(resource.get("resourceType")), "update without a resource")
        expect(is_text(resource.get("id")), "update without the id of what it updates")


@check("C24", 133, 134, 135)
def what_is_deleted_is_named_by_its_id(target: Target) -> None:
    for one in _of_type(target, "delete"):
        expect("resource" not in one, "delete with a resource")
        expect(re.fullmatch(r"[A-Z]\w+/[A-Za-z0-9\-.]+", str(one.get("resourceId"))), "delete")


@check("C25", 131)
def what_is_created_is_about_the_patient(target: Target) -> None:
    held = []
    for service in target.services:
        patient = somebody()
        held += [
            (patient, one["resource"])
            for card in target.cards(patient, service)
            for each in card.get("suggestions", [])
            for one in each.get("actions", [])
            if one.get("type") == "create" and isinstance(one.get("resource"), dict)
        ]
    if not held:
        raise NotApplicable("no suggestion creates anything")
    for patient, one in held:
        said = one.get("subject", one.get("for", one.get("patient", {}))).get("reference")
        equal(said, f"Patient/{patient}", "the patient of what is created")


def _actions(target: Target) -> list[Body]:
    found = [one for _, each in inside(target, "suggestions") for one in each.get("actions", [])]
    if not found:
        raise NotApplicable("no suggestion has actions")
    return found


def _of_type(target: Target, type_: str) -> list[Body]:
    found = [one for one in _actions(target) if one.get("type") == type_]
    if not found:
        raise NotApplicable(f"no action is of type {type_}")
    return found
