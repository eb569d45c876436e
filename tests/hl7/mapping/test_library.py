"""What is wrong in a map file is said with file and line before any message comes."""

import pytest

from wherry.errors import Failure
from wherry_hl7.mapping.library import library
from wherry_hl7.mapping.plan import plans
from wherry_hl7.mapping.shipped import shipped, texts
from wherry_hl7.mapping.tables import load_shipped

GOOD = """\
NK1.RelatedPerson:
  resource: RelatedPerson
  identity: {system: next-of-kin, within: [Patient], of: NK1-2.1}
  rules:
    - {to: gender, from: NK1-15, table: AdministrativeSex}
    - {to: patient, ref: Patient}
"""


def compiled(segments: str, structures: str = "", datatypes: str = "") -> object:
    """Compile these maps as files of their own."""
    shipped()
    found = library(
        {
            "segments/a.yaml": segments,
            **({"structures/b.yaml": structures} if structures else {}),
            **({"datatypes/c.yaml": datatypes} if datatypes else {}),
        }
    )
    return plans(found, load_shipped())


def test_good_maps_compile() -> None:
    assert compiled(GOOD)


@pytest.mark.parametrize(
    ("old", "new", "at", "said"),
    [
        ("to: gender", "to: gendre", "segments/a.yaml:5", "RelatedPerson has no element gendre"),
        ("NK1-15", "NK1-150", "segments/a.yaml:5", "NK1 has fields 1 to "),
        ("NK1-15", "NK-15", "segments/a.yaml:5", "not a field or component"),
        ("AdministrativeSex", "Sex", "segments/a.yaml:5", "no table is called Sex"),
        ("ref: Patient", "fn: nothing", "segments/a.yaml:6", "no function is called nothing"),
        ("ref: Patient", "as: XX.Y, from: NK1-1", "segments/a.yaml:6", "nothing reads a field as"),
        ("ref: Patient", "reff: Patient", "segments/a.yaml:6", "unknown field `reff`"),
        ("ref: Patient", "ref: Patient, when: 'NK1-2 =='", "segments/a.yaml:6", "ends too early"),
        (
            "resource: RelatedPerson",
            "resource: Relative",
            "segments/a.yaml:5",
            "no type 'Relative'",
        ),
        ("resource:", "resourse:", "segments/a.yaml:2", "unknown field `resourse`"),
        ("identity: {system", "identity: {systen", "segments/a.yaml:3", "unknown field `systen`"),
        ("system: next-of-kin, ", "", "segments/a.yaml:1", "needs a system or a function"),
        ("  rules:", "  rules: [", "segments/a.yaml:5", ""),
        ("  rules:\n", "  rules:\n  rules:\n", "segments/a.yaml:5", "rules is there twice"),
    ],
)
def test_a_mistake_is_said_with_its_file_and_line(old: str, new: str, at: str, said: str) -> None:
    with pytest.raises(Failure) as caught:
        compiled(GOOD.replace(old, new))

    assert caught.value.at == at
    assert said in caught.value.detail


@pytest.mark.parametrize(
    ("structures", "said"),
    [
        ("a: {messages: [ADT^A01], make: {NK1: NK1.Aunt}}", "no segment map is called NK1.Aunt"),
        ("a: {messages: [ADT^A01], include: [b]}", "no structure is called b"),
        ("a: {messages: [ADT^A01], after: [b]}", "no function is called b"),
        ("a: {messages: [ADT^A01]}\nb: {messages: [ADT^A01]}", "ADT^A01 is in two structures"),
    ],
)
def test_a_structure_names_only_what_there_is(structures: str, said: str) -> None:
    with pytest.raises(Failure) as caught:
        compiled(GOOD, structures)

    assert said in caught.value.detail
    assert caught.value.at.startswith("structures/b.yaml:")


def test_a_datatype_cannot_be_made_of_itself() -> None:
    datatypes = "A.Period: {type: Period, rules: [{to: start, from: '1', as: A.Period}]}"

    with pytest.raises(Failure) as caught:
        compiled(GOOD, datatypes=datatypes)

    assert caught.value.detail == "A.Period is made of itself"


def test_every_shipped_segment_map_is_run_by_some_structure() -> None:
    found = library(texts())
    named = {
        name
        for placed in found.structures.values()
        for said in placed.said.make.values()
        for name in ([said] if isinstance(said, str) else said)
    }

    assert set(found.segments) - named == set()
