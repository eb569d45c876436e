"""The generated tables are complete, hang together and stay small."""

from importlib import resources

import pytest

from wherry.fhir.r4 import presence, rules, tables

TYPES = sorted(tables._blocks())
FOLDER = resources.files("wherry.fhir.r4")


def test_r4_has_146_resource_types() -> None:
    assert len(tables.resource_types()) == 146


@pytest.mark.parametrize("name", TYPES)
def test_every_word_in_the_table_of_a_type_is_defined(name: str) -> None:
    for item in tables.type_(name).properties.values():
        assert set(item.targets) <= tables.resource_types()
        assert item.primitive or tables.type_(item.type).properties
        assert not item.codes or tables.all_codes(item.codes)


def test_a_choice_has_one_property_for_each_of_its_types() -> None:
    observation = tables.type_("Observation")

    keys = [k for k, item in observation.properties.items() if item.element == "effective[x]"]

    assert keys == ["effectiveDateTime", "effectivePeriod", "effectiveTiming", "effectiveInstant"]
    assert observation.required == {"status", "code"}


def test_a_property_knows_its_targets_and_its_codes() -> None:
    patient = tables.type_("Patient").properties

    assert patient["managingOrganization"].targets == ("Organization",)
    assert tables.all_codes(patient["gender"].codes) == {"male", "female", "other", "unknown"}


def test_r4_is_not_r4b_where_the_two_differ() -> None:
    subject = tables.type_("Observation").properties["subject"]

    assert subject.targets == ("Patient", "Group", "Device", "Location")
    assert "valueMeta" in tables.type_("Extension").properties
    assert "Citation" not in tables.resource_types()


@pytest.mark.parametrize("name", sorted({*presence._INVARIANTS, *rules._RULES}))
def test_every_invariant_hangs_on_a_type_of_r4(name: str) -> None:
    assert name in TYPES


def test_the_tables_stay_below_400_kb_and_name_their_source_and_licence() -> None:
    texts = [(FOLDER / name).read_text(encoding="utf-8") for name in ("elements.txt", "codes.txt")]

    assert sum(len(text.encode()) for text in texts) < 400_000
    assert all("http://hl7.org/fhir/R4/downloads.html (CC0" in text for text in texts)
