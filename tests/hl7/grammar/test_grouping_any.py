"""Whatever comes in whatever order: every segment is in the tree once, where it was."""

from hypothesis import given, settings
from hypothesis import strategies as st

from wherry.hl7.delimiters import STANDARD
from wherry.hl7.segment import Context, Segment
from wherry_hl7.grammar.grouping import group
from wherry_hl7.grammar.structures import GENERIC
from wherry_hl7.grammar.tables import definitions
from wherry_hl7.grammar.tree import Group, notes_of

STRUCTURES = st.sampled_from([*sorted(definitions("structures")), "ORU_R40", GENERIC])
KNOWN = """
    MSH EVN PID PD1 NK1 PV1 PV2 NTE ORC OBR OBX SPM SAC TQ1 RXA RXE RXO RXR AL1 DG1 IN1 IN2 PR1
    FT1 SCH RGS AIS AIL TXA MRG ROL PRT DSC ZZ1 XYZ
"""
NAMES = st.sampled_from(KNOWN.split())
CODES = st.sampled_from(["", "NW", "PR", "CA"])
SEGMENTS = st.lists(st.tuples(NAMES, CODES), max_size=40)
CONTEXT = Context(STANDARD, "utf-8")


def made(words: list[tuple[str, str]]) -> list[Segment]:
    return [Segment(name, f"{name}|{code}", CONTEXT) for name, code in words]


def parents_are_right(group: Group) -> bool:
    below = [member for member in group.members if isinstance(member, Group)]
    return all(each.parent is group and parents_are_right(each) for each in below)


@settings(max_examples=300, deadline=None)
@given(STRUCTURES, SEGMENTS)
def test_every_segment_is_in_the_tree_once_and_in_order(
    structure: str, words: list[tuple[str, str]]
) -> None:
    segments = made(words)

    found = group(segments, structure)

    assert list(found.root.segments()) == segments
    assert [segment for _, segment in found] == segments
    assert all(segment in holder.members for holder, segment in found)
    assert parents_are_right(found.root)


@settings(max_examples=100, deadline=None)
@given(STRUCTURES, SEGMENTS)
def test_no_group_is_empty(structure: str, words: list[tuple[str, str]]) -> None:
    root = group(made(words), structure).root

    def filled(group: Group) -> bool:
        return all(m.members and filled(m) for m in group.members if isinstance(m, Group))

    assert filled(root)


@settings(max_examples=100, deadline=None)
@given(STRUCTURES, SEGMENTS)
def test_a_note_belongs_to_at_most_one_segment(
    structure: str, words: list[tuple[str, str]]
) -> None:
    found = group(made(words), structure)

    notes = [note for g, s in found if s.name != "NTE" for note in notes_of(g, s)]

    assert len(notes) == len({id(note) for note in notes})
    assert {note.name for note in notes} <= {"NTE"}


@settings(max_examples=100, deadline=None)
@given(STRUCTURES, SEGMENTS)
def test_grouping_again_gives_the_same_tree(structure: str, words: list[tuple[str, str]]) -> None:
    segments = made(words)

    assert repr(group(segments, structure).root) == repr(group(segments, structure).root)
