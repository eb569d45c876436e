"""The grouper on message collections that others made, alone and beside hl7apy."""

import functools
from collections.abc import Iterator
from pathlib import Path

import pytest
from hl7apy.parser import parse_message
from hl7apy.v2_5_1.groups import GROUPS
from hl7apy.v2_5_1.messages import MESSAGES

from wherry.errors import Failure
from wherry.hl7.batch import split
from wherry.hl7.message import Message
from wherry.hl7.segment import Segment
from wherry_hl7.grammar.check import check
from wherry_hl7.grammar.corrections import corrections
from wherry_hl7.grammar.grouping import group
from wherry_hl7.grammar.plan import plan_of
from wherry_hl7.grammar.structures import structure_of
from wherry_hl7.grammar.tree import Group

CORPUS = Path(__file__).parents[4] / "shared" / "data" / "hl7"
SUFFIXES = {".hl7", ".txt", ".ndhl7"}
RENAMED = {each.group: each.words[0] for each in corrections() if each.operation == "rename"}

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the message collections are not here")


@functools.cache
def messages() -> list[Message]:
    files = sorted(p for p in CORPUS.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    return [m for file in files for body in split(file.read_bytes()) for m in readable(body)]


def readable(body: bytes) -> Iterator[Message]:
    try:
        yield Message.parse(body)
    except Failure:
        return


def structure(message: Message) -> str:
    return structure_of(message.kind, message.msh.text(9, 3))


def test_every_segment_of_every_message_is_in_the_tree_once_and_in_order() -> None:
    assert len(messages()) > 500
    for message in messages():
        found = group(message.segments, structure(message))

        assert list(found.root.segments()) == message.segments
        assert [segment for _, segment in found] == message.segments


def test_every_message_can_be_checked() -> None:
    findings = [check(m, structure(m), version=m.version) for m in messages()]

    assert sum(not found for found in findings) > 50


def theirs(name: str, names: tuple[str, ...]) -> str:
    """The groups that hl7apy finds for segments of these names."""
    head = f"MSH|^~\\&|MADE|UP|||20240102030405||{name.replace('_', '^')}^{name}|1|T|2.5.1"
    lines = (f"{each}|" for each in names[1:])
    return told(parse_message("\r".join((head, *lines)), find_groups=True))


def told(element: object) -> str:
    """An element of hl7apy by the names of its children; a choice is not a group of ours."""
    words = []
    for child in element.children:  # type: ignore[attr-defined] # hl7apy has no types
        if child.classname == "Segment":
            words.append(child.name)
        elif GROUPS[child.name][0] == "choice":
            words.append(told(child))
        else:
            short = child.name.split("_", 2)[2]
            words.append(f"{RENAMED.get(short, short)}({told(child)})")
    return " ".join(words)


def ours(tree: Group) -> str:
    return " ".join(
        m.name if isinstance(m, Segment) else f"{m.name}({ours(m)})" for m in tree.members
    )


# Where hl7apy is wrong: it looks a group up by its first segment alone, whatever came before.
DIFFERENT = {
    "ADT_A24": "two patients, which are groups here; the standard has the same segments twice",
    "RDE_O11": "TQ1 after RXE is TIMING_ENCODED (2.5.1 §4.14.4), not the TIMING of its ORC",
    "VXU_V04": "OBX before any order is about the person (2.8), not of the order that follows",
}


def test_we_group_as_hl7apy_does_where_it_keeps_every_segment() -> None:
    shapes = {(structure(m), tuple(s.name for s in m.segments)): m.segments for m in messages()}
    agreed: set[tuple[str, tuple[str, ...]]] = set()
    differing: set[tuple[str, tuple[str, ...]]] = set()
    for (name, names), segments in shapes.items():
        found = group(segments, name)
        if found.misplaced or name not in MESSAGES or not set(names) <= plan_of(name).names:
            continue
        expected = theirs(name, names)
        if not lost(expected, names):
            (agreed if ours(found.root) == expected else differing).add((name, names))

    assert {name for name, _ in differing} == set(DIFFERENT)
    assert len(agreed) > 80


def lost(tree: str, names: tuple[str, ...]) -> bool:
    """Whether hl7apy dropped a segment or put it elsewhere: it does so without a word."""
    words = tree.replace("(", " ( ").replace(")", " ").split()
    kept = [
        w for w, after in zip(words, [*words[1:], ""], strict=True) if w != "(" and after != "("
    ]
    return kept != list(names)
