"""Patients that turn out to be one, in any order and again. All data are synthetic."""

from itertools import permutations

import pytest
from tests.wherry.translations import T2, T3, known, message, patient, result, said

from wherry.fhir.bundle import to
from wherry.landing import Landed, land
from wherry.resource import Merged, Resource, Translation
from wherry.testing.fhir import FakeFhir

T4, T5 = "2026-01-05T14:00:00+00:00", "2026-01-05T15:00:00+00:00"


def united(source: str, old: str, new: str, at: str = T3) -> Translation:
    """A message that says that `old` was merged into `new`, as the translator writes it."""
    replaces = {"other": to("Patient", known(old)), "type": "replaces"}
    replaced = {"other": to("Patient", known(new)), "type": "replaced-by"}
    return message(
        source,
        said("Patient", new, at, source, link=[replaces]),
        said("Patient", old, at, source, active=False, link=[replaced]),
        merges=(Merged("Patient", known(old), known(new)),),
    )


def _by_name(fhir: FakeFhir, value: str) -> Resource:
    """The patient whose present (not old) identifier this is."""
    (found,) = [
        one
        for one in fhir.all("Patient")
        if any(i["value"] == value and i.get("use") != "old" for i in one["identifier"])
    ]
    return found


def _links(one: Resource) -> list[tuple[str, str]]:
    return [(link["type"], link["other"]["reference"]) for link in one.get("link", [])]


def _ref(one: Resource) -> str:
    return f"Patient/{one['id']}"


def _subjects(fhir: FakeFhir, type_: str = "Observation") -> set[str]:
    return {one["subject"]["reference"] for one in fhir.all(type_)}


def _landed(*batches: list[Translation], fhir: FakeFhir | None = None) -> FakeFhir:
    fhir = fhir or FakeFhir()
    for batch in batches:
        results = land(batch, fhir)
        assert [one for one in results if not isinstance(one, Landed)] == []
    return fhir


@pytest.mark.parametrize("together", [False, True])
def test_what_both_had_is_the_survivors_and_the_old_one_says_by_whom(*, together: bool) -> None:
    feed = [
        result("1", who="a", value="of-a"),
        result("2", T2, who="b", value="of-b"),
        united("3", "a", "b"),
    ]

    fhir = _landed(feed) if together else _landed(*([one] for one in feed))

    old, new = _by_name(fhir, "a"), _by_name(fhir, "b")
    assert (old["active"], _links(old)) == (False, [("replaced-by", _ref(new))])
    assert ("active" in new, _links(new)) == (False, [("replaces", _ref(old))])
    assert {(i["value"], i.get("use")) for i in new["identifier"]} == {("b", None), ("a", "old")}
    assert _subjects(fhir) == _subjects(fhir, "DiagnosticReport") == {_ref(new)}


def test_the_survivor_is_the_one_to_look_at_again() -> None:
    fhir = _landed([result("1", who="a")], [patient("2", who="b")])

    (landed,) = land([united("3", "a", "b")], fhir)

    assert isinstance(landed, Landed)
    assert landed.patients == (_by_name(fhir, "b")["id"],)


def test_a_merge_before_either_is_known_creates_both() -> None:
    fhir = _landed([united("3", "a", "b")])

    old, new = _by_name(fhir, "a"), _by_name(fhir, "b")
    assert (_links(old), _links(new)) == ([("replaced-by", _ref(new))], [("replaces", _ref(old))])


@pytest.mark.parametrize("together", [False, True])
def test_later_messages_with_the_old_number_reach_the_survivor(*, together: bool) -> None:
    feed = [united("3", "a", "b"), result("4", T4, who="a"), patient("5", T5, who="a", gender="f")]

    fhir = _landed(feed) if together else _landed(*([one] for one in feed))

    new = _by_name(fhir, "b")
    assert _subjects(fhir) == {_ref(new)}
    assert (new["gender"], "active" in new) == ("f", False)
    assert {(i["value"], i.get("use")) for i in new["identifier"]} == {("b", None), ("a", "old")}
    assert len(fhir.all("Patient")) == 2


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("order", list(permutations((("a", "b"), ("b", "c"), ("c", "d")))))
def test_a_chain_ends_at_its_end_whatever_the_order(
    order: tuple[tuple[str, str], ...], *, together: bool
) -> None:
    first = [result(str(n), who=who) for n, who in enumerate("abcd")]
    feed = [united(f"1{n}", old, new) for n, (old, new) in enumerate(order)]
    feed.append(result("20", T5, who="a", value="late"))

    fhir = _landed([*first, *feed]) if together else _landed(*([one] for one in [*first, *feed]))

    (last,) = [one for one in fhir.all("Patient") if one.get("active", True)]
    assert {i["value"] for i in last["identifier"]} == set("abcd")
    assert [i["value"] for i in last["identifier"] if i.get("use") != "old"] == ["d"]
    assert _subjects(fhir) == {_ref(last)}


def test_the_merge_the_other_way_round_makes_no_circle() -> None:
    fhir = _landed(
        [result("1", who="a")],
        [result("2", who="b")],
        [united("3", "a", "b")],
        [united("4", "b", "a", T4)],
        [result("5", T5, who="a", value="late"), result("6", T5, who="b", value="late")],
    )

    (active,) = [one for one in fhir.all("Patient") if one.get("active", True)]
    assert [t for t, _ in _links(active)] == ["replaces"]
    assert {(i["value"], i.get("use")) for i in active["identifier"]} == {
        ("a", None),
        ("b", "old"),
    }
    assert _subjects(fhir) == {_ref(active)}


def test_the_same_merge_again_changes_no_version() -> None:
    feed = [[result("1", who="a")], [result("2", who="b")], [united("3", "a", "b")]]
    fhir = _landed(*feed)
    before = {key: len(kept) for key, kept in fhir.versions.items()}

    _landed(*feed, fhir=fhir)

    assert {key: len(kept) for key, kept in fhir.versions.items()} == before


def test_what_was_broken_off_is_finished_when_the_message_comes_again() -> None:
    fhir = _landed([result("1", who="a")], [patient("2", who="b")], [united("3", "a", "b")])
    old, new = _by_name(fhir, "a"), _by_name(fhir, "b")
    (left_behind,) = fhir.all("Observation")
    fhir.put({**left_behind, "subject": {"reference": _ref(old)}})

    _landed([united("3", "a", "b")], fhir=fhir)

    assert _subjects(fhir) == {_ref(new)}


def test_an_update_of_the_survivor_keeps_its_links_and_old_numbers() -> None:
    fhir = _landed([united("3", "a", "b")], [patient("4", T4, who="b", gender="f")])

    new = _by_name(fhir, "b")
    assert [t for t, _ in _links(new)] == ["replaces"]
    assert len(new["identifier"]) == 2


def test_a_number_that_is_changed_is_the_same_patients_new_number() -> None:
    renamed = message(
        "3",
        said("Patient", "b", T3, "3"),
        merges=(Merged("Patient", known("a"), known("b"), renamed=True),),
    )

    fhir = _landed([result("1", who="a")], [renamed], [result("4", T4, who="a", value="late")])

    (one,) = fhir.all("Patient")
    assert {(i["value"], i.get("use")) for i in one["identifier"]} == {("b", None), ("a", "old")}
    assert "active" not in one
    assert _subjects(fhir) == {_ref(one)}


def _visit(source: str, value: str, at: str, who: str, **more: object) -> Translation:
    visit = said("Encounter", value, at, source, subject=to("Patient", known(who)), status="on")
    return message(source, said("Patient", who, at, source), visit, **more)


def _in_visit(source: str, value: str, who: str) -> Translation:
    observation = said(
        "Observation",
        f"o-{value}",
        T2,
        source,
        subject=to("Patient", known(who)),
        encounter=to("Encounter", known(value)),
    )
    patient_, visit = _visit(source, value, T2, who).bundle["entry"][:2]
    return message(source, patient_, visit, observation)


def test_visits_that_are_one_leave_one_that_both_numbers_reach() -> None:
    merges = (Merged("Encounter", known("v1"), known("v2")),)
    fhir = _landed(
        [_in_visit("1", "v1", "a")],
        [_visit("2", "v2", T2, "a")],
        [_visit("3", "v2", T3, "a", merges=merges)],
        [_visit("4", "v1", T4, "a")],
    )

    first, second = fhir.all("Encounter")
    assert (first["status"], first["partOf"]) == (
        "entered-in-error",
        {"reference": f"Encounter/{second['id']}"},
    )
    assert {(i["value"], i.get("use")) for i in second["identifier"]} == {
        ("v2", None),
        ("v1", "old"),
    }
    assert [one["encounter"]["reference"] for one in fhir.all("Observation")] == [
        f"Encounter/{second['id']}"
    ]


def test_a_visit_that_moves_takes_its_results_to_the_other_patient() -> None:
    moved = to("Encounter", known("v1"))["reference"]
    fhir = _landed(
        [_in_visit("1", "v1", "a")],
        [_in_visit("2", "v2", "a")],
        [_visit("3", "v1", T3, "b", moved=(moved,))],
    )

    a, b = _by_name(fhir, "a"), _by_name(fhir, "b")
    assert {
        (one["identifier"][0]["value"], one["subject"]["reference"])
        for one in fhir.all("Observation")
    } == {("o-v1", _ref(b)), ("o-v2", _ref(a))}
    assert {
        (one["identifier"][0]["value"], one["subject"]["reference"])
        for one in fhir.all("Encounter")
    } == {("v1", _ref(b)), ("v2", _ref(a))}
