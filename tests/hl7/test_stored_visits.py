"""What events of a visit leave in the FHIR server, one after the other. All data are synthetic."""

import pytest
from tests.hl7.feeds import A, B, adt, at, pid, pv1, stored

from wherry.resource import Resource
from wherry.testing.hl7 import segment


def visit_after(*events: tuple[str, dict[int, str]]) -> Resource:
    """The visit after these events, an hour apart from 8 o'clock on."""
    feed = [adt(event, 8 + n, pid(), pv1(said)) for n, (event, said) in enumerate(events)]
    (found,) = stored(*feed).all("Encounter")
    return found


def stays(visit: Resource) -> list[tuple[str, str, dict[str, str]]]:
    return [
        (one["location"]["display"], one["status"], one.get("period", {}))
        for one in visit.get("location", ())
    ]


@pytest.mark.parametrize(
    ("events", "status"),
    [
        (("A05", "A01"), "in-progress"),
        (("A14",), "planned"),
        (("A14", "A27"), "cancelled"),
        (("A05", "A38"), "cancelled"),
        (("A01", "A11"), "cancelled"),
        (("A01", "A08"), "in-progress"),
        (("A01", "A21"), "onleave"),
        (("A01", "A21", "A08"), "onleave"),
        (("A01", "A21", "A16"), "onleave"),
        (("A01", "A21", "A22"), "in-progress"),
        (("A01", "A16", "A25"), "in-progress"),
        (("A01", "A03"), "finished"),
        (("A01", "A03", "A08"), "finished"),
        (("A01", "A03", "A13"), "in-progress"),
        (("A01", "A23"), "entered-in-error"),
        (("A01", "A03", "A54"), "finished"),
        (("A01", "A15", "A26"), "in-progress"),
    ],
)
def test_the_status_follows_the_events(events: tuple[str, ...], status: str) -> None:
    assert visit_after(*((event, {}) for event in events))["status"] == status


def test_a_cancelled_discharge_has_no_end_and_the_bed_is_taken_again() -> None:
    visit = visit_after(("A01", {3: "W^1"}), ("A03", {3: "W^1"}), ("A13", {3: "W^1"}))

    assert visit["period"] == {"start": at(8)}
    assert stays(visit) == [("W 1", "active", {"start": at(8)})]


def test_a_cancelled_discharge_that_repeats_its_time_is_no_discharge() -> None:
    end = {45: "20260105090000+0000"}

    visit = visit_after(("A01", {}), ("A03", end), ("A13", end))

    assert (visit["status"], "end" in visit["period"]) == ("in-progress", False)


def test_a_cancelled_transfer_leaves_the_first_bed_as_it_was() -> None:
    visit = visit_after(
        ("A01", {3: "W^1"}), ("A02", {3: "W^2", 6: "W^1"}), ("A12", {3: "W^1", 6: "W^2"})
    )

    assert stays(visit) == [("W 1", "active", {"start": at(8)})]


def test_a_pending_place_is_kept_beside_the_bed_until_it_is_cancelled_or_taken() -> None:
    admitted, pending = ("A01", {3: "W^1"}), ("A15", {3: "W^1", 42: "W^2"})

    waiting = visit_after(admitted, pending)
    cancelled = visit_after(admitted, pending, ("A26", {3: "W^1", 42: "W^2"}))
    moved = visit_after(admitted, pending, ("A02", {3: "W^2", 6: "W^1"}))

    bed = ("W 1", "active", {"start": at(8)})
    assert stays(waiting) == [bed, ("W 2", "reserved", {})]
    assert stays(cancelled) == [bed]
    assert stays(moved) == [
        ("W 1", "completed", {"start": at(8), "end": at(10)}),
        ("W 2", "active", {"start": at(10)}),
    ]


def test_a_place_for_a_while_does_not_end_the_stay_in_the_bed() -> None:
    visit = visit_after(
        ("A01", {3: "W^1"}), ("A09", {3: "W^1", 11: "XRAY"}), ("A10", {3: "W^1", 43: "XRAY"})
    )

    assert stays(visit) == [("W 1", "active", {"start": at(8)}), ("XRAY", "completed", {})]


def test_a_change_of_class_is_kept_in_the_history_with_its_time() -> None:
    visit = visit_after(("A04", {2: "E"}), ("A06", {2: "I"}), ("A07", {2: "O"}))

    assert visit["class"]["code"] == "AMB"
    assert [(one["class"]["code"], one["period"]) for one in visit["classHistory"]] == [
        ("EMER", {"start": at(8), "end": at(9)}),
        ("IMP", {"start": at(9), "end": at(10)}),
        ("AMB", {"start": at(10)}),
    ]


def test_two_patients_who_swap_beds_each_keep_their_own_history() -> None:
    fhir = stored(
        adt("A01", 8, pid(A), pv1({3: "W^1"}, "V1")),
        adt("A01", 9, pid(B), pv1({3: "W^2"}, "V2")),
        adt("A17", 10, pid(A), pv1({3: "W^2"}, "V1"), pid(B), pv1({3: "W^1"}, "V2")),
    )

    first, second = fhir.all("Encounter")
    assert [(place, status) for place, status, _ in stays(first)] == [
        ("W 1", "completed"),
        ("W 2", "active"),
    ]
    assert stays(second)[-1] == ("W 1", "active", {"start": at(10)})
    assert first["subject"] != second["subject"]


def test_an_attending_doctor_is_replaced_and_the_change_can_be_cancelled() -> None:
    before, after = {7: "11^One"}, {7: "12^Two"}

    changed = visit_after(("A01", before), ("A54", after))
    cancelled = visit_after(("A01", before), ("A54", after), ("A55", before))

    assert [one["individual"]["display"] for one in changed["participant"]] == ["Two"]
    assert [one["individual"]["display"] for one in cancelled["participant"]] == ["One"]


@pytest.mark.parametrize("event", ["A28", "A31"])
def test_a_person_without_a_visit_has_none_made_up(event: str) -> None:
    fhir = stored(adt(event, 8, pid(), segment("PV1", {2: "N"})))

    assert (len(fhir.all("Patient")), fhir.all("Encounter")) == (1, [])


def test_a_deleted_person_is_inactive_and_comes_back_with_the_next_admission() -> None:
    feed = [adt("A28", 8, pid()), adt("A29", 9, pid(), pv1()), adt("A08", 10, pid(), pv1())]

    deleted = stored(*feed).all("Patient")
    back = stored(*feed, adt("A01", 11, pid(), pv1())).all("Patient")

    assert [one["active"] for one in deleted] == [False]
    assert ["active" in one for one in back] == [False]
