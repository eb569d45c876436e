"""Synthetic messages out of segment names; what the tests of the grammar share."""

from collections.abc import Callable

import pytest

from wherry.hl7.message import Message
from wherry.hl7.segment import Segment
from wherry_hl7.grammar.grouping import group
from wherry_hl7.grammar.structures import structure_of
from wherry_hl7.grammar.tree import Group, Grouped

Make = Callable[[str, str], Grouped]


def message(kind: str, names: str, version: str = "2.5.1") -> Message:
    """A message of empty segments; a word such as ORC=PR gives the first field its value."""
    lines = (f"{word.partition('=')[0]}|{word.partition('=')[2]}" for word in names.split())
    head = f"MSH|^~\\&|MADE|UP|||20240102030405||{kind}|1|T|{version}"
    return Message.parse("\r".join((head, *lines)).encode())


def shown(tree: Group) -> str:
    """The tree as one line; MSH is left out."""
    words = [
        m.name if isinstance(m, Segment) else f"{m.name}({shown(m)})"
        for m in tree.members
        if m.name != "MSH"
    ]
    return " ".join(words)


@pytest.fixture
def grouped() -> Make:
    """Group a message by its kind and the names of its segments."""
    return lambda kind, names: group(message(kind, names).segments, structure_of(kind))


@pytest.fixture
def tree(grouped: Make) -> Callable[[str, str], str]:
    """The same as one line."""
    return lambda kind, names: shown(grouped(kind, names).root)


@pytest.fixture
def made() -> Callable[..., Message]:
    """A message by its kind, the names of its segments and its version."""
    return message
