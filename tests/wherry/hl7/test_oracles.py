"""Our reader beside hl7apy and python-hl7 on messages that hypothesis makes."""

from hl7apy.parser import parse_message
from hypothesis import given, settings
from hypothesis import strategies as st

import hl7
from wherry.hl7.delimiters import STANDARD
from wherry.hl7.escapes import escape
from wherry.hl7.message import Message

TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_categories=["C", "Z"]))
# hl7apy reads leading spaces and empty parts its own way; those rules have tests of their own
LEAF = TEXT.filter(lambda text: bool(text) and text != '""').map(lambda t: escape(t, STANDARD))
COMPONENT = st.lists(LEAF, min_size=1, max_size=3).map("&".join)
REPETITION = st.lists(COMPONENT, min_size=1, max_size=4).map("^".join)
FIELD = st.lists(REPETITION, max_size=3).map("~".join)
SEGMENT = st.tuples(
    st.sampled_from(["ZPI", "ZAB", "ZZ9"]), st.lists(FIELD, min_size=1, max_size=6)
).map(lambda made: "|".join((made[0], *made[1])))
MESSAGE = st.lists(SEGMENT, min_size=1, max_size=5).map(
    lambda segments: "\r".join(
        ("MSH|^~\\&|A|B|C|D|20240102030405||ADT^A01^ADT_A01|ID1|P|2.5", *segments)
    )
)

Tree = list[list[list[list[list[str]]]]]


def ours(text: str) -> Tree:
    """Segments, fields, repetitions, components, subcomponents as unescaped text."""
    return [
        [
            [
                [[rep.sub(c, s) for s in range(1, rep.subs(c) + 1)] for c in range(1, len(rep) + 1)]
                for rep in segment[n].reps
            ]
            for n in range(1, len(segment) + 1)
        ]
        for segment in Message.parse(text.encode()).segments[1:]
    ]


def python_hl7(text: str) -> Tree:
    """The same out of python-hl7."""
    message = hl7.parse(text)
    return [
        [
            [
                [
                    [message.unescape(str(sub)) for sub in component]
                    if isinstance(component, hl7.Component)
                    else [message.unescape(str(component))]
                    for component in (rep if isinstance(rep, hl7.Repetition) else [str(rep)])
                ]
                for rep in field
                if str(field)
            ]
            for field in segment[1:]
        ]
        for segment in message[1:]
    ]


@settings(max_examples=40, deadline=None)
@given(MESSAGE)
def test_our_reader_and_python_hl7_see_the_same_tree(text: str) -> None:
    assert ours(text) == python_hl7(text)


@settings(max_examples=25, deadline=None)
@given(MESSAGE)
def test_our_reader_and_hl7apy_see_the_same_segments_and_fields(text: str) -> None:
    theirs = parse_message(text, find_groups=False)

    mine = Message.parse(text.encode())

    assert [segment.name for segment in mine.segments] == [child.name for child in theirs.children]
    for segment, child in zip(mine.segments[1:], list(theirs.children)[1:], strict=True):
        assert [rep.raw for n in range(1, len(segment) + 1) for rep in segment[n].reps] == [
            field.to_er7() for field in child.children
        ]


@settings(max_examples=40, deadline=None)
@given(MESSAGE)
def test_line_ends_do_not_change_what_is_read(text: str) -> None:
    assert ours(text) == ours(text.replace("\r", "\r\n")) == ours(text.replace("\r", "\n"))


@settings(max_examples=40, deadline=None)
@given(MESSAGE.flatmap(lambda text: st.tuples(st.just(text), st.permutations("|^~\\&"))))
def test_the_same_message_in_other_delimiters_reads_the_same(
    made: tuple[str, list[str]],
) -> None:
    text, others = made
    table = str.maketrans("|^~\\&", "".join(others))

    assert ours(text.translate(table)) == [
        [[[[leaf.translate(table) for leaf in c] for c in r] for r in f] for f in segment]
        for segment in ours(text)
    ]


@given(st.binary())
def test_no_bytes_after_msh_make_the_reader_fail(data: bytes) -> None:
    message = Message.parse(b"MSH|^~\\&|" + data)

    leaves = [
        rep[component]
        for segment in message.segments
        for n in range(1, len(segment) + 1)
        for rep in segment[n].reps
        for component in range(1, len(rep) + 1)
    ]

    assert leaves[0] == "|"
