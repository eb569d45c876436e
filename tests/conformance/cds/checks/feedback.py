"""F: what became of a card, told afterwards."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import wraps
from typing import Any

from tests.conformance.cds.check import Ask, NotApplicable, among, check, equal, expect
from tests.conformance.cds.people import new_uuid
from tests.conformance.cds.target import Body, Target
from tests.conformance.cds.walk import empty, refused


def told(id_: str, *proves: int) -> Callable[[Ask], Ask]:
    """A check of servers that take feedback."""

    def register(ask: Ask) -> Ask:
        @wraps(ask)
        def asked(target: Target) -> None:
            if not target.takes_feedback:
                raise NotApplicable("no feedback is taken")
            ask(target)

        return check(id_, *proves)(asked)

    return register


_REASON = {"system": "urn:suite:reasons", "code": "because", "display": "Because"}


def _item(card: str, **changes: Any) -> Body:
    """A card that was set aside without a reason; None leaves a member out."""
    now = datetime.now(UTC).isoformat(timespec="seconds")  # noqa: TID251 - said by a client
    item = {
        "card": card,
        "outcome": "overridden",
        "outcomeTimestamp": now.replace("+00:00", "Z"),
        **changes,
    }
    return {name: value for name, value in item.items() if value is not None}


def _taken(target: Target, *items: Body, **more: Any) -> None:
    answer = target.tell(list(items), **more)
    equal(answer.status_code, 200, "good feedback")
    if answer.content:
        body = answer.json()
        expect(isinstance(body, dict), "an answer to feedback that is no object")
        equal([at for at in empty(body) if at], [], "empty elements")


def _stored(target: Target, card: str) -> list[Body]:
    if target.seam.feedback is None:
        raise NotApplicable("what is stored of feedback is not seen from outside")
    return list(target.seam.feedback(card))


def _accepted(target: Target, card: Body, **changes: Any) -> Body:
    suggestions = card.get("suggestions", [])
    id_ = suggestions[0]["uuid"] if suggestions else new_uuid()
    said = {"outcome": "accepted", "acceptedSuggestions": [{"id": id_}], **changes}
    return _item(card["uuid"], **said)


@told("F1", 148)
def an_accepted_suggestion_is_taken(target: Target) -> None:
    _taken(target, _accepted(target, target.card()))


@told("F2", 148)
def a_card_set_aside_without_a_word_is_taken(target: Target) -> None:
    _taken(target, _item(target.card()["uuid"]))


@told("F3", 148)
def a_reason_of_the_card_is_taken(target: Target) -> None:
    card = target.card()
    reason = card.get("overrideReasons", [_REASON])[0]
    _taken(target, _item(card["uuid"], overrideReason={"reason": reason}))
    bare = {name: value for name, value in reason.items() if name != "display"}
    _taken(target, _item(target.card()["uuid"], overrideReason={"reason": bare}))


@told("F4", 148)
def a_comment_alone_is_taken(target: Target) -> None:
    told = {"userComment": "made up by the suite"}
    _taken(target, _item(target.card()["uuid"], overrideReason=told))


@told("F5", 148)
def several_cards_at_once_are_taken(target: Target) -> None:
    _taken(target, *(_item(target.card()["uuid"]) for _ in range(3)))


@told("F6", 148)
def the_same_told_twice_counts_once(target: Target) -> None:
    item = _item(target.card()["uuid"])
    _taken(target, item)
    _taken(target, item)
    _taken(target, item, item)
    equal(len(_stored(target, item["card"])), 1, "what is stored of the same thing told again")


@told("F7", 76)
def accepted_names_what_was_accepted(target: Target) -> None:
    card = target.card()
    wrong: tuple[Any, ...] = (None, [], "text", [{}], [{"id": 7}], [{"id": ""}])
    for bad in wrong:
        refused(target.tell([_accepted(target, card, acceptedSuggestions=bad)]), 400)


@told("F8", 76)
def an_outcome_is_one_of_two(target: Target) -> None:
    card = target.card()["uuid"]
    for bad in (None, "", "ignored", 7, "ACCEPTED", ["accepted"]):
        refused(target.tell([_item(card, outcome=bad)]), 400, naming="outcome")


@told("F9", 76)
def a_time_is_needed_and_is_a_time(target: Target) -> None:
    card = target.card()["uuid"]
    for bad in (None, "", "yesterday", "2026-13-01T00:00:00Z", 7, "2026-03-01"):
        answer = target.tell([_item(card, outcomeTimestamp=bad)])
        refused(answer, 400, naming="outcomeTimestamp")


@told("F10", 76)
def feedback_is_a_list_in_an_object(target: Target) -> None:
    item = _item(target.card()["uuid"])
    lists: tuple[Any, ...] = ({"feedback": item}, {"feedback": []}, {"feedback": ["text"]})
    for bad in (item, [item], {}, *lists):
        refused(target.tell(bad, whole=True), 400)


@told("F11", 148)
def a_card_that_is_not_known_is_taken(target: Target) -> None:
    """Cards outlive what a service keeps; a client that is refused tries again."""
    _taken(target, _item(new_uuid()))


@told("F12", 148)
def what_was_told_is_kept(target: Target) -> None:
    card = target.card()
    _taken(target, _item(card["uuid"], overrideReason={"reason": _REASON}))
    held = _stored(target, card["uuid"])
    equal([one["outcome"] for one in held], ["overridden"], "what is stored")


@told("F13", 195)
def another_tenants_card_cannot_be_answered(target: Target) -> None:
    card = target.card()
    answer = target.tell([_item(card["uuid"])], sender=target.second)
    among(answer.status_code, (200, 403, 404), "feedback of another tenant")
    equal(list(_stored(target, card["uuid"])), [], "feedback of another tenant on this card")


@told("F14", 148)
def what_came_later_does_not_push_out_what_came_before(target: Target) -> None:
    card = target.card()
    now = datetime.now(UTC)  # noqa: TID251 - said by a client
    first = _accepted(target, card, outcomeTimestamp=_utc(now - timedelta(minutes=2)))
    _taken(target, first)
    _taken(target, _item(card["uuid"], outcomeTimestamp=_utc(now)))
    outcomes = [one["outcome"] for one in _stored(target, card["uuid"])]
    equal(outcomes, ["accepted", "overridden"], "the sequence")


@told("F15", 148)
def a_time_with_an_offset_is_taken(target: Target) -> None:
    zone = timezone(timedelta(hours=2))
    said = datetime.now(zone).isoformat(timespec="seconds")  # noqa: TID251 - as above
    _taken(target, _item(target.card()["uuid"], outcomeTimestamp=said))


@told("F16", 76)
def one_bad_item_is_named_by_its_place(target: Target) -> None:
    good = _item(target.card()["uuid"])
    answer = target.tell([good, _item(good["card"], outcome="ignored")])
    refused(answer, 400, naming="feedback[1]")


@told("F17", 76)
def feedback_to_an_unknown_service_is_404(target: Target) -> None:
    item = _item(new_uuid())
    refused(target.tell([item], service="no-such-service-of-anybody"), 404)


@told("F18", 176, 177)
def feedback_needs_a_token(target: Target) -> None:
    if not target.is_guarded:
        raise AssertionError("calls without a token are answered")
    url = f"{target.url(target.main['id'])}/feedback"
    body = {"feedback": [_item(new_uuid())]}
    equal(target.post(url, body, bearer="").status_code, 401, "feedback without a token")


def _utc(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
