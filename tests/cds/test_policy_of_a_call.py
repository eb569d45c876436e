"""What the policy does to the answers of real calls, over real tables. All data are synthetic."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from wherry.adapters.clock import new_id
from wherry.adapters.sql import make_engine
from wherry.errors import Failure, Kind
from wherry_cds.board.sql import SqlBoard
from wherry_cds.board.switches_sql import put_back, throw
from wherry_cds.clients.client import LOCAL
from wherry_cds.migrate import upgrade
from wherry_cds.policy.policy import Policies, ServicePolicy, TenantPolicy
from wherry_cds.rules.score import Predicted, Refused, Scored

Body = dict[str, Any]
STRICT = Policies(version=1)


def policies(**changes: Any) -> Policies:
    """The defaults for everybody, with these changes."""
    return Policies(version=1, default=TenantPolicy(default=ServicePolicy(**changes)))


@pytest.fixture
def board(tmp_path: Path) -> SqlBoard:
    url = f"sqlite:///{tmp_path}/cds.db"
    upgrade(url)
    return SqlBoard(make_engine(url))


@pytest.fixture
def serve(build: Callable[..., Any], board: SqlBoard) -> Callable[..., Any]:
    """A service over real tables, with the default policy for everybody."""

    def made(answer: Any = None, **changes: Any) -> Any:
        given = {"policies": STRICT, "board": board, "new_id": new_id, **changes}
        return build(answer, **given)

    return made


def rules(board: SqlBoard) -> list[tuple[bool, str]]:
    return [(row.shown, row.rule) for row in board.rows(LOCAL.tenant, after=0, limit=99)]


def test_the_same_card_is_shown_once_and_the_second_decision_is_a_row(
    serve: Any, board: SqlBoard, request_body: Body
) -> None:
    world = serve()

    first, second = world.call(request_body), world.call(request_body)

    assert [len(one.get_json()["cards"]) for one in (first, second)] == [1, 0]
    assert (second.status_code, second.get_json()) == (200, {"cards": []})
    assert rules(board) == [(True, "first-crossing"), (False, "within-repeat-window")]


def test_another_stay_sees_the_card_again(serve: Any, board: SqlBoard, request_body: Body) -> None:
    world = serve()
    world.call(request_body)
    request_body["context"]["encounterId"] = "e-2"

    assert world.call(request_body).get_json()["cards"]
    assert rules(board)[-1] == (True, "new-stay")


def test_a_row_names_the_score_the_model_and_the_policy(
    serve: Any, board: SqlBoard, request_body: Body, scored: Scored
) -> None:
    world = serve(replace(scored, record="5e0b7e2e-0000-4000-8000-000000000001"))
    card = world.call(request_body).get_json()["cards"][0]

    row = board.rows(LOCAL.tenant, after=0, limit=9)[0]

    assert (row.about.card, row.amount, row.level.word) == (card["uuid"], 0.45, "critical")
    assert (row.about.model, row.about.version) == ("news2", "1.0.0")
    assert row.about.record == "5e0b7e2e-0000-4000-8000-000000000001"
    assert (len(row.policy), row.role, row.user) == (12, "clinician", "Practitioner/u-1")
    assert row.about.summary == card["summary"]


def test_a_low_score_needs_no_card(
    serve: Any, board: SqlBoard, request_body: Body, scored: Scored
) -> None:
    answer = serve(replace(scored, score=1, tier="low")).call(request_body)

    assert answer.get_json() == {"cards": []}
    assert rules(board) == [(False, "below-least-level")]


def test_a_low_score_with_gaps_is_shown(serve: Any, request_body: Body, with_gap: Scored) -> None:
    low = replace(with_gap, score=1, tier="low", at_most=4)

    assert serve(low).call(request_body).get_json()["cards"][0]["indicator"] == "info"


def test_no_score_is_a_card_or_nothing_by_policy_and_never_a_low_one(
    serve: Any, board: SqlBoard, request_body: Body
) -> None:
    refused = Refused("news2", "1.0.0", "missing_inputs", "No pulse.", (), "Supports.")

    card = serve(refused).call(request_body).get_json()["cards"][0]
    muted = serve(refused, policies=policies(refused="nothing")).call(request_body).get_json()

    assert "not calculated" in card["summary"]
    assert muted == {"cards": []}
    assert rules(board) == [(True, "refusal-told"), (False, "refusal-not-told")]
    assert {row.amount for row in board.rows(LOCAL.tenant, after=0, limit=9)} == {None}


def test_silent_mode_keeps_each_decision_and_shows_nothing(
    serve: Any, board: SqlBoard, request_body: Body
) -> None:
    world = serve(policies=policies(mode="silent"))

    answers = [world.call(request_body).get_json() for _ in range(2)]

    assert answers == [{"cards": []}] * 2
    assert rules(board) == [(False, "silent-mode"), (False, "within-repeat-window")]


@pytest.mark.parametrize("how", ["policy", "setting", "switch"])
def test_what_is_switched_off_is_a_503_and_a_row(
    serve: Any, board: SqlBoard, request_body: Body, now: Any, *, tmp_path: Path, how: str
) -> None:
    if how == "switch":
        engine = make_engine(f"sqlite:///{tmp_path}/cds.db")
        throw(engine, LOCAL.tenant, "early-warning", who="ops", reason="too many", at=now)
    world = serve(
        policies=policies(mode="off") if how == "policy" else STRICT,
        off=frozenset({"early-warning"} if how == "setting" else ()),
    )

    answer = world.call(request_body)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert rules(board) == [(False, "switched-off")]
    assert world.scorer.asked == []
    if how == "switch":
        assert put_back(engine, LOCAL.tenant, "early-warning", who="ops", at=now)
        assert world.call(request_body).get_json()["cards"]


def test_switched_off_may_be_no_cards_by_policy(serve: Any, request_body: Body) -> None:
    world = serve(policies=policies(mode="off", when_off="nothing"))

    assert world.call(request_body).get_json() == {"cards": []}


def test_a_decision_that_cannot_be_kept_is_no_answer(
    build: Any, board: SqlBoard, request_body: Body
) -> None:
    class Full:
        def switched_off(self, tenant: str, service: str) -> bool:
            return False

        def judge(self, *_: object) -> None:
            raise Failure(Kind.UNAVAILABLE, "the database is not available")

        def ping(self) -> None:
            return

    assert build(board=Full()).call(request_body).status_code == 503


def test_the_sandbox_shows_every_look_and_a_low_score_too(
    build: Any, board: SqlBoard, request_body: Body, scored: Scored
) -> None:
    world = build(replace(scored, score=0, tier="low"), board=board)

    looks = [world.call(request_body).get_json()["cards"] for _ in range(3)]

    assert [[card["indicator"] for card in cards] for cards in looks] == [["info"]] * 3


def test_a_model_of_the_policy_is_asked(serve: Any, request_body: Body, predicted: Any) -> None:
    world = serve(predicted, policies=policies(model="sepsis-6h", not_validated="sepsis-6h"))
    request_body["prefetch"]["laboratory"] = None

    world.call(request_body, service="deterioration")

    assert world.scorer.models == ["sepsis-6h"]


def test_what_is_off_by_default_is_refused(serve: Any, request_body: Body) -> None:
    answer = serve().call({**request_body, "hook": "order-sign"}, service="order-risk")

    assert answer.status_code == 403


def test_drafts_are_offered_where_the_policy_says_so(
    serve: Any, request_body: Body, predicted: Predicted
) -> None:
    request_body["prefetch"]["laboratory"] = None
    asking = policies(suggestions=("clinical-review",))

    plain = serve(predicted).call(request_body, service="deterioration").get_json()["cards"][0]
    request_body["context"]["encounterId"] = "e-9"
    offering = serve(predicted, policies=asking)
    card = offering.call(request_body, service="deterioration").get_json()["cards"][0]

    assert not plain.keys() & {"suggestions", "selectionBehavior"}
    assert card["selectionBehavior"] == "any"
    assert card["suggestions"][0]["actions"][0]["resource"] == {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "proposal",
        "priority": "urgent",
        "code": {"text": "Review at the bedside by a clinician of the treating team"},
        "subject": {"reference": "Patient/p-1"},
        "encounter": {"reference": "Encounter/e-9"},
        "requester": {"reference": "Practitioner/u-1"},
    }


def test_a_snooze_on_the_wider_card_holds_for_the_one_inside_it(
    serve: Any, board: SqlBoard, request_body: Body, predicted: Predicted, scored: Scored
) -> None:
    request_body["prefetch"]["laboratory"] = None
    world = serve(predicted)
    card = world.call(request_body, service="deterioration").get_json()["cards"][0]
    said = {
        "card": card["uuid"],
        "outcome": "overridden",
        "overrideReason": {"reason": {"code": "action-completed", "system": "urn:x"}},
        "outcomeTimestamp": "2026-03-01T12:00:00Z",
    }
    world.call({"feedback": [said]}, service="deterioration/feedback")

    world.scorer.answer = scored
    assert world.call(request_body).get_json() == {"cards": []}
    assert rules(board)[-1] == (False, "snoozed")


def test_policies_that_fit_no_schema_are_told_where() -> None:
    with pytest.raises(msgspec.ValidationError, match="most_a_day"):
        msgspec.convert({"version": 1, "default": {"default": {"most_a_day": 0}}}, Policies)
