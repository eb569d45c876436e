"""Which structure a message has, and that every table can be read."""

import runpy
from pathlib import Path

import pytest

from wherry_hl7.grammar.corrections import corrections
from wherry_hl7.grammar.fields import rule_of
from wherry_hl7.grammar.notation import MANY, Part, parts
from wherry_hl7.grammar.plan import plan_of
from wherry_hl7.grammar.structures import GENERIC, is_known, structure_of
from wherry_hl7.grammar.tables import definitions, lines

ROOT = Path(__file__).parents[3]
TABLES = ROOT / "services/hl7/wherry_hl7/grammar"


@pytest.mark.parametrize(
    ("kind", "said", "expected"),
    [
        ("ADT^A08", "ADT_A08", "ADT_A01"),
        ("ADT^A08", "", "ADT_A01"),
        ("adt^a04", "", "ADT_A01"),
        ("ADT^A34", "", "ADT_A30"),
        ("ADT^A40", "ADT_A40", "ADT_A39"),
        ("ADT^A44", "", "ADT_A43"),
        ("ADT^A47", "ADT_A30", "ADT_A30"),
        ("ADT^A60", "", "ADT_A60"),
        ("ORU^R40", "ORU_R01", "ORU_R40"),
        ("RDE^O25", "", "RDE_O11"),
        ("SIU^S26", "", "SIU_S12"),
        ("REF^I14", "REF_I14", "REF_I12"),
        ("MDM^T10", "", "MDM_T02"),
        ("PPR^PC3", "", "PPR_PC1"),
        ("ACK^A01", "ADT_A01", "ACK"),
        ("ACK", "", "ACK"),
        ("ORU", "ORU_R01", "ORU_R01"),
        ("ORU^", "", "ORU_R01"),
        ("ORU^ZZZ", "", "ORU_R01"),
        ("ZZZ^Z01", "ORU_R01", "ORU_R01"),
        ("ZZZ^Z01", "ZZZ_Z01", GENERIC),
        ("", "", GENERIC),
        ("generic", "GENERIC", GENERIC),
    ],
)
def test_the_event_decides_and_not_what_the_sender_says(
    kind: str, said: str, expected: str
) -> None:
    assert structure_of(kind, said) == expected


def test_every_event_has_a_structure_that_the_tables_know() -> None:
    named = [line.split()[0] for line in lines("events")]

    assert [name for name in named if not is_known(name)] == []


def test_every_structure_can_be_planned_in_both_forms() -> None:
    names = definitions("structures")

    plans = [
        plan_of(n, strict=s, newer=v) for n in names for s in (False, True) for v in (False, True)
    ]

    assert len(plans) > 1000
    assert all("MSH" in plan.names for plan in plans)


def test_every_segment_has_rules_in_both_forms() -> None:
    rules = [
        rule_of(name, newer=newer) for name in definitions("segments") for newer in (False, True)
    ]

    assert all(rule is not None and len(rule.rows) > 1 for rule in rules)
    assert rule_of("ZZZ", newer=False) is None


def test_no_group_is_called_by_the_names_of_its_members() -> None:
    texts = [path for name in definitions("structures") for path in paths(plan_of(name).root.part)]
    wanted = {
        "ORU_R01",
        "OML_O21",
        "OUL_R22",
        "OUL_R23",
        "OUL_R24",
        "MDM_T02",
        "REF_I12",
        "ORM_O01",
    }
    mine = [text for name in wanted for text in paths(plan_of(name).root.part)]

    assert len(texts) > 1000
    assert [text for text in mine if "SUPPGRP" in text] == []


def paths(part: Part) -> list[str]:
    return [part.name, *(p for member in part.members if member.members for p in paths(member))]


def test_every_correction_changes_something() -> None:
    every = {name: plan_of(name) for name in definitions("structures")}
    groups = {(name, g) for name, plan in every.items() for g in paths(plan.root.part)}
    found = {g for _, g in groups}

    for each in corrections():
        if each.operation in ("heads", "starts", "before", "after") and each.group:
            assert (
                each.group in found
                if each.structure == "*"
                else (each.structure, each.group) in groups
            )
        if each.operation == "rename":
            assert each.group not in found


def test_the_notation_is_read_as_it_is_meant() -> None:
    assert parts("MSH A?(B C*) <D E>+ F{0,3}") == (
        Part(("MSH",), 1, 1),
        Part(("A",), 0, 1, (Part(("B",), 1, 1), Part(("C",), 0, MANY))),
        Part(("D", "E"), 1, MANY),
        Part(("F",), 0, 3),
    )


@pytest.mark.parametrize("text", ["A(B", "A(B))", "A)"])
def test_a_group_that_is_not_closed_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="not closed"):
        parts(text)


def test_the_generator_writes_the_tables_that_are_here(tmp_path: Path) -> None:
    script = runpy.run_path(str(ROOT / "scripts/generate_hl7_grammar.py"))

    script["main"](tmp_path)

    written = sorted(path.name for path in tmp_path.iterdir())
    assert written == ["codes.txt", "datatypes.txt", "segments.txt", "structures.txt"]
    for name in written:
        assert (tmp_path / name).read_text() == (TABLES / name).read_text(), name
