"""Escape sequences both ways. All texts here are synthetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherry.hl7.delimiters import STANDARD, Delimiters
from wherry.hl7.escapes import escape, unescape

OTHERS = Delimiters("$", "%", "*", "/", "@")


@pytest.mark.parametrize(
    ("leaf", "text"),
    [
        (r"O\T\Neil", "O&Neil"),
        (r"\F\\S\\T\\R\\E\\P\ ", "|^&~\\# "),
        (r"one\.br\two", "one\ntwo"),
        (r"one\.BR\two", "one\ntwo"),
        (r"one\.sp2\two\.sp\three", "one\n\ntwo\nthree"),
        (r"a\.sk3\b\.in4\\.ti-2\\.fi\\.nf\c\.ce\d", "a   bc\nd"),
        (r"\H\high\N\ light", "high light"),
        (r"line\X0D0A\end", "line\r\nend"),
        (r"Zo\XC3AB\ and Zo\XC3\\xAB\ ", None),
        (r"Zo\XC3\\XAB\!", "Zoë!"),
        (r"\Xc3ab\!", "ë!"),
        (r"a\.sp999999\b", "a" + "\n" * 100 + "b"),
    ],
)
def test_known_sequences_become_text(leaf: str, text: str | None) -> None:
    if text is None:
        text = "Zoë and Zo\\XC3\\\\xAB\\ "
        assert unescape(leaf, STANDARD) == (text, True)
        return
    assert unescape(leaf, STANDARD) == (text, False)


@pytest.mark.parametrize(
    "leaf",
    [
        "50\\50",
        "C:\\Temp\\file",
        "\\",
        "ends with \\",
        "\\Zab\\",
        "\\C2842\\",
        "\\M260F74\\",
        "\\X0\\",
        "\\XZZ\\",
        "\\X\\",
        "\\.\\",
        "\\.br",
        "\\t\\",
        "\\.brr\\",
        "\\XFF\\",
    ],
)
def test_what_is_not_known_stays_as_it_is_and_is_noted(leaf: str) -> None:
    assert unescape(leaf, STANDARD) == (leaf, True)


def test_a_lone_escape_character_does_not_swallow_the_next_sequence() -> None:
    assert unescape("50\\50 and O\\T\\N", STANDARD) == ("50\\50 and O&N", True)


def test_sequences_mean_the_delimiters_of_this_message() -> None:
    assert unescape("/F//S//T//R//E/", OTHERS) == ("$%@*/", False)


def test_without_escape_character_nothing_is_escaped() -> None:
    assert unescape(r"O\T\N", Delimiters(escape="")) == (r"O\T\N", False)


def test_hexadecimal_bytes_are_in_the_charset_of_the_message() -> None:
    assert unescape(r"Zo\XEB\ ", STANDARD, "iso8859_1") == ("Zoë ", False)


@given(st.text(), st.sampled_from([STANDARD, OTHERS]))
def test_an_escaped_text_comes_back_with_its_line_ends_as_newlines(
    text: str, delimiters: Delimiters
) -> None:
    leaf = escape(text, delimiters)

    assert unescape(leaf, delimiters) == (text.replace("\r\n", "\n").replace("\r", "\n"), False)
    d = delimiters
    assert not set(leaf) & {d.field, d.component, d.repetition, d.subcomponent, "\r", "\n"}


@given(st.text())
def test_without_escape_character_an_escaped_text_splits_nothing(text: str) -> None:
    assert not set(escape(text, Delimiters(escape=""))) & set("|^~&\r\n")


@given(st.text(alphabet="\\XTEF.brsp09 Cc"))
def test_any_text_can_be_unescaped(text: str) -> None:
    out, odd = unescape(text, STANDARD)

    assert isinstance(out, str)
    assert odd or text.count("\\") % 2 == 0
