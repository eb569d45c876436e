"""Back-off: twice as long each time, spread, and never shorter than a server asked for."""

import pytest

from wherry.pausing import LONGEST_S, pause_s

TOKENS = [f"token-{n}" for n in range(200)]


@pytest.mark.parametrize(("attempts", "whole_s"), [(0, 1), (1, 2), (5, 32), (9, 300), (99, 300)])
def test_each_attempt_waits_between_half_of_twice_as_long_and_all_of_it(
    attempts: int, whole_s: float
) -> None:
    pauses = [pause_s(attempts, spread=token) for token in TOKENS]

    assert whole_s / 2 <= min(pauses) < whole_s * 0.55
    assert whole_s * 0.95 < max(pauses) <= whole_s


def test_what_failed_together_is_tried_together_again() -> None:
    assert pause_s(3, spread="token") == pause_s(3, spread="token")
    assert len({pause_s(3, spread=token) for token in TOKENS}) > 190


def test_a_server_that_asks_for_more_gets_it() -> None:
    assert pause_s(0, at_least_s=47.0, spread="token") == 47.0
    assert pause_s(9, at_least_s=2.0, spread="token") >= 150.0


def test_no_server_makes_a_message_wait_longer_than_the_longest_back_off() -> None:
    assert pause_s(0, at_least_s=1e9) == LONGEST_S
