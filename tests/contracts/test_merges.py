"""Merged patients on the fake and on the sandbox EHR over HTTP. All data are synthetic."""

from tests.wherry.test_landing_merges import united
from tests.wherry.translations import T2, patient, result

from wherry.fhir.merged import survivor
from wherry.landing import Landed, land
from wherry.ports import Fhir
from wherry.resource import Translation

T4 = "2026-01-05T14:00:00+00:00"


def _landed(fhir: Fhir, *feed: Translation) -> tuple[str, ...]:
    """The patients of the last one."""
    patients: tuple[str, ...] = ()
    for one in feed:
        (landed,) = land([one], fhir)
        assert isinstance(landed, Landed)
        patients = landed.patients
    return patients


def test_the_results_of_both_are_found_with_the_survivor_alone(fhir: Fhir) -> None:
    (old,) = _landed(fhir, result("1", who="a", n=3))
    (other,) = _landed(fhir, result("2", T2, who="b", n=2))

    (new,) = _landed(fhir, united("3", "a", "b"))

    assert new == other
    assert len(fhir.search("Observation", {"patient": new})) == 5
    assert fhir.search("Observation", {"patient": old}) == []
    assert survivor(fhir.read("Patient", old)) == f"Patient/{new}"
    assert fhir.read("Patient", old)["active"] is False


def test_what_comes_later_with_the_old_number_is_the_survivors(fhir: Fhir) -> None:
    (new,) = _landed(fhir, patient("1", who="a"), patient("2", who="b"), united("3", "a", "b"))

    (later,) = _landed(fhir, result("4", T4, who="a"))

    assert later == new
    assert len(fhir.search("Observation", {"patient": new})) == 1


def test_more_results_than_fit_one_page_move_all(fhir: Fhir) -> None:
    _landed(fhir, result("1", who="a", n=230), patient("2", who="b"))

    (new,) = _landed(fhir, united("3", "a", "b"))

    assert len(fhir.search("Observation", {"patient": new})) == 230


def test_a_chain_and_its_reverse_end_with_one_active_patient(fhir: Fhir) -> None:
    feed = [result(str(n), who=who) for n, who in enumerate("abc")]
    links = [united("10", "a", "b"), united("11", "b", "c"), united("12", "c", "a", T4)]

    (last,) = _landed(fhir, *feed, *links)

    assert "active" not in fhir.read("Patient", last)
    assert len(fhir.search("Observation", {"patient": last})) == 3


def test_the_same_merge_again_writes_nothing(fhir: Fhir) -> None:
    (old,) = _landed(fhir, result("1", who="a"))
    (new,) = _landed(fhir, patient("2", who="b"), united("3", "a", "b"))
    before = [fhir.read("Patient", id_)["meta"]["versionId"] for id_ in (old, new)]

    _landed(fhir, united("3", "a", "b"))

    assert [fhir.read("Patient", id_)["meta"]["versionId"] for id_ in (old, new)] == before
