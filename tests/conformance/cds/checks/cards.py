"""C: every field of every card, and texts from outside that must do nothing."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from tests.conformance.cds.check import NotApplicable, among, check, equal, expect
from tests.conformance.cds.checks.seen import cards, having, inside
from tests.conformance.cds.people import EVIL, Kind, somebody
from tests.conformance.cds.target import Body, Target
from tests.conformance.cds.walk import empty, is_absolute, is_coding, is_text, texts

_TAG = re.compile(r"<\s*/?\s*[A-Za-z!?]")
_LINK = re.compile(r"(?<!\\)\]\(")
_MARKS = ("onerror=alert", "javascript:alert")


@check("C1", 80, 81, 82)
def every_card_has_a_uuid(target: Target) -> None:
    for uuid in _uuids(target, cards(target)):
        equal(str(UUID(uuid)), uuid.lower(), "a uuid")


@check("C2", 80)
def no_two_cards_share_a_uuid(target: Target) -> None:
    found = _uuids(target, [target.card() for _ in range(50)])
    equal(len(set(found)), 50, "uuids of fifty cards")


def _uuids(target: Target, found: list[Body]) -> list[str]:
    """What feedback names cards by; a service that takes none may leave it out."""
    without = [card for card in found if "uuid" not in card]
    if without and not target.takes_feedback:
        raise NotApplicable("cards have no uuid, and no feedback is taken")
    expect(not without, "a card without uuid, by which feedback would name it")
    return [str(card["uuid"]) for card in found]


@check("C3", 83)
def a_summary_is_shorter_than_140_characters(target: Target) -> None:
    for card in cards(target):
        expect(is_text(card["summary"]), "a summary is no text")
        expect(len(card["summary"]) < 140, f"a summary of {len(card['summary'])} characters")
        expect("\n" not in card["summary"], "a summary of several lines")


@check("C4", 84, 85)
def a_detail_is_text_in_markdown(target: Target) -> None:
    for _, detail in having(target, "detail"):
        expect(is_text(detail), "a detail is no text")
        expect(not _TAG.search(detail), "a detail holds HTML")


@check("C5", 87, 88, 89)
def an_indicator_is_one_of_three(target: Target) -> None:
    for card in cards(target):
        among(card.get("indicator"), ("info", "warning", "critical"), "an indicator")


@check("C6", 90, 105, 106)
def a_source_has_a_label(target: Target) -> None:
    for card in cards(target):
        expect(isinstance(card.get("source"), dict), "a source is no object")
        expect(is_text(card["source"].get("label")), "a source without label")


@check("C7", 107, 108)
def a_sources_url_is_absolute(target: Target) -> None:
    found = [card["source"]["url"] for card in cards(target) if "url" in card["source"]]
    if not found:
        raise NotApplicable("no source has a url")
    expect(all(is_absolute(one) for one in found), "a source's url is not absolute")


@check("C8", 111, 112, 113)
def a_sources_icon_is_an_absolute_url(target: Target) -> None:
    found = [card["source"]["icon"] for card in cards(target) if "icon" in card["source"]]
    if not found:
        raise NotApplicable("no source has an icon")
    expect(all(is_absolute(one) for one in found), "an icon's url is not absolute")
    expect(all(urlsplit(one).path.endswith(".png") for one in found), "an icon is no PNG")


@check("C9", 115, 116, 216, 217, 218, 220)
def a_topic_is_a_coding(target: Target) -> None:
    found = [card["source"]["topic"] for card in cards(target) if "topic" in card["source"]]
    if not found:
        raise NotApplicable("no source has a topic")
    expect(all(is_coding(one) for one in found), "a topic without code or system")


@check("C10", 109, 110)
def a_source_does_not_drill_down(target: Target) -> None:
    found = [card["source"]["url"] for card in cards(target) if "url" in card["source"]]
    if not found:
        raise NotApplicable("no source has a url")
    expect(not any("suite-" in one for one in found), "a source's url is about a patient")


@check("C11", 98, 99, 100, 136, 216, 217, 218, 219)
def override_reasons_are_codings_with_a_display(target: Target) -> None:
    for _, one in inside(target, "overrideReasons"):
        expect(is_coding(one), "an override reason without code or system")
        expect(is_text(one.get("display")), "an override reason without display")


@check("C12", 103, 104, 138, 139, 140, 141)
def a_link_has_label_url_and_type(target: Target) -> None:
    for _, one in inside(target, "links"):
        expect(is_text(one.get("label")), "a link without label")
        expect(is_absolute(one.get("url")), "a link's url is not absolute")
        expect(is_text(one.get("type")), "a link without type")


@check("C13", 142)
def a_link_is_absolute_or_smart(target: Target) -> None:
    for _, one in inside(target, "links"):
        among(one.get("type"), ("absolute", "smart"), "the type of a link")


@check("C14", 144, 145, 146, 147)
def app_context_stands_on_smart_links_only(target: Target) -> None:
    held = [one for _, one in inside(target, "links") if "appContext" in one]
    for one in held:
        equal(one["type"], "smart", "a link with appContext")
        expect(is_text(one["appContext"]), "appContext is no text")
    if not held:
        raise NotApplicable("no link has appContext")


@check("C15", 144)
def app_context_tells_nothing_of_the_patient(target: Target) -> None:
    patient = somebody()
    card = target.card(patient)
    held = [one["appContext"] for one in card.get("links", []) if "appContext" in one]
    if not held:
        raise NotApplicable("no link has appContext")
    expect(not any(patient in one for one in held), "appContext holds the patient's id")


@check("C26", 77)
def nothing_to_say_is_an_empty_list(target: Target) -> None:
    answer = target.call(target.request(patient=somebody(Kind.WELL)))
    equal(answer.status_code, 200, "a call about a patient who is well")
    cards = answer.json()["cards"]
    if cards:
        among(cards[0]["indicator"], ("info",), "the indicator of a patient who is well")
        raise NotApplicable("the service has something to say of patients who are well")


@check("C27", 75)
def system_actions_are_absent_or_a_list(target: Target) -> None:
    body = target.call().json()
    if "systemActions" not in body:
        raise NotApplicable("no answer has system actions")
    held = body["systemActions"]
    expect(isinstance(held, list) and held, "systemActions is no list, or an empty one")
    expect(all(is_text(one.get("description")) for one in held), "an action without description")


@check("C28", 3)
def nothing_on_a_card_is_null_or_empty(target: Target) -> None:
    for card in cards(target):
        equal(empty(card), [], "empty elements of a card")


@check("C29", 85)
def names_and_units_from_outside_do_nothing(target: Target) -> None:
    for service in target.services:
        for card in target.cards(somebody(Kind.EVIL), service):
            _harmless(card)


@check("C30", 83, 85)
def long_texts_from_outside_break_nothing(target: Target) -> None:
    for service in target.services:
        for card in target.cards(somebody(Kind.LONG), service):
            expect(len(card["summary"]) < 140, "a summary that is too long")
            expect(len(card.get("detail", "")) < 20_000, "a detail that nobody reads")


@check("C31", 85)
def a_value_that_is_no_value_does_nothing(target: Target) -> None:
    """Text in place of codes and numbers."""
    spoils: dict[str, Callable[[Body], Any]] = {
        "unit code": lambda one: one.get("valueQuantity", {}).update(code=EVIL),
        "code": lambda one: one["code"]["coding"][0].update(code=EVIL),
        "time": lambda one: one.update(effectiveDateTime=EVIL),
        "status": lambda one: one.update(status=EVIL),
        "number": lambda one: one.get("valueQuantity", {}).update(value=EVIL),
    }
    for name, spoil in spoils.items():
        body = target.request()
        for held in body.get("prefetch", {}).values():
            for entry in held.get("entry", []) if isinstance(held, dict) else []:
                spoil(entry["resource"])
        answer = target.call(body)
        among(answer.status_code, (200, 400), f"markup in place of a {name}")
        for card in answer.json().get("cards", []):
            _harmless(card)


@check("C32", 82)
def a_card_says_whose_model_of_which_version_it_is(target: Target) -> None:
    said = " ".join(text for _, text in texts(target.card()))
    expect(re.search(r"\b\d+\.\d+(\.\d+)?\b", said), "a card without a version")


@check("C33", 84)
def a_card_about_a_score_says_how_old_its_data_are(target: Target) -> None:
    detail = target.card().get("detail", "")
    expect(re.search(r"\b\d+ (min|h|minutes|hours)\b", detail), "a detail without ages")


@check("C34", 3)
def links_tell_no_secret(target: Target) -> None:
    body = target.authorized(target.request())
    token = body["fhirAuthorization"]["access_token"]
    for card in target.call(body).json()["cards"]:
        for at, text in texts(card):
            expect(token not in text, f"the access token stands in {at}")
        for link in card.get("links", []):
            query = urlsplit(link.get("url", "")).query
            named = {name.lower() for name, _ in parse_qsl(query)}
            equal(named & {"access_token", "token", "name"}, set(), "parameters of a link")


def _harmless(card: Body) -> None:
    """Fail when a text from outside could be markup in a detail, or stands in any other field."""
    detail = card.get("detail", "")
    expect(not _TAG.search(detail), "HTML from outside in a detail")
    expect(not _LINK.search(detail), "a link from outside in a detail")
    for at, text in texts({name: value for name, value in card.items() if name != "detail"}):
        expect(not any(mark in text and "<" in text for mark in _MARKS), f"markup in {at}")
        if at.endswith((".url", ".uuid", ".type", ".indicator")):
            expect(not any(mark in text for mark in _MARKS), f"a text from outside in {at}")
