"""What `Changes` promises, on the fake, SQLite and PostgreSQL."""

from wherry.ports import Changes

FOREVER_S = 3600.0


def due(changes: Changes, *, quiet_s: float = 0, lease_s: float = FOREVER_S) -> dict[str, int]:
    return dict(changes.due(owner="risk", limit=10, quiet_s=quiet_s, lease_s=lease_s))


def test_many_marks_are_one_look(changes: Changes) -> None:
    changes.mark(["b", "a", "b"])
    changes.mark(["a"])

    assert (changes.waiting(), sorted(due(changes))) == (2, ["a", "b"])


def test_marking_nobody_is_nothing(changes: Changes) -> None:
    changes.mark([])

    assert (changes.waiting(), due(changes)) == (0, {})


def test_a_patient_who_just_changed_is_left_to_settle(changes: Changes) -> None:
    changes.mark(["a"])

    assert (due(changes, quiet_s=FOREVER_S), changes.waiting()) == ({}, 1)


def test_a_lent_patient_is_not_lent_twice(changes: Changes) -> None:
    changes.mark(["a"])
    due(changes)

    assert (due(changes), changes.waiting()) == ({}, 1)


def test_those_who_wait_longest_come_first_and_no_more_than_the_limit(changes: Changes) -> None:
    # a database may tell the time in milliseconds: the marks in between take longer than one
    for patient_id in ("b", *["z"] * 30, "a"):
        changes.mark([patient_id])
    changes.mark(["b"])

    lent = changes.due(owner="risk", limit=2, quiet_s=0, lease_s=FOREVER_S)

    assert [patient_id for patient_id, _ in lent] == ["b", "z"]


def test_a_patient_looked_at_is_forgotten(changes: Changes) -> None:
    changes.mark(["a", "b"])

    changes.settle(list(due(changes).items()))

    assert (changes.waiting(), due(changes)) == (0, {})


def test_a_mark_during_the_look_asks_for_another_at_once(changes: Changes) -> None:
    changes.mark(["a", "b"])
    lent = due(changes)
    changes.mark(["a"])

    changes.settle(list(lent.items()))

    again = due(changes)
    assert list(again) == ["a"]
    assert again["a"] != lent["a"]


def test_a_dead_workers_patient_is_lent_again(changes: Changes) -> None:
    changes.mark(["a"])
    lent = due(changes, lease_s=0)

    assert due(changes) == lent


def test_a_late_settlement_does_not_forget_a_newer_mark(changes: Changes) -> None:
    changes.mark(["a"])
    late = due(changes, lease_s=0)
    changes.settle(list(due(changes).items()))  # another worker took over and finished
    changes.mark(["a"])

    changes.settle(list(late.items()))

    assert changes.waiting() == 1
