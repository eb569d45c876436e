"""Acknowledgments. All messages here are synthetic."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hl7apy.parser import parse_message
from hypothesis import given
from hypothesis import strategies as st

import hl7
from wherry.hl7.ack import CONDITIONS, Error, build
from wherry.hl7.head import read

AT = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
NO_PID = Error("101", "PID", "the PID segment is missing")


def message(version: str = "2.5.1", kind: str = "ADT^A01^ADT_A01", charset: str = "") -> bytes:
    tail = f"||||||{charset}" if charset else ""
    return f"MSH|^~\\&|APP|FAC|EHR|HOSP|2024||{kind}|ID-7|T|{version}{tail}\rEVN|A01\r".encode()


def lines(
    payload: bytes, code: str = "AA", error: Error | None = None, text: str = ""
) -> list[str]:
    ack = build(payload, code, at=AT, id_="W1", text=text, error=error)
    assert ack.endswith(b"\r")
    return ack.decode("latin-1").split("\r")[:-1]


def test_an_answer_swaps_the_parties_echoes_the_rest_and_puts_msa_after_msh() -> None:
    assert lines(message()) == [
        "MSH|^~\\&|EHR|HOSP|APP|FAC|20240102030405+0000||ACK^A01^ACK|W1|T|2.5.1",
        "MSA|AA|ID-7",
    ]


@pytest.mark.parametrize(
    ("version", "kind", "expected"),
    [
        ("2.1", "ADT^A01", "ACK"),
        ("2.2", "ADT^A01", "ACK"),
        ("2.3", "ADT^A01", "ACK"),
        ("2.3.1", "ADT^A01", "ACK^A01"),
        ("2.4", "ADT^A01^ADT_A01", "ACK^A01^ACK"),
        ("2.5", "ORU^R01", "ACK^R01^ACK"),
        ("2.8.2", "ORU^R01^ORU_R01", "ACK^R01^ACK"),
        ("2.5.1^NLD", "ORU^R01", "ACK^R01^ACK"),
        ("", "ORU^R01", "ACK^R01^ACK"),
        ("2.5", "ORU", "ACK"),
    ],
)
def test_the_message_type_of_an_answer_follows_the_version(
    version: str, kind: str, expected: str
) -> None:
    assert lines(message(version, kind))[0].split("|")[8] == expected


@pytest.mark.parametrize(
    ("version", "error", "expected"),
    [
        ("2.3", NO_PID, "ERR|PID^^^101&Required field missing&HL70357"),
        (
            "2.4",
            Error("101", "PID-3", "no identifier"),
            "ERR|PID^1^3^101&Required field missing&HL70357",
        ),
        (
            "2.5",
            Error("101", "PID-3", "no identifier"),
            "ERR||PID^1^3|101^Required field missing^HL70357|E||||no identifier",
        ),
        (
            "2.8",
            Error("200", "MSH-9", "A|B & C"),
            "ERR||MSH^1^9|200^Unsupported message type^HL70357|E||||A\\F\\B \\T\\ C",
        ),
        (
            "2.5.1",
            Error("207", "", "too long"),
            "ERR|||207^Application internal error^HL70357|E||||too long",
        ),
    ],
)
def test_an_error_segment_follows_the_version(version: str, error: Error, expected: str) -> None:
    got = lines(message(version), "AE", error, error.text)

    assert got[2] == expected
    assert got[1].startswith("MSA|AE|ID-7|")


def test_an_answer_is_in_the_delimiters_of_the_sender() -> None:
    payload = b"MSH$%*/@$APP%1.2%ISO$FAC$EHR$$2024$$ADT%A08$A/F/B$P$2.5\r"

    assert lines(payload, "AE", NO_PID, "a $ b") == [
        "MSH$%*/@$EHR$$APP%1.2%ISO$FAC$20240102030405+0000$$ACK%A08%ACK$W1$P$2.5",
        "MSA$AE$A/F/B$a /F/ b",
        "ERR$$PID$101%Required field missing%HL70357$E$$$$the PID segment is missing",
    ]


@pytest.mark.parametrize("msh_2", ["^~\\&", "^~\\&#", "^~"])
def test_msh_2_is_echoed_when_it_can_be(msh_2: str) -> None:
    payload = f"MSH|{msh_2}|APP|||||||1|P|2.7\r".encode()

    assert lines(payload)[0].startswith(f"MSH|{'^~&' if msh_2 == '^~' else msh_2}|")


def test_the_charset_is_echoed_and_bytes_come_back_as_they_were() -> None:
    payload = message(charset="8859/1").replace(b"ID-7", b"ID-\xeb").replace(b"APP", b"\x81PP")

    ack = build(payload, "AA", at=AT, id_="W1")

    assert ack.split(b"\r")[1] == b"MSA|AA|ID-\xeb"
    assert ack.split(b"\r")[0].split(b"|")[4] == b"\x81PP"
    assert ack.split(b"\r")[0].endswith(b"|T|2.5.1||||||8859/1")


@pytest.mark.parametrize("payload", [b"", b"GET / HTTP/1.1\r\n", b"MSH|ADT|", b"\xff\xfe"])
def test_without_a_readable_msh_the_answer_has_our_own_and_no_control_id(payload: bytes) -> None:
    error = Error("100", "MSH", "no MSH segment")

    assert lines(payload, "AR", error, error.text) == [
        "MSH|^~\\&|WHERRY||||20240102030405+0000||ACK|W1|P|2.5.1",
        "MSA|AR||no MSH segment",
        "ERR||MSH|100^Segment sequence error^HL70357|E||||no MSH segment",
    ]


def test_the_time_of_an_answer_carries_its_offset() -> None:
    at = AT.astimezone(timezone(timedelta(hours=-5, minutes=-30)))

    ack = build(message(), "AA", at=at, id_="W1")

    assert ack.split(b"|")[6] == b"20240101213405-0530"


@pytest.mark.parametrize(
    "version", ["2.1", "2.2", "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.8"]
)
@pytest.mark.parametrize("error", [None, NO_PID])
def test_other_libraries_read_the_answer(version: str, error: Error | None) -> None:
    ack = build(message(version), "AE", at=AT, id_="W1", text="refused", error=error).decode()

    assert str(hl7.parse(ack).segment("MSA")[2]) == "ID-7"
    assert parse_message(ack, find_groups=False).msa.msa_2.value == "ID-7"


@given(st.binary(max_size=40).filter(lambda b: not set(b) & set(b"|\r\n")))
def test_msa_2_is_msh_10_byte_for_byte(control_id: bytes) -> None:
    payload = b"MSH|^~\\&|A|B|C|D|2024||ADT^A01|" + control_id + b"|P|2.5\r"

    ack = build(payload, "AA", at=AT, id_="W1")

    assert ack.split(b"\r")[1] == b"MSA|AA|" + control_id


@given(st.binary())
def test_anything_can_be_answered(payload: bytes) -> None:
    ack = build(b"MSH|" + payload, "AR", at=AT, id_="W1", text="no", error=NO_PID)

    assert ack.count(b"\r") == 3
    assert read(ack).component(9) == "ACK"


@pytest.mark.parametrize("condition", CONDITIONS)
def test_every_condition_has_its_text_in_the_answer(condition: str) -> None:
    assert CONDITIONS[condition] in lines(message(), "AE", Error(condition, "MSH", "x"))[2]


@pytest.mark.parametrize(
    ("text", "expected"), [("", "MSA|AA|1||42"), ("refused", "MSA|AA|1|refused|42")]
)
def test_a_sequence_number_comes_back(text: str, expected: str) -> None:
    payload = b"MSH|^~\\&|A|B|C|D|2024||ADT^A01|1|P|2.5|42"

    assert lines(payload, text=text)[1] == expected
