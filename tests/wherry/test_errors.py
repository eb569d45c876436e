import pytest

from wherry.errors import Failure, Kind

FHIR_ISSUE_TYPES = {
    "invalid",
    "login",
    "forbidden",
    "not-found",
    "deleted",
    "conflict",
    "too-long",
    "not-supported",
    "processing",
    "exception",
    "transient",
    "timeout",
}


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_an_answer_for_each_edge(kind: Kind) -> None:
    assert 400 <= kind.http <= 599
    assert kind.issue in FHIR_ISSUE_TYPES
    assert kind.ack in {"AE", "AR"}


def test_only_failures_that_may_pass_are_tried_again() -> None:
    again = {kind for kind in Kind if kind.again}

    assert again == {Kind.CONFLICT, Kind.STALE, Kind.UNAVAILABLE, Kind.UNCERTAIN}


def test_a_failure_says_what_and_where() -> None:
    failure = Failure(Kind.INVALID, "not a number", at="OBX-5")

    assert str(failure) == "invalid at OBX-5: not a number"
