"""A message in outline says what reading it whole says; whatever is not plain is read whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherry.hl7 import head as heads
from wherry.hl7.message import Message
from wherry.hl7.outline import outline

WANTED = frozenset({b"EVN", b"PID", b"MRG"})
MSH = r"MSH|^~\&|LAB|NORTH|WHERRY|SITE|20260101||ADT^A08^ADT_A01|1|P|2.5.1"
PLAIN = f"{MSH}\rEVN|A08\rPID|1||7^^^NORTH^MR||Synthetic^A\rPV1|1|I\rZXX|own\r"

LINES = st.sampled_from(
    [
        "PID|1||7^^^NORTH^MR||Synthetic^A",
        "PID|2||8",
        "MRG|9^^^NORTH^MR",
        "EVN|A08",
        "EVN",
        "OBX|1|TX|||a line",
        "that goes on",
        "ZXX|own",
        "pid|1||7",
        "X|y",
        "Q1|no name",
        "ÄÖÜ|1",
        "PID|1||7||M\u00fcller",
        "NTE|1||a\tb",
        " PV1|1|I",
        "",
    ]
)
ENDS = st.sampled_from(["\r", "\n", "\r\n"])


def said(message: Message) -> list[tuple[str, str]]:
    return [
        (segment.name, segment.raw)
        for segment in message.segments
        if segment.name.encode() in WANTED | {b"MSH"}
    ]


@given(st.lists(LINES, max_size=8), ENDS, st.sampled_from(["", "8859/1", "UNICODE UTF-8"]))
def test_an_outline_names_and_holds_what_reading_the_whole_message_gives(
    lines: list[str], end: str, charset: str
) -> None:
    body = end.join([MSH + "|" * 6 + charset, *lines]).encode()
    whole = Message.parse(body)

    found = outline(body, heads.read(body), WANTED)

    assert set(found.names) == {segment.name for segment in whole.segments}
    assert said(found.message) == said(whole)
    assert found.message.delimiters == whole.delimiters


def test_a_plain_message_is_not_read_whole() -> None:
    body = PLAIN.encode()

    found = outline(body, heads.read(body), WANTED)

    assert set(found.names) == {"MSH", "EVN", "PID", "PV1", "ZXX"}
    assert [segment.name for segment in found.message.segments] == ["MSH", "EVN", "PID"]


@pytest.mark.parametrize(
    ("plain", "odd"),
    [
        ("Synthetic", "M\u00fcller"),
        ("PV1|1|I", "PV1|1|\x02"),
        ("PV1|1|I", "and so on"),
        ("\rEVN", "\nEVN"),
        ("|", "$"),
        ("MSH", "\x00MSH"),
    ],
)
def test_whatever_is_not_plain_is_read_whole(plain: str, odd: str) -> None:
    body = PLAIN.replace(plain, odd).encode()
    whole = Message.parse(body)

    found = outline(body, heads.read(body), WANTED)

    assert [one.raw for one in found.message.segments] == [one.raw for one in whole.segments]
