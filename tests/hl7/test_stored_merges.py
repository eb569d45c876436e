"""What merges, moves and links leave in the FHIR server. All data are synthetic."""

import pytest
from tests.hl7.feeds import A, B, C, adt, named, pid, pv1, stored

from wherry.testing.hl7 import message, segment


@pytest.mark.parametrize("event", ["A18", "A30", "A34", "A36", "A39", "A40"])
def test_every_event_of_a_merge_moves_the_visit_to_the_survivor(event: str) -> None:
    fhir = stored(
        adt("A01", 8, pid(A), pv1()),
        adt(event, 9, pid(B), segment("MRG", {1: A})),
        adt("A03", 10, pid(A), pv1()),
    )

    old, new = named(fhir, "7700001"), named(fhir, "7700002")
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

    last = named(fhir, "7700003")
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

    last = named(fhir, "7700003")
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

    stays_behind, target = named(fhir, "888"), named(fhir, "7700002")
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

    target = {"reference": f"Patient/{named(fhir, '7700002')['id']}"}
    for type_ in ("Encounter", "Observation", "DiagnosticReport"):
        assert [one["subject"] for one in fhir.all(type_)] == [target]
    assert "active" not in named(fhir, "7700001")


def test_a_result_that_comes_again_after_its_visit_moved_does_not_go_back() -> None:
    obr = segment("OBR", {3: "F1^LAB", 4: "24323-8^Panel^LN", 25: "F"})
    obx = segment("OBX", {2: "NM", 3: "2345-7^Glucose^LN", 5: "98", 11: "F"})
    result = message(pid(A), pv1(), obr, obx, time="20260105090000+0000", control_id="R-1")
    moved = adt("A45", 10, pid(B), segment("MRG", {1: A, 5: "V1^^^NORTH"}), pv1())

    fhir = stored(adt("A01", 8, pid(A), pv1()), result, moved, result, moved)

    target = {"reference": f"Patient/{named(fhir, '7700002')['id']}"}
    assert [one["subject"] for one in fhir.all("Observation")] == [target]
    assert [len(kept) for (type_, _), kept in fhir.versions.items() if type_ == "Observation"] == [
        2
    ]


def test_an_account_that_moves_takes_its_visits_along() -> None:
    fhir = stored(
        adt("A01", 8, pid(A, _18="ACC1"), pv1()),
        adt("A44", 9, pid(B, _18="ACC1"), segment("MRG", {1: A, 3: "ACC1"})),
    )

    target = {"reference": f"Patient/{named(fhir, '7700002')['id']}"}
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
