"""A caller who is held to one patient writes what is its own, and learns nothing of others."""

from dataclasses import dataclass
from typing import Any

import pytest
from tests.ehr.auth.driver import ids_of, pulse, second_token

from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry_ehr.ask import Answer, Ask
from wherry_ehr.interactions.compartment import ToPatient
from wherry_ehr.interactions.create import create
from wherry_ehr.interactions.delete import conditional_delete, delete
from wherry_ehr.interactions.patch import conditional_patch, patch
from wherry_ehr.interactions.system import system
from wherry_ehr.interactions.update import conditional_update, update
from wherry_ehr.write.told import told_in

ALL = "launch patient/*.rs"


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
    assert writer.kind(update, pulse("o-2", "p-1"), id="o-2") is Kind.NOT_FOUND
    for unseen in ("o-2", "nobody"):  # the same answer, so that it tells nothing
        assert writer.kind(delete, id=unseen) is Kind.NOT_FOUND
        assert writer.kind(patch, id=unseen, text=b"[]") is Kind.NOT_FOUND
    assert writer.kind(delete, id="o-1") == 204


def test_an_update_may_take_a_free_id_and_revive_its_own(writer: _Writer) -> None:
    """SMART 2.2, scopes: `u` lets an update make an instance."""
    assert writer.kind(update, pulse("new", "p-1"), id="new") == 201
    assert writer.kind(update, pulse("other", "p-2"), id="other") is Kind.FORBIDDEN
    assert writer.kind(delete, id="new") == 204
    assert writer.kind(update, pulse("new", "p-1"), id="new") == 201
    with writer.smart.deps.store.view() as view:
        assert view.read("Observation", "other") is None
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
