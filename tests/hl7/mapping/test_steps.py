"""Of the steps of a map those are run whose sources were sent."""

from typing import Any

from wherry_hl7.mapping.steps import Sources, Steps


def _named(name: str) -> Any:
    return lambda source, out, at: out.append(name)


STEPS = Steps(
    (
        (Sources(), _named("always")),
        (Sources(frozenset({1})), _named("first")),
        (Sources(frozenset({2, 3})), _named("second or third")),
        (Sources(frozenset({1}), divided=True), _named("parts of the first")),
    )
)


def _ran(parts: list[str], *, divided: bool = True) -> list[str]:
    out: list[str] = []
    for step in STEPS.of(parts, divided=divided):
        step(None, out, None)  # type: ignore[arg-type]
    return out


def test_a_step_without_sources_always_runs() -> None:
    assert _ran(["whole"]) == ["always"]


def test_a_step_runs_where_any_of_its_sources_was_sent() -> None:
    assert _ran(["whole", "", "", "c"]) == ["always", "second or third"]


def test_a_step_for_subcomponents_runs_only_where_there_are_some() -> None:
    assert _ran(["whole", "a"], divided=False) == ["always", "first"]
    assert _ran(["whole", "a&b"]) == ["always", "first", "parts of the first"]


def test_a_shape_that_came_before_gives_the_same_steps() -> None:
    assert STEPS.of(["PID", "1"]) is STEPS.of(["PID", "2"])
