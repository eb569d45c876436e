"""What the CDS service tells becomes the page's cards; the values are made up."""

from typing import Any

from wherry_smart.summary.cards import cards


def _decision(id_: str, at: str, **more: Any) -> dict[str, Any]:
    told = {"id": id_, "at": at, "service": "deterioration", "shown": True, "rule": "crossing"}
    return {**told, "level": "critical", "card": f"card-{id_}", "summary": "NEWS2 7", **more}


def test_the_newest_is_first_with_what_was_answered_to_it_and_what_rests() -> None:
    answer = {
        "decisions": [
            _decision("1", "2026-03-01T10:00:00Z"),
            _decision("2", "2026-03-01T11:00:00Z", shown=False, rule="snoozed", card=None),
        ],
        "feedback": [
            {
                "card": "card-1",
                "outcome": "overridden",
                "reason": {"code": "known"},
                "at": "2026-03-01T10:05:00Z",
            }
        ],
        "snoozes": [
            {"service": "deterioration", "until": "2026-03-01T13:00:00Z", "holds": True},
            {"service": "readmission", "until": "2026-03-01T13:00:00Z", "holds": False},
        ],
    }

    newest, oldest = cards(answer)

    assert (newest["id"], newest["shown"], newest["why"]) == ("2", False, "snoozed")
    assert newest["override"] is None
    assert oldest["override"] == {"reason": "known", "at": "2026-03-01T10:05:00Z"}
    assert newest["snoozed_until"] == "2026-03-01T13:00:00Z"


def test_a_card_that_was_accepted_is_no_override() -> None:
    told = {"card": "card-1", "outcome": "accepted", "at": "2026-03-01T10:05:00Z"}
    answer = {"decisions": [_decision("1", "2026-03-01T10:00:00Z")], "feedback": [told]}

    assert cards(answer)[0]["override"] is None


def test_an_answer_without_lists_has_no_cards() -> None:
    assert cards({"decisions": "none"}) == []
