"""What events of a visit leave in the FHIR server, one after the other. All data are synthetic."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from wherry.hl7.message import Message
from wherry.landing import Landed, land
from wherry.resource import Resource
from wherry.testing.fhir import FakeFhir
from wherry.testing.hl7 import message, segment
from wherry_hl7.translate import DEFAULT, translate

RECEIVED_AT = datetime(2026, 1, 5, 18, tzinfo=UTC)
A, B, C = (f"{name}^^^NORTH^MR" for name in ("7700001", "7700002", "7700003"))


def at(hour: int) -> str:
    return f"2026-01-05T{hour:02}:00:00+00:00"


def adt(event: str, hour: int, *segments: str) -> bytes:
    time = f"20260105{hour:02}0000+0000"
    return message(
        segment("EVN", {2: time}),
        *segments,
        kind=f"ADT^{event}",
        time=time,
        control_id=f"{event}-{hour}",
        application="ADTSYS",
    )


def pid(number: str = A, **more: str) -> str:
    return segment("PID", {3: number, **{int(n[1:]): text for n, text in more.items()}})


def pv1(fields: Mapping[int, str] | None = None, visit: str = "V1") -> str:
    return segment("PV1", {2: "I", 19: f"{visit}^^^NORTH", **(fields or {})})


def visit_after(*events: tuple[str, dict[int, str]]) -> Resource:
    """The visit after these events, an hour apart from 8 o'clock on."""
    feed = [adt(event, 8 + n, pid(), pv1(said)) for n, (event, said) in enumerate(events)]
    (found,) = stored(*feed).all("Encounter")
    return found


def stored(*bodies: bytes, fhir: FakeFhir | None = None) -> FakeFhir:
    fhir = fhir or FakeFhir()
    for body in bodies:
        made = translate(Message.parse(body), sender=DEFAULT, received_at=RECEIVED_AT)
        (landed,) = land([made], fhir)
        assert isinstance(landed, Landed)
    return fhir


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


def _named(fhir: FakeFhir, value: str) -> dict[str, Any]:
    (found,) = [
        one
        for one in fhir.all("Patient")
        if any(i["value"] == value and i.get("use") != "old" for i in one["identifier"])
    ]
    return found


@pytest.mark.parametrize("event", ["A18", "A30", "A34", "A36", "A39", "A40"])
def test_every_event_of_a_merge_moves_the_visit_to_the_survivor(event: str) -> None:
    fhir = stored(
        adt("A01", 8, pid(A), pv1()),
        adt(event, 9, pid(B), segment("MRG", {1: A})),
        adt("A03", 10, pid(A), pv1()),
    )

    old, new = _named(fhir, "7700001"), _named(fhir, "7700002")
    (visit,) = fhir.all("Encounter")
    assert (old["active"], old["link"][0]["type"]) == (False, "replaced-by")
    assert old["link"][0]["other"] == {"reference": f"Patient/{new['id']}"}
    assert visit["status"] == "finished"
    assert visit["subject"] == {"reference": f"Patient/{new['id']}"}


def test_several_merges_in_one_message_are_all_made() -> None:
    fhir = stored(
        adt("A01", 8, pid(A), pv1()),
        adt("A40", 9, pid(B), segment("MRG", {1: A}), pid(C), segment("MRG", {1: B})),
    )

    last = _named(fhir, "7700003")
    assert [one["subject"]["reference"] for one in fhir.all("Encounter")] == [
        f"Patient/{last['id']}"
    ]
    assert [one.get("active", True) for one in fhir.all("Patient")].count(True) == 1


def test_a_merge_with_several_numbers_takes_in_everybody_who_has_one() -> None:
    fhir = stored(
        adt("A01", 8, pid(A), pv1(visit="V1")),
        adt("A01", 9, pid(B), pv1(visit="V2")),
        adt("A40", 10, pid(C), segment("MRG", {1: f"{A}~{B}~999999999^^^^SS"})),
    )

    last = _named(fhir, "7700003")
    assert {one["subject"]["reference"] for one in fhir.all("Encounter")} == {
        f"Patient/{last['id']}"
    }


def test_a_merge_of_a_patient_with_himself_changes_nothing() -> None:
    fhir = stored(adt("A01", 8, pid(A), pv1()), adt("A40", 9, pid(A), segment("MRG", {1: A})))

    (one,) = fhir.all("Patient")
    assert ("link" in one, "active" in one) == (False, False)


def test_two_who_may_be_one_are_linked_and_unlinked_without_losing_each_other() -> None:
    link = adt("A24", 8, pid(A), pid(B))

    linked = stored(link)
    unlinked = stored(link, adt("A37", 9, pid(A), pid(B)))

    first, second = linked.all("Patient")
    assert first["link"] == [{"other": {"reference": f"Patient/{second['id']}"}, "type": "seealso"}]
    assert second["link"][0]["other"] == {"reference": f"Patient/{first['id']}"}
    assert ["link" in one or "active" in one for one in unlinked.all("Patient")] == [False, False]


def test_a_changed_number_leaves_one_patient_who_answers_to_both() -> None:
    fhir = stored(
        adt("A01", 8, pid(A), pv1()),
        adt("A47", 9, pid(B), segment("MRG", {1: A})),
        adt("A08", 10, pid(A, _8="F")),
    )

    (one,) = fhir.all("Patient")
    assert [(i["value"], i.get("use")) for i in one["identifier"]] == [
        ("7700001", "old"),
        ("7700002", None),
    ]
    assert one["gender"] == "female"


def test_a_number_that_moves_takes_what_is_filed_under_it_and_leaves_the_other_person() -> None:
    both = f"{A}~888^^^REGION^PI"
    fhir = stored(
        adt("A01", 8, pid(both), pv1()),
        adt("A43", 9, pid(B), segment("MRG", {1: A})),
        adt("A08", 10, pid(A, _8="F")),
    )

    stays_behind, target = _named(fhir, "888"), _named(fhir, "7700002")
    assert "active" not in stays_behind
    assert [i["value"] for i in stays_behind["identifier"]] == ["888"]
    assert {i["value"] for i in target["identifier"]} == {"7700001", "7700002"}
    assert target["gender"] == "female"
    assert fhir.all("Encounter")[0]["subject"] == {"reference": f"Patient/{target['id']}"}


@pytest.mark.parametrize(
    ("event", "pv1_fields", "mrg"),
    [("A42", {}, {5: "V1^^^NORTH"}), ("A50", {}, {5: "V1^^^NORTH"})],
)
def test_a_visit_is_found_by_both_of_its_numbers(
    event: str, pv1_fields: dict[int, str], mrg: dict[int, str]
) -> None:
    fhir = stored(
        adt("A01", 8, pid(), pv1(visit="V1")),
        adt(event, 9, pid(), segment("MRG", {1: A, **mrg}), pv1(pv1_fields, "V2")),
        adt("A03", 10, pid(), pv1(visit="V1")),
    )

    last = fhir.all("Encounter")[-1]
    assert last["status"] == "finished"
    assert {(i["value"], i.get("use")) for i in last["identifier"]} == {
        ("V1", "old"),
        ("V2", None),
    }
    assert len(fhir.all("Encounter")) == (2 if event == "A42" else 1)


def test_a_visit_that_moves_to_another_patient_takes_its_results_along() -> None:
    obr = segment("OBR", {3: "F1^LAB", 4: "24323-8^Panel^LN", 25: "F"})
    obx = segment("OBX", {2: "NM", 3: "2345-7^Glucose^LN", 5: "98", 11: "F"})
    result = message(pid(A), pv1(), obr, obx, time="20260105090000+0000", control_id="R-1")

    fhir = stored(
        adt("A01", 8, pid(A), pv1()),
        result,
        adt("A45", 10, pid(B), segment("MRG", {1: A, 5: "V1^^^NORTH"}), pv1()),
    )

    target = {"reference": f"Patient/{_named(fhir, '7700002')['id']}"}
    for type_ in ("Encounter", "Observation", "DiagnosticReport"):
        assert [one["subject"] for one in fhir.all(type_)] == [target]
    assert "active" not in _named(fhir, "7700001")


def test_an_account_that_moves_takes_its_visits_along() -> None:
    fhir = stored(
        adt("A01", 8, pid(A, _18="ACC1"), pv1()),
        adt("A44", 9, pid(B, _18="ACC1"), segment("MRG", {1: A, 3: "ACC1"})),
    )

    target = {"reference": f"Patient/{_named(fhir, '7700002')['id']}"}
    assert [one["subject"] for one in fhir.all("Encounter")] == [target]
    assert [one["subject"] for one in fhir.all("Account")] == [[target]]


@pytest.mark.parametrize("event", ["A35", "A41", "A49"])
def test_an_account_is_found_by_both_of_its_numbers(event: str) -> None:
    fhir = stored(
        adt("A01", 8, pid(A, _18="ACC1"), pv1()),
        adt(event, 9, pid(A, _18="ACC2"), segment("MRG", {1: A, 3: "ACC1"})),
        adt("A08", 10, pid(A, _18="ACC1"), pv1()),
    )

    last = fhir.all("Account")[-1]
    assert {(i["value"], i.get("use")) for i in last["identifier"]} == {
        ("ACC1", "old"),
        ("ACC2", None),
    }
    assert [one["account"] for one in fhir.all("Encounter")] == [
        [{"reference": f"Account/{last['id']}"}]
    ]
