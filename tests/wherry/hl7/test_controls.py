"""Control characters, which no FHIR string may hold, in synthetic messages."""

import pytest

from wherry.hl7.message import Message

MSH = rb"MSH|^~\&|A|F|||20260105||ADT^A01|1|P|2.5.1"
REPLACED = "control characters were replaced"


def _name(field: bytes) -> tuple[str, list[str]]:
    message = Message.parse(MSH + b"\rPID|1||7^^^F^MR||" + field + b"\r")
    pid = message.first("PID")
    assert pid is not None
    return pid.text(5), [issue.text for issue in message.warnings]


@pytest.mark.parametrize("control", [*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20)])
def test_a_control_character_is_replaced_in_plain_sight(control: int) -> None:
    assert _name(b"A%cB" % control) == ("A\ufffdB", [REPLACED])


@pytest.mark.parametrize("fine", ["A\tB", "A\x7fB", "Ä B"])
def test_all_others_stay(fine: str) -> None:
    assert _name(fine.encode()) == (fine, [])


@pytest.mark.parametrize("field", [b"A\x00\x00", b"A\x1a"])
def test_padding_at_the_end_of_a_line_is_no_content(field: bytes) -> None:
    assert _name(field) == ("A", [REPLACED])


def test_padding_before_a_segment_is_no_content() -> None:
    message = Message.parse(MSH + b"\r\x0b\x00PID|1||7\r")

    assert [segment.name for segment in message.segments] == ["MSH", "PID"]


@pytest.mark.parametrize("field", [rb"A\X00\B", rb"A\X1B\B"])
def test_an_escaped_control_character_is_kept_as_it_was_sent(field: bytes) -> None:
    assert _name(field) == (field.decode(), ["unknown escape sequence kept as it is"])


def test_a_delimiter_stays_whatever_character_it_is() -> None:
    body = (MSH + b"\rPID|1||7||A^B\x00\r").replace(b"^", b"\x14")

    message = Message.parse(body)

    pid = message.first("PID")
    assert pid is not None
    assert (pid.text(5), pid.text(5, 2)) == ("A", "B")
