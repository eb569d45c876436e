"""What `Changes` promises about patients who could not be looked at: paced, kept, sent back."""

from datetime import UTC

from wherry.ports import Changes, ChangesDesk, State

FOREVER_S = 3600.0
AT_ONCE = (0.0,)


def due(changes: Changes) -> list[tuple[str, int]]:
    return changes.due(owner="risk", limit=10, quiet_s=0, lease_s=FOREVER_S)


def worn_out(changes: Changes, patient_id: str, *, pauses: tuple[float, ...] = ()) -> None:
    """Mark a patient and fail until they are aside."""
    changes.mark([patient_id])
    for _ in range(len(pauses) + 1):
        (lent,) = due(changes)
        changes.put_off(lent, reason="fault: ZeroDivisionError", pauses=pauses)


def test_a_patient_put_off_is_not_lent_before_the_pause_is_over(changes: Changes) -> None:
    changes.mark(["a"])
    (lent,) = due(changes)

    aside = changes.put_off(lent, reason="fault", pauses=[FOREVER_S])

    assert (aside, due(changes), changes.waiting()) == (False, [], 1)


def test_a_patient_put_off_is_lent_again_after_the_pause(changes: Changes) -> None:
    changes.mark(["a"])
    lent = due(changes)

    changes.put_off(lent[0], reason="fault", pauses=AT_ONCE)

    assert due(changes) == lent


def test_each_attempt_has_its_own_pause(changes: Changes) -> None:
    changes.mark(["a"])
    for pauses in ([0.0, FOREVER_S], [0.0, FOREVER_S]):
        (lent,) = due(changes)
        changes.put_off(lent, reason="fault", pauses=pauses)

    assert (due(changes), changes.waiting()) == ([], 1)


def test_after_the_last_pause_a_patient_is_kept_aside_and_seen(
    changes: Changes, changes_desk: ChangesDesk
) -> None:
    worn_out(changes, "a", pauses=(0.0, 0.0))
    changes.mark(["b"])

    (seen,) = changes_desk.aside()

    assert (seen.patient_id, seen.reason, seen.attempts) == ("a", "fault: ZeroDivisionError", 3)
    assert changes_desk.counts() == {State.WAITING: 1, State.ASIDE: 1}
    assert (changes.waiting(), [patient_id for patient_id, _ in due(changes)]) == (1, ["b"])


def test_the_time_of_the_last_attempt_is_in_utc(
    changes: Changes, changes_desk: ChangesDesk
) -> None:
    changes.mark(["a"])
    (lent,) = due(changes)

    assert changes.put_off(lent, reason="fault", pauses=())
    (seen,) = changes_desk.aside()
    assert seen.tried_at.tzinfo is UTC


def test_nobody_is_aside_at_first(changes_desk: ChangesDesk) -> None:
    assert (changes_desk.aside(), changes_desk.counts(), changes_desk.requeue(["a"])) == (
        [],
        {State.WAITING: 0, State.ASIDE: 0},
        0,
    )


def test_those_aside_are_listed_page_by_page(changes: Changes, changes_desk: ChangesDesk) -> None:
    for patient_id in ("c", "a", "b"):
        worn_out(changes, patient_id)

    first = changes_desk.aside(limit=2)
    rest = changes_desk.aside(after=first[-1].patient_id, limit=2)

    assert [[one.patient_id for one in page] for page in (first, rest)] == [["a", "b"], ["c"]]


def test_who_is_sent_back_is_lent_again_with_all_attempts(
    changes: Changes, changes_desk: ChangesDesk
) -> None:
    worn_out(changes, "a", pauses=AT_ONCE)
    worn_out(changes, "b")

    count = changes_desk.requeue(["a", "a", "unknown"])

    (lent,) = due(changes)
    again = changes.put_off(lent, reason="fault", pauses=AT_ONCE)
    assert (count, lent[0], again) == (1, "a", False)
    assert [one.patient_id for one in changes_desk.aside()] == ["b"]


def test_only_who_is_aside_can_be_sent_back(changes: Changes, changes_desk: ChangesDesk) -> None:
    changes.mark(["a"])
    due(changes)

    assert (changes_desk.requeue(["a"]), due(changes)) == (0, [])


def test_news_of_a_patient_who_is_aside_asks_for_another_look(
    changes: Changes, changes_desk: ChangesDesk
) -> None:
    worn_out(changes, "a")

    changes.mark(["a"])

    assert (changes_desk.aside(), [patient_id for patient_id, _ in due(changes)]) == ([], ["a"])


def test_news_does_not_cut_the_last_pause_short(changes: Changes) -> None:
    changes.mark(["a"])
    for pauses in ([0.0], [FOREVER_S]):
        (lent,) = due(changes)
        changes.put_off(lent, reason="fault", pauses=pauses)
    changes.mark(["a"])

    assert (due(changes), changes.waiting()) == ([], 1)


def test_who_changed_during_the_last_attempt_is_not_set_aside(
    changes: Changes, changes_desk: ChangesDesk
) -> None:
    changes.mark(["a"])
    (lent,) = due(changes)
    changes.mark(["a"])

    aside = changes.put_off(lent, reason="fault", pauses=())

    assert (aside, changes_desk.aside(), changes.waiting()) == (False, [], 1)


def test_a_look_that_went_well_forgets_earlier_failures(
    changes: Changes, changes_desk: ChangesDesk
) -> None:
    changes.mark(["a"])
    (lent,) = due(changes)
    changes.put_off(lent, reason="fault", pauses=AT_ONCE)
    (lent,) = due(changes)
    changes.mark(["a"])
    changes.settle([lent])

    (lent,) = due(changes)
    aside = changes.put_off(lent, reason="fault", pauses=AT_ONCE)

    assert (aside, changes_desk.aside()) == (False, [])


def test_a_patient_whom_another_worker_finished_is_not_put_off(
    changes: Changes, changes_desk: ChangesDesk
) -> None:
    changes.mark(["a"])
    (late,) = changes.due(owner="risk", limit=1, quiet_s=0, lease_s=0)
    changes.settle(due(changes))

    aside = changes.put_off(late, reason="fault", pauses=())

    assert (aside, changes_desk.counts()[State.WAITING]) == (False, 0)


def test_a_reason_of_any_length_is_kept_as_far_as_it_goes(
    changes: Changes, changes_desk: ChangesDesk
) -> None:
    changes.mark(["a"])
    (lent,) = due(changes)

    changes.put_off(lent, reason="x" * 300, pauses=())

    assert changes_desk.aside()[0].reason == "x" * 255
