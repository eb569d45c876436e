"""Which bytes become which text. All texts here are synthetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherry.hl7.charset import Decoded, decode
from wherry.hl7.message import Message


def sent(text: str, codec: str, declared: str) -> bytes:
    msh = f"MSH|^~\\&|A|B|||2024||ADT^A01|1|P|2.5||||||{declared}\r"
    return msh.encode() + f"PID|1||1||{text}^X\r".encode(codec)


# Source: HL7 table 0211
@pytest.mark.parametrize(
    ("declared", "codec", "text"),
    [
        ("8859/1", "latin-1", "Müller"),
        ("8859/2", "iso8859-2", "Łódź"),
        ("8859/5", "iso8859-5", "Иванов"),
        ("8859/7", "iso8859-7", "Παπάς"),
        ("8859/15", "iso8859-15", "Œuvre €"),
        ("UNICODE UTF-8", "utf-8", "Zoë 山田 Иванов"),
        ("UNICODE", "utf-8", "Zoë"),
        ("unicode utf-8", "utf-8", "Zoë"),
        ("~ISO IR87", "iso2022_jp", "山田太郎"),
        ("ASCII~ISO IR87", "iso2022_jp", "山田太郎"),
        ("ISO IR159", "iso2022_jp_1", "山田太郎"),
        ("GB 18030-2000", "gb18030", "王小明"),
        ("BIG-5", "big5", "許功蓋"),
        ("KS X 1001", "euc_kr", "김철수"),
        ("", "utf-8", "Zoë 山田"),
        ("", "ascii", "Doe"),
    ],
)
def test_a_declared_character_set_is_read(declared: str, codec: str, text: str) -> None:
    message = Message.parse(sent(text, codec, declared))

    assert message.segments[1].text(5) == text
    assert message.warnings == []


@pytest.mark.parametrize(
    ("declared", "codec", "text"),
    [
        ("", "cp1252", "Zoë – “quoted”"),
        ("ASCII", "cp1252", "Zoë"),
        ("ASCII", "utf-8", "Zoë"),
        ("UNICODE UTF-8", "cp1252", "Zoë"),
        ("CP437", "utf-8", "Zoë"),
        ("CNS 11643-1992", "utf-8", "Zoë"),
        ("UNICODE UTF-16", "utf-8", "Zoë"),
    ],
)
def test_a_wrong_or_missing_declaration_is_read_all_the_same_with_a_warning(
    declared: str, codec: str, text: str
) -> None:
    message = Message.parse(sent(text, codec, declared))

    assert message.segments[1].text(5) == text
    assert [issue.at for issue in message.warnings] == ["MSH-18"]


def test_what_is_agreed_with_a_sender_overrides_msh_18() -> None:
    message = Message.parse(sent("Łódź", "iso8859-2", "8859/1"), charset="iso8859-2")

    assert (message.segments[1].text(5), message.charset) == ("Łódź", "iso8859-2")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_a_utf_16_file_with_a_bom_is_read(codec: str) -> None:
    data = ("\ufeff" + sent("Zoë", "utf-8", "").decode()).encode(codec)

    assert Message.parse(data).segments[1].text(5) == "Zoë"


def test_every_byte_has_a_text() -> None:
    data = bytes(range(256))

    decoded = decode(data, "8859/1")

    assert decoded.text[0x41] == "A"
    assert (decoded.text[0x81], decoded.text[0x93], decoded.text[0xEB]) == ("\x81", "“", "ë")
    assert (len(decoded.text), decoded.codec, decoded.remark) == (256, "cp1252", "")


@given(st.binary(), st.text(max_size=20), st.sampled_from(["", "utf-7", "no-such-codec", "hex"]))
def test_decoding_never_fails(data: bytes, declared: str, override: str) -> None:
    assert isinstance(decode(data, declared, override), Decoded)


@pytest.mark.parametrize("declared", ["", "8859/1", "ASCII~8859/1"])
def test_without_a_repetition_character_there_is_one_character_set(declared: str) -> None:
    assert decode(b"MSH", declared, repetition="").text == "MSH"
