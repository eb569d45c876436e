"""The lazy reader. All messages here are synthetic."""

import pytest

from wherry.errors import Failure, Kind
from wherry.hl7.delimiters import Delimiters
from wherry.hl7.message import Message
from wherry.hl7.segment import NULL
from wherry.resource import Issue

MSH = "MSH|^~\\&|LAB|GOOD HOSPITAL|EHR|GH|20240102030405+0100||ORU^R01^ORU_R01|M-1|P|2.5.1"


def read(*lines: str) -> Message:
    return Message.parse("\r".join((MSH, *lines)).encode())


def names(message: Message) -> list[str]:
    return [segment.name for segment in message.segments]


def test_msh_fields_are_numbered_from_the_separator() -> None:
    msh = read().msh

    assert [msh.field(n) for n in (1, 2, 3, 10, 12, 13)] == [
        "|",
        "^~\\&",
        "LAB",
        "M-1",
        "2.5.1",
        "",
    ]


def test_msh_1_and_2_are_neither_split_nor_unescaped() -> None:
    message = read()

    assert [(message.msh[n].text, len(message.msh[n].reps)) for n in (1, 2)] == [
        ("|", 1),
        ("^~\\&", 1),
    ]
    assert message.warnings == []


def test_a_message_says_its_kind_control_id_and_version() -> None:
    message = read()

    assert (message.kind, message.control_id, message.version) == ("ORU^R01", "M-1", "2.5.1")


def test_components_and_subcomponents_are_numbered_from_one() -> None:
    cx = read("PID|1||77^^^MAIN&1.2.3&ISO^MR~88^^^X^SS").segments[1][3]

    assert [rep[1] for rep in cx.reps] == ["77", "88"]
    assert [cx.first.sub(4, n) for n in (1, 2, 3, 4)] == ["MAIN", "1.2.3", "ISO", ""]
    assert (cx.first[5], cx.first[9], cx.first.subs(4), cx.first.subs(2)) == ("MR", "", 3, 0)


def test_a_component_with_subcomponents_reads_as_its_first_one_or_whole() -> None:
    rep = read("OBX|1|ST|1^Na & K^L").segments[1][3].first

    assert (rep[2], rep.text_of(2)) == ("Na ", "Na & K")


def test_a_plain_field_can_be_read_whole() -> None:
    field = read("OBX|1|TX|||a^b & c~d").segments[1][5]

    assert (field.text, field.whole, field.first.whole) == ("a", "a^b & c~d", "a^b & c")


def test_absent_empty_and_null_are_told_apart() -> None:
    pid = read('PID|1||""|||^""').segments[1]

    assert [(bool(pid[n]), pid[n].is_null) for n in (3, 4, 9)] == [
        (True, True),
        (False, False),
        (False, False),
    ]
    assert pid[3].text is NULL
    assert (pid[6].is_null, pid[6][2] is NULL, pid[6][1] is NULL) == (False, True, False)


def test_an_empty_repetition_holds_its_place() -> None:
    assert [rep[1] for rep in read("PID|1||1~~3").segments[1][3].reps] == ["1", "", "3"]


def test_a_leaf_of_blanks_reads_as_empty_and_inner_blanks_stay() -> None:
    nte = read("NTE|   |  |  indented text").segments[1]

    assert [nte.text(n) for n in (1, 2, 3)] == ["", "", "  indented text"]


@pytest.mark.parametrize("number", [-1, 0, 4, 99])
def test_a_field_that_is_not_there_is_empty(number: int) -> None:
    assert read("NTE|1|L|text").segments[1].field(number) == ""


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\r\r", "\n\n", "\r\n\r\n"])
def test_any_line_end_ends_a_segment(end: str) -> None:
    message = Message.parse(end.join((MSH, "PID|1", "NTE|1", "")).encode())

    assert names(message) == ["MSH", "PID", "NTE"]
    assert message.warnings == []


def test_mixed_line_ends_are_read() -> None:
    assert names(Message.parse(f"{MSH}\r\nPID|1\nPV1|1\rOBX|1\r\n".encode())) == [
        "MSH", "PID", "PV1", "OBX",
    ]  # fmt: skip


@pytest.mark.parametrize("junk", [b"\xef\xbb\xbf", b"\r\n", b"\x00\x00", b"\x0b", b"  \r"])
def test_keep_alives_and_a_bom_before_msh_are_no_remark(junk: bytes) -> None:
    message = Message.parse(junk + MSH.encode())

    assert (message.control_id, message.warnings) == ("M-1", [])


def test_other_bytes_before_msh_are_skipped_with_a_warning() -> None:
    message = Message.parse(b"received: " + MSH.encode())

    assert message.warnings == [Issue("MSH", "there were other bytes before the message")]
    assert message.control_id == "M-1"


def test_a_line_end_inside_a_field_comes_back_as_a_line_break() -> None:
    message = read("OBX|1|TX|1||first line", "second line", "  third|", "PV1|1")

    assert names(message) == ["MSH", "OBX", "PV1"]
    assert message.segments[1].text(5) == "first line\nsecond line\n  third"
    assert message.warnings == [
        Issue("OBX", "a line end inside the segment was read as a line break")
    ]


def test_a_continuation_without_escape_character_keeps_its_line_end() -> None:
    message = Message.parse(b"MSH|^~|A|B\rNTE|1||one\rand two")

    assert message.segments[1].text(3) == "one\nand two"


def test_a_segment_name_alone_is_an_empty_segment_when_it_is_a_known_one() -> None:
    message = read("PV1", "NTE|1||text", "END")

    assert names(message) == ["MSH", "PV1", "NTE"]
    assert message.segments[2].text(3) == "text\nEND"


def test_z_segments_unknown_and_lower_case_names_are_segments() -> None:
    assert names(read("zpi|1", "ZZ1|2", "XYZ|3", "pid|4", "  OBX|5")) == [
        "MSH", "ZPI", "ZZ1", "XYZ", "PID", "OBX",
    ]  # fmt: skip


def test_lower_case_words_before_a_separator_are_text() -> None:
    assert names(read("NTE|1||either", "one|two")) == ["MSH", "NTE"]


@pytest.mark.parametrize(
    ("msh", "expected"),
    [
        ("MSH|^~\\&|A", Delimiters()),
        ("MSH$%~/&$A", Delimiters("$", "%", "~", "/", "&")),
        ("MSH|^~\\&#|A", Delimiters()),
        ("MSH|^~\\&*|A", Delimiters(truncation="*")),
        ("MSH|^~\\|A", Delimiters()),
        ("MSH|^~|A", Delimiters(escape="")),
        ("MSH|^~&|A", Delimiters(escape="")),
        ("MSH|^|A", Delimiters(escape="")),
        ("MSH||A", Delimiters()),
        ("MSH^&~\\|^A", Delimiters("^", "&", "~", "\\", "|")),
        ("MSH~^|~A", Delimiters("~", "^", "|", "", "&")),
        ("MSH|&~\\|A", Delimiters("|", "&", "~", "\\", "")),
    ],
)
def test_delimiters_are_those_of_the_message(msh: str, expected: Delimiters) -> None:
    assert Message.parse(msh.encode()).delimiters == expected


def test_a_message_is_read_with_its_own_delimiters() -> None:
    message = Message.parse(b"MSH$%*/@$A$B\rPID$1$$7%%%X@1.2@ISO*8$$D/S/oe%J")

    pid = message.segments[1]
    assert (pid[3].first.sub(4, 2), pid[3].reps[1][1], pid[5][1]) == ("1.2", "8", "D%oe")


@pytest.mark.parametrize("msh", ["MSH|^~|A", "MSH||A", "MSH|^~\\|A", "MSH|^~\\&#*|A"])
def test_an_unusual_msh_2_is_a_warning(msh: str) -> None:
    assert [issue.at for issue in Message.parse(msh.encode()).warnings] == ["MSH-2"]


@pytest.mark.parametrize(
    ("data", "at"),
    [
        (b"", "MSH"),
        (b"\x00\r\n", "MSH"),
        (b"GET / HTTP/1.1\r\n\r\n", "MSH"),
        (b"PID|1\rPV1|1", "MSH"),
        (b"MSH", "MSH-1"),
        (b"MSH ^~", "MSH-1"),
        (b"MSH|^^~\\|A", "MSH-2"),
        (b"MSH|ADT|A", "MSH-2"),
        (b"MSH|&&&&|A", "MSH-2"),
        (b"MSH^^~\\&^A", "MSH-2"),
        (b"MSH\xe9^~\\&|A", "MSH-1"),
    ],
)
def test_without_a_usable_msh_there_is_no_message(data: bytes, at: str) -> None:
    with pytest.raises(Failure) as raised:
        Message.parse(data)

    assert (raised.value.kind, raised.value.at) == (Kind.INVALID, at)


def test_two_messages_in_one_payload_are_a_warning_and_lose_no_segment() -> None:
    message = read("PID|1", MSH, "PID|2")

    assert names(message) == ["MSH", "PID", "MSH", "PID"]
    assert [issue.at for issue in message.warnings] == ["MSH"]


def test_an_unknown_escape_is_one_warning_at_its_field_however_often_it_is_read() -> None:
    message = read(r"OBX|1|ST|||C:\Temp\x")

    texts = [message.segments[1][5].text for _ in range(3)]

    assert texts == [r"C:\Temp\x"] * 3
    assert message.warnings == [Issue("OBX-5", "unknown escape sequence kept as it is")]


def test_text_is_read_as_well_as_bytes() -> None:
    assert Message.parse(f"{MSH}\rNTE|1||Zoë".replace("2.5.1", "2.5.1||||||8859/1")).segments[
        1
    ].text(3) == ("Zoë")


def test_fifty_megabytes_in_one_field_are_read_in_one_piece() -> None:
    data = b"QUJD" * 12_500_000
    message = Message.parse(MSH.encode() + b"\rOBX|1|ED|PDF||^AP^PDF^Base64^" + data + b"|||F")

    assert len(message.segments[1][5][5]) == len(data)


def test_a_megabyte_of_wrapped_lines_is_joined_with_one_warning() -> None:
    lines = [b"QUJD" * 19] * 15_000
    message = Message.parse(MSH.encode() + b"\rOBX|1|ED|PDF||" + b"\r\n".join(lines) + b"|||F")

    assert message.segments[1].text(5).count("\n") == len(lines) - 1
    assert len(message.warnings) == 1
