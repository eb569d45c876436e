"""Every interaction stays within a token's scope and patient. Ids are those of SMART 2.2 (Rnnn)."""

from dataclasses import dataclass
from typing import Any

import pytest
from tests.ehr.auth.driver import ids_of, patient, pulse, second_token

from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry_ehr.ask import Answer, Ask
from wherry_ehr.interactions.compartment import ToPatient
from wherry_ehr.interactions.create import create
from wherry_ehr.interactions.delete import conditional_delete, delete
from wherry_ehr.interactions.patch import conditional_patch, patch
from wherry_ehr.interactions.system import system
from wherry_ehr.interactions.table import INTERACTIONS
from wherry_ehr.interactions.update import conditional_update, update
from wherry_ehr.write.told import told_in

ALL = "launch patient/*.rs"
PATIENT_ONLY = "launch patient/Patient.rs"


@pytest.fixture
def linked(smart: Any) -> Any:
    """Both patients have a report, a source, and values that name each other's."""
    of = {"code": {"text": "x"}, "status": "final"}
    for n, other in (("1", "2"), ("2", "1")):
        smart.put(
            {**pulse(f"o-{n}", f"p-{n}"), "hasMember": [{"reference": f"Observation/o-{other}"}]},
            {
                "resourceType": "DiagnosticReport",
                "id": f"r-{n}",
                **of,
                "subject": {"reference": f"Patient/p-{n}"},
                "result": [{"reference": f"Observation/o-{other}"}],
            },
        )
    return smart


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("Observation?_include=Observation:has-member", ["o-1"]),
        ("Observation?_include=Observation:subject", ["o-1", "p-1"]),
        ("Observation?_include=*", ["o-1", "p-1"]),
        ("Observation?_include:iterate=Observation:has-member", ["o-1"]),
        ("Observation?_revinclude=DiagnosticReport:result", ["o-1"]),
        ("Patient?_revinclude=Observation:subject", ["o-1", "p-1"]),
        ("DiagnosticReport?_include=DiagnosticReport:result", ["r-1"]),
        ("Patient?_has:Observation:patient:_id=o-2", []),
        ("Patient?_has:Observation:patient:_id=o-1", ["p-1"]),
        ("Observation?has-member:Observation._id=o-2", []),
        ("DiagnosticReport?result:Observation.status=final", []),
        ("Observation?subject:Patient._id=p-1,p-2", ["o-1"]),
    ],
)
def test_nothing_of_another_patient_comes_along_or_is_found_by(
    linked: Any, query: str, ids: list[str]
) -> None:
    """R95, R136."""
    answer = linked.fhir(second_token(linked, ALL), query)

    assert sorted(ids_of(answer)) == sorted(ids)


@pytest.mark.parametrize(
    "query",
    [
        "Patient?_revinclude=Observation:subject",
        "Patient?_has:Observation:patient:code=x",
        "Observation",
        "Observation/_history",
        "Observation/o-1/_history",
        "Encounter?subject:Patient.name=x",
    ],
)
def test_a_type_outside_the_scope_is_not_searched_in_any_way(smart: Any, query: str) -> None:
    """R95: to be told whether there is one is a search too."""
    assert smart.fhir(second_token(smart, PATIENT_ONLY), query).status_code == 403


def test_what_the_scope_does_not_name_does_not_come_along(smart: Any) -> None:
    token = second_token(smart, "launch patient/Observation.rs")

    assert ids_of(smart.fhir(token, "Observation?_include=Observation:subject")) == ["o-1"]


@pytest.mark.parametrize(
    ("path", "versions"),
    [
        ("Patient/p-1/_history", ["p-1"]),
        ("Observation/_history", ["o-1"]),
        ("_history", ["o-1", "e-1", "p-1"]),
        ("Observation/o-3/_history", ["o-3"]),
    ],
)
def test_a_history_shows_versions_of_the_patient_alone(
    smart: Any, path: str, versions: list[str]
) -> None:
    """R95, R136: also of what belonged to another patient before, or does so now."""
    if "o-3" in path:
        smart.put(pulse("o-3", "p-2"), pulse("o-3", "p-1"), pulse("o-3", "p-2"))
    answer = smart.fhir(second_token(smart, ALL), path)

    assert ids_of(answer) == versions
    assert "total" not in answer.get_json()


def test_a_deletion_is_seen_by_those_who_saw_what_was_deleted(smart: Any) -> None:
    headers = {"Authorization": "Bearer made-up-service-secret"}
    for id_ in ("o-1", "o-2"):
        smart.client.delete(f"/fhir/Observation/{id_}", headers=headers)

    entries = smart.fhir(second_token(smart, ALL), "Observation/_history").get_json()["entry"]

    assert [entry["request"]["method"] for entry in entries] == ["DELETE", "POST"]
    assert {entry["fullUrl"] for entry in entries} == {"http://localhost/fhir/Observation/o-1"}


@pytest.mark.parametrize("path", ["Patient/p-2/_history", "Observation/o-2/_history"])
def test_the_history_of_another_patients_resource_is_not_there(smart: Any, path: str) -> None:
    nobody = path.replace("-2", "-none")

    answers = [smart.fhir(second_token(smart, ALL), one) for one in (path, nobody)]

    assert [one.status_code for one in answers] == [404, 404]
    assert answers[0].get_json() == answers[1].get_json()


def test_everything_is_the_patients_own_and_what_the_scope_names(linked: Any) -> None:
    everything = linked.fhir(second_token(linked, ALL), "Patient/p-1/$everything")
    some = linked.fhir(
        second_token(linked, f"{PATIENT_ONLY} patient/Encounter.rs"), "Patient/p-1/$everything"
    )
    others = linked.fhir(second_token(linked, ALL), "Patient/p-2/$everything")

    assert sorted(ids_of(everything)) == ["e-1", "o-1", "p-1", "r-1"]
    assert sorted(ids_of(some)) == ["e-1", "p-1"]
    assert others.status_code == 404


def test_a_batch_holds_each_entry_to_the_same_limits(linked: Any) -> None:
    """R130."""
    urls = [
        "Observation/o-2/_history",
        "_history",
        "Patient/p-2/$everything",
        "Patient?_has:Observation:patient:_id=o-2",
    ]
    bundle = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [{"request": {"method": "GET", "url": url}} for url in urls],
    }

    answer = linked.fhir(
        second_token(linked, ALL),
        "",
        method="POST",
        data=encode(bundle),
        content_type="application/fhir+json",
    )

    entries = answer.get_json()["entry"]
    assert [one["response"]["status"][:3] for one in entries] == ["404", "200", "404", "200"]
    seen = {one["fullUrl"].rpartition("/")[2] for one in entries[1]["resource"]["entry"]}
    assert seen == {"p-1", "o-1", "e-1", "r-1"}
    assert entries[3]["resource"]["total"] == 0


# What an empty scope may still do: neither reads nor writes anything.
HARMLESS = {"system", "history-system", "validate", "validate-one"}


def test_every_interaction_asks_whether_it_may(smart: Any) -> None:
    """R95: none is left out, whatever is added to the table."""

    class Nothing:
        def may(self, _type: str, _letter: str, _id: str = "") -> bool:
            return False

        def free(self, _type: str, _letter: str) -> bool:
            return False

        def narrowed(self, _query: Any, _letter: str, _view: Any) -> Any:
            raise AssertionError("searched without having asked")

        def holds(self, *_: Any) -> bool:
            return False

    refused = set()
    for one in INTERACTIONS:
        ask = Ask(
            name=one.name,
            type="Patient",
            id="p-1",
            vid="1",
            params=(("_id", "p-1"),) if one.name.startswith("conditional") else (),
            told=told_in(encode(patient("p-1"))),
            text=b"[]" if one.body == "patch" else b"",
            limits=Nothing(),
        )
        if one.name in HARMLESS:
            continue
        with pytest.raises(Failure) as caught:
            one.answer(ask, smart.deps)
        assert caught.value.kind is Kind.FORBIDDEN, one.name
        refused.add(one.name)

    assert refused | HARMLESS == {one.name for one in INTERACTIONS}


@dataclass
class _Writer:
    """Writes as a caller that is held to the patient p-1."""

    smart: Any

    def ask(self, resource: Any = None, **more: Any) -> Ask:
        told = {"told": told_in(encode(resource))} if resource else {}
        type_ = resource["resourceType"] if resource else "Observation"
        return Ask(**{"type": type_, **told, **more}, limits=ToPatient("p-1"))

    def kind(self, interaction: Any, resource: Any = None, **more: Any) -> Kind | int:
        try:
            answer: Answer = interaction(self.ask(resource, **more), self.smart.deps)
        except Failure as failure:
            return failure.kind
        return answer.status


def _marked(id_: str, of: str, mark: str) -> Any:
    return {**pulse(id_, of), "identifier": [{"system": "urn:mark", "value": mark}]}


@pytest.fixture
def writer(smart: Any) -> _Writer:
    smart.put(_marked("o-1", "p-1", "mine"), _marked("o-2", "p-2", "theirs"))
    return _Writer(smart)


def test_what_is_written_must_be_of_the_patient_before_and_after(writer: _Writer) -> None:
    assert writer.kind(create, pulse("x", "p-1")) == 201
    assert writer.kind(create, pulse("x", "p-2")) is Kind.FORBIDDEN
    assert writer.kind(update, pulse("o-1", "p-1"), id="o-1") == 200
    assert writer.kind(update, pulse("o-1", "p-2"), id="o-1") is Kind.FORBIDDEN
    for unseen in ("o-2", "nobody"):  # the same answer, so that it tells nothing
        assert writer.kind(delete, id=unseen) is Kind.NOT_FOUND
        assert writer.kind(patch, id=unseen, text=b"[]") is Kind.NOT_FOUND
    assert writer.kind(update, pulse("o-2", "p-1"), id="o-2") is Kind.NOT_FOUND
    assert writer.kind(delete, id="o-1") == 204


def test_an_update_makes_what_is_not_there_for_the_patient_alone(writer: _Writer) -> None:
    """R123; an id that somebody else's deleted resource had is not taken over."""
    assert writer.kind(update, pulse("new", "p-2"), id="new") is Kind.FORBIDDEN
    assert writer.kind(update, pulse("new", "p-1"), id="new") == 201
    assert writer.kind(delete, id="new") == 204
    assert writer.kind(update, pulse("new", "p-1"), id="new") == 201
    suite = {"Authorization": "Bearer made-up-service-secret"}
    writer.smart.client.delete("/fhir/Observation/o-2", headers=suite)
    assert writer.kind(update, pulse("o-2", "p-1"), id="o-2") is Kind.NOT_FOUND


def test_a_patch_cannot_move_a_value_to_another_patient(writer: _Writer) -> None:
    moved = [{"op": "replace", "path": "/subject/reference", "value": "Patient/p-2"}]

    assert writer.kind(patch, id="o-1", text=encode(moved)) is Kind.FORBIDDEN
    assert writer.kind(patch, id="o-1", text=b"[]") == 200


@pytest.mark.parametrize("mark", ["theirs", "nobody"])
def test_a_condition_tells_nothing_about_others(writer: _Writer, mark: str) -> None:
    condition = (("identifier", f"urn:mark|{mark}"),)
    new = _marked("n-1", "p-1", "new")
    del new["id"]

    assert writer.kind(conditional_delete, params=condition) == 204
    assert writer.kind(conditional_patch, params=condition, text=b"[]") is Kind.NOT_FOUND
    assert writer.kind(conditional_update, new, params=condition) == 201
    assert writer.kind(create, new, if_none_exist=f"identifier=urn:mark|{mark}") == 201
    with writer.smart.deps.store.view() as view:
        found = view.read("Observation", "o-2")
    assert found is not None
    assert found.vid == 2


def test_a_condition_finds_what_is_the_patients_own(writer: _Writer) -> None:
    condition = (("identifier", "urn:mark|mine"),)

    assert writer.kind(create, pulse("x", "p-1"), if_none_exist="identifier=urn:mark|mine") == 200
    changed = {**_marked("o-1", "p-1", "mine"), "status": "amended"}
    assert writer.kind(conditional_update, changed, params=condition) == 200
    wrong = {**changed, "id": "other"}
    assert writer.kind(conditional_update, wrong, params=condition) is Kind.INVALID
    assert writer.kind(conditional_patch, params=condition, text=b"[]") == 200
    assert writer.kind(conditional_delete, params=condition) == 204


def _transaction(writer: _Writer, *entries: Any) -> Kind | int:
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}
    return writer.kind(system, text=encode(bundle))


def test_a_transaction_with_one_entry_too_many_does_nothing(writer: _Writer, make: Any) -> None:
    good = make.entry("POST", "Observation", pulse("x", "p-1"))

    assert _transaction(writer, good, make.entry("DELETE", "Observation/o-2")) is Kind.NOT_FOUND
    others = make.entry("POST", "Observation", pulse("x", "p-2"))
    assert _transaction(writer, good, others) is Kind.FORBIDDEN
    with writer.smart.deps.store.view() as view:
        assert view.read("Observation", "o-2") is not None
    assert ids_of(writer.smart.fhir(second_token(writer.smart, ALL), "Observation")) == ["o-1"]


@pytest.mark.parametrize("mark", ["theirs", "nobody", "theirs,mine"])
def test_a_reference_by_search_tells_nothing_about_others(
    writer: _Writer, make: Any, mark: str
) -> None:
    searched = {"reference": f"Observation?identifier=urn:mark|{mark.replace(',', ',urn:mark|')}"}
    entry = make.entry("POST", "Observation", {**pulse("x", "p-1"), "hasMember": [searched]})

    kind = _transaction(writer, entry)

    assert kind == (200 if "mine" in mark else Kind.INVALID)
