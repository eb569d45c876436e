"""What a row of failures means is decided without a database."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from wherry.braking import FREE, Brake, Braking, Ended, Stage, eased, weigh

LIMIT = Braking(limit=3, first_pause_s=10, longest_pause_s=60)


def failed(*ids: int) -> list[Ended]:
    return [Ended(id_, failed=True, reason="invalid") for id_ in ids]


def good(id_: int) -> Ended:
    return Ended(id_, failed=False)


def on(at_s: float = 100.0) -> Brake:
    brake, _ = weigh(FREE, failed(1, 2, 3), LIMIT, at_s)
    return brake


def test_the_pause_between_trials_doubles_up_to_the_longest() -> None:
    brake, pauses = on(), []
    for id_ in range(4, 9):
        tried = replace(brake, probe_id=id_)
        brake, held = weigh(tried, failed(id_), LIMIT, 1000.0)
        pauses.append(brake.probe_at_s - 1000.0)
        assert not held

    assert pauses == [20, 40, 60, 60, 60]
    assert brake.in_a_row == 8


def test_no_second_trial_starts_while_one_is_under_way() -> None:
    brake = on(at_s=100.0)

    assert not brake.wants_probe(109.9)
    assert brake.wants_probe(110.0)
    assert not replace(brake, probe_id=4).wants_probe(1e9)


def test_while_it_is_on_only_the_trial_passes() -> None:
    brake = replace(on(), probe_id=4)

    assert [id_ for id_ in range(1, 7) if brake.passes(id_)] == [4]


def test_one_that_is_good_lets_go_whoever_had_it_in_hand() -> None:
    brake, held = weigh(on(), [*failed(4), good(5)], LIMIT, 200.0)

    assert (brake.stage, brake.in_a_row, held) == (Stage.EASING, 0, frozenset())


def test_a_sender_that_fails_again_while_it_eases_is_stopped_again() -> None:
    easing = Brake(Stage.EASING, let_through=9)

    brake, held = weigh(easing, failed(4, 5, 6, 7), LIMIT, 200.0)

    assert (brake.stage, brake.let_through, held) == (Stage.ON, 0, frozenset({7}))


def test_letting_go_of_what_was_not_held_forgets_the_count() -> None:
    assert eased(Brake(in_a_row=2, reason="invalid")) == FREE


@given(
    st.lists(st.lists(st.booleans(), min_size=1, max_size=9), max_size=9),
    st.integers(min_value=1, max_value=5),
)
def test_never_are_more_set_aside_in_a_row_than_the_limit_without_a_trial(
    claims: list[list[bool]], limit: int
) -> None:
    brake, next_id, aside_in_a_row = FREE, 1, 0
    for claim in claims:
        if brake.stage is Stage.ON:
            break
        ended = [Ended(next_id + n, is_bad, "x") for n, is_bad in enumerate(claim)]
        next_id += len(claim)
        brake, held = weigh(brake, ended, Braking(limit=limit), 0.0)
        for one in ended:
            aside_in_a_row = aside_in_a_row + (one.id not in held) if one.failed else 0
        assert aside_in_a_row >= brake.in_a_row
        assert all(one.failed for one in ended if one.id in held)
        assert (brake.stage is Stage.ON) == (brake.in_a_row == limit)
        assert brake.in_a_row <= limit
