"""What a clinician does with a card: suggestions, dismissals; what a service asks for itself."""

from typing import Any

import pytest

from wherry_ehr.chart.suggestions import actions

PROBLEM = {
    "resourceType": "Condition",
    "code": {"text": "Sepsis"},
    "subject": {"reference": "Patient/p-1"},
}
CREATE = {"type": "create", "description": "Add the problem", "resource": PROBLEM}
SUGGESTION = {"label": "Add sepsis", "uuid": "s-1", "actions": [CREATE]}
CARD = {
    "uuid": "c-1",
    "summary": "Sepsis?",
    "indicator": "warning",
    "source": {"label": "Test"},
    "suggestions": [SUGGESTION],
    "selectionBehavior": "at-most-one",
    "overrideReasons": [{"code": "seen", "system": "urn:x", "display": "Seen already"}],
}


def _opened(sandbox: Any, made: Any, answer: Any) -> str:
    """The address of the card of an opened chart."""
    sandbox.put(made.patient())
    sandbox.cds.answer = answer
    page = sandbox.parsed("/chart/p-1")
    actions = [str(attrs["action"]) for tag, attrs in page.tags if tag == "form"]
    return next(each for each in actions if "/cards/" in each or "/wishes/" in each).rpartition(
        "/"
    )[0]


def _conditions(sandbox: Any) -> int:
    return int(sandbox.client.get("/fhir/Condition?_summary=count").get_json()["total"])


def test_a_suggestion_is_carried_out_after_confirmation_only(sandbox: Any, made: Any) -> None:
    card = _opened(sandbox, made, {"cards": [CARD]})

    asked = sandbox.post(f"{card}/take", suggestion="0")

    assert (asked.status_code, _conditions(sandbox), sandbox.cds.feedback) == (200, 0, [])
    assert "Add the problem" in asked.get_data(as_text=True)
    assert "&#34;Sepsis&#34;" in asked.get_data(as_text=True)

    done = sandbox.post(f"{card}/take", suggestion="0", confirm="yes")

    assert (done.status_code, _conditions(sandbox)) == (303, 1)
    assert sandbox.cds.feedback == [
        {
            "feedback": [
                {
                    "card": "c-1",
                    "outcome": "accepted",
                    "acceptedSuggestions": [{"id": "s-1"}],
                    "outcomeTimestamp": "2026-03-01T12:00:00.000Z",
                }
            ]
        }
    ]
    assert "accepted; the service was told" in sandbox.page(done.location)


def test_at_most_one_suggestion_is_taken_and_none_twice(sandbox: Any, made: Any) -> None:
    other = {**SUGGESTION, "uuid": "s-2"}
    card = _opened(sandbox, made, {"cards": [{**CARD, "suggestions": [SUGGESTION, other]}]})
    sandbox.post(f"{card}/take", suggestion="0", confirm="yes")

    again = [sandbox.post(f"{card}/take", suggestion=n, confirm="yes") for n in ("0", "1")]

    assert [answer.status_code for answer in again] == [409, 409]
    assert _conditions(sandbox) == 1


def test_of_several_suggestions_each_is_taken_once(sandbox: Any, made: Any) -> None:
    other = {**SUGGESTION, "uuid": "s-2"}
    several = {**CARD, "suggestions": [SUGGESTION, other], "selectionBehavior": "any"}
    card = _opened(sandbox, made, {"cards": [several]})

    statuses = [
        sandbox.post(f"{card}/take", suggestion=n, confirm="yes").status_code
        for n in ("0", "1", "0", "1")
    ]

    assert (statuses, _conditions(sandbox)) == ([303, 303, 409, 409], 2)
    accepted = [one["feedback"][0]["acceptedSuggestions"] for one in sandbox.cds.feedback]
    assert accepted == [[{"id": "s-1"}], [{"id": "s-2"}]]


def test_a_suggestion_without_uuid_is_carried_out_once_and_not_reported(
    sandbox: Any, made: Any
) -> None:
    nameless = {"label": "Add sepsis", "actions": [CREATE]}
    card = _opened(sandbox, made, {"cards": [{**CARD, "suggestions": [nameless]}]})

    done = sandbox.post(f"{card}/take", suggestion="0", confirm="yes")
    again = sandbox.post(f"{card}/take", suggestion="0", confirm="yes")

    assert (done.status_code, again.status_code, _conditions(sandbox)) == (303, 409, 1)
    assert sandbox.cds.feedback == []
    assert "carried out; the service was not told" in sandbox.page(done.location)


def test_updates_and_deletions_go_through_the_fhir_api_together(sandbox: Any, made: Any) -> None:
    pulse = made.observation("o-1", "vital-signs", "Pulse", valueString="x")
    sandbox.put(made.patient("p-1"), pulse, {**PROBLEM, "id": "old"})
    changed = {**pulse, "status": "amended"}
    card = {
        **CARD,
        "suggestions": [
            {
                "label": "Both",
                "uuid": "s-1",
                "actions": [
                    {"type": "update", "description": "Amend", "resource": changed},
                    {"type": "delete", "description": "Drop", "resourceId": "Condition/old"},
                ],
            }
        ],
    }
    sandbox.cds.answer = {"cards": [card]}
    page = sandbox.parsed("/chart/p-1")
    (take,) = [attrs["action"] for tag, attrs in page.tags if "take" in str(attrs.get("action"))]

    sandbox.post(take, suggestion="0", confirm="yes")

    assert sandbox.client.get("/fhir/Observation/o-1").get_json()["status"] == "amended"
    assert sandbox.client.get("/fhir/Condition/old").status_code == 410


@pytest.mark.parametrize(
    ("action", "status"),
    [
        (
            {**CREATE, "resource": {**PROBLEM, "subject": {"reference": "Patient/p-2"}}},
            403,
        ),
        ({**CREATE, "resource": {"resourceType": "Condition"}}, 422),
        ({**CREATE, "resource": {"resourceType": "Nonsense"}}, 400),
        ({"type": "delete", "description": "x", "resourceId": "Condition/theirs"}, 404),
        ({"type": "delete", "description": "x", "resourceId": "Condition?code=x"}, 422),
        ({"type": "replace", "description": "x"}, 422),
        ({"type": "update", "description": "x", "resource": PROBLEM}, 422),
    ],
)
def test_what_goes_beyond_this_patient_or_is_not_valid_changes_nothing_and_is_not_reported(
    sandbox: Any, made: Any, action: Any, status: int
) -> None:
    theirs = {**PROBLEM, "id": "theirs", "subject": {"reference": "Patient/p-2"}}
    sandbox.put(made.patient("p-2"), theirs)
    both = {**CARD, "suggestions": [{**SUGGESTION, "actions": [CREATE, action]}]}
    card = _opened(sandbox, made, {"cards": [both]})

    answer = sandbox.post(f"{card}/take", suggestion="0", confirm="yes")

    assert (answer.status_code, _conditions(sandbox)) == (status, 1)
    assert sandbox.cds.feedback == []


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({}, None),
        (
            {"reason": "seen"},
            {"reason": {"code": "seen", "system": "urn:x", "display": "Seen already"}},
        ),
        ({"comment": " later "}, {"userComment": "later"}),
    ],
)
def test_a_card_is_dismissed_with_a_reason_or_without(
    sandbox: Any, made: Any, form: dict[str, str], why: Any
) -> None:
    card = _opened(sandbox, made, {"cards": [CARD]})

    answer = sandbox.post(f"{card}/dismiss", **form)

    (item,) = sandbox.cds.feedback[0]["feedback"]
    assert (item["card"], item["outcome"], item.get("overrideReason")) == ("c-1", "overridden", why)
    assert item["outcomeTimestamp"] == "2026-03-01T12:00:00.000Z"
    assert "overridden; the service was told" in sandbox.page(answer.location)


def test_feedback_that_the_service_does_not_take_is_shown_as_such(sandbox: Any, made: Any) -> None:
    card = _opened(sandbox, made, {"cards": [CARD]})
    sandbox.cds.feedback_status = 404

    answer = sandbox.post(f"{card}/dismiss")

    assert "did not take the feedback: it answered 404" in sandbox.page(answer.location)


@pytest.mark.parametrize("form", [{"reason": "other"}, {"comment": "x" * 501}])
def test_a_dismissal_that_makes_no_sense_is_refused(
    sandbox: Any, made: Any, form: dict[str, str]
) -> None:
    card = _opened(sandbox, made, {"cards": [CARD]})

    assert sandbox.post(f"{card}/dismiss", **form).status_code == 400
    assert sandbox.cds.feedback == []


def test_a_card_without_uuid_is_not_dismissed_and_says_why(sandbox: Any, made: Any) -> None:
    sandbox.put(made.patient())
    sandbox.cds.answer = {"cards": [{**CARD, "uuid": ""}]}

    page = sandbox.page("/chart/p-1")

    assert "has no uuid" in page
    assert "Dismiss this card" not in page


def test_system_actions_are_shown_and_done_only_when_confirmed(sandbox: Any, made: Any) -> None:
    sandbox.put(made.patient())
    sandbox.cds.answer = {"cards": [], "systemActions": [CREATE]}
    page = sandbox.parsed("/chart/p-1")
    (wish,) = [a["action"] for tag, a in page.tags if "wishes" in str(a.get("action"))]

    assert _conditions(sandbox) == 0
    shown = sandbox.post(wish)
    assert (shown.status_code, _conditions(sandbox)) == (200, 0)

    done = sandbox.post(wish, confirm="yes")
    again = sandbox.post(wish, confirm="yes")

    assert (done.status_code, again.status_code) == (303, 409)
    assert (_conditions(sandbox), sandbox.cds.feedback) == (1, [])
    assert "carried out; the service was not told" in sandbox.page(done.location)


def test_cards_of_another_session_or_patient_are_not_answered(sandbox: Any, made: Any) -> None:
    sandbox.put(made.patient("p-2"))
    card = _opened(sandbox, made, {"cards": [CARD]})
    other = sandbox.client.application.test_client()
    other.post("/chart/_session", data={"clinician": "sandbox-clinician-2"})

    answers = [
        other.post(f"{card}/dismiss"),
        sandbox.post(f"{card.replace('p-1', 'p-2')}/dismiss"),
        sandbox.client.application.test_client().post(f"{card}/dismiss"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 401]
    assert sandbox.cds.feedback == []


def test_hostile_words_of_a_suggestion_are_shown_and_do_nothing(sandbox: Any, made: Any) -> None:
    evil = "<script>alert(1)</script>"
    one = {"label": evil, "actions": [{**CREATE, "description": evil, "resource": PROBLEM}]}
    card = _opened(sandbox, made, {"cards": [{**CARD, "suggestions": [one]}]})

    page = sandbox.post(f"{card}/take", suggestion="0").get_data(as_text=True)

    assert evil not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.parametrize("listed", [None, {}, "x", [None], [{"type": 5}], [{"resource": []}]])
def test_actions_that_make_no_sense_are_never_left_out_in_silence(listed: Any) -> None:
    found = actions(listed)

    assert len(found) == (len(listed) if isinstance(listed, list) else 0)
    assert all(one.trouble for one in found)
