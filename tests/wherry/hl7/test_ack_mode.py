"""Every combination of MSH-15 and MSH-16. All messages here are synthetic."""

import pytest

from wherry.hl7.ack_mode import Levels, levels
from wherry.hl7.head import read


def said(accept: str, application: str, code: str) -> str:
    head = read(f"MSH|^~\\&|A|B|C|D|2024||ADT^A01|1|P|2.5|||{accept}|{application}".encode())
    found = levels(head, code)
    return f"{found.accept} {found.application}".strip() or "-"


# MSH-15, MSH-16: answers to what is accepted, to content that cannot be used (AE), to a type that
# is not taken (AR). Source: HL7 v2.5.1 §2.9.2, table 0155
TABLE = [
    ("", "", "AA", "AE", "AR"),
    ("", "AL", "AA", "AE", "AR"),
    ("", "NE", "-", "-", "-"),
    ("", "ER", "-", "AE", "AR"),
    ("", "SU", "AA", "-", "-"),
    ("AL", "", "CA", "CE", "CR"),
    ("AL", "AL", "CA AA", "CA AE", "CR"),
    ("AL", "NE", "CA", "CE", "CR"),
    ("AL", "ER", "CA", "CA AE", "CR"),
    ("AL", "SU", "CA AA", "CE", "CR"),
    ("NE", "", "-", "-", "-"),
    ("NE", "AL", "AA", "AE", "AR"),
    ("NE", "NE", "-", "-", "-"),
    ("NE", "ER", "-", "AE", "AR"),
    ("NE", "SU", "AA", "-", "-"),
    ("ER", "", "-", "CE", "CR"),
    ("ER", "AL", "AA", "AE", "CR"),
    ("ER", "NE", "-", "CE", "CR"),
    ("ER", "ER", "-", "AE", "CR"),
    ("ER", "SU", "AA", "CE", "CR"),
    ("SU", "", "CA", "-", "-"),
    ("SU", "AL", "CA AA", "CA AE", "AR"),
    ("SU", "NE", "CA", "-", "-"),
    ("SU", "ER", "CA", "CA AE", "AR"),
    ("SU", "SU", "CA AA", "-", "-"),
]


@pytest.mark.parametrize(("accept", "application", "good", "content", "kind"), TABLE)
def test_each_combination_is_answered_as_it_asks(
    accept: str, application: str, good: str, content: str, kind: str
) -> None:
    found = [said(accept, application, code) for code in ("AA", "AE", "AR")]

    assert found == [good, content, kind]


@pytest.mark.parametrize(("accept", "application"), [row[:2] for row in TABLE])
def test_what_is_never_answered_is_not_answered_in_any_mode(accept: str, application: str) -> None:
    assert said(accept, application, "") == "-"


def test_a_value_that_is_not_in_the_table_asks_for_an_answer() -> None:
    assert said("ACCEPT", "X", "AA") == "CA AA"


def test_values_are_read_in_any_case_and_with_blanks() -> None:
    head = read(b"MSH|^~\\&|A|B|C|D|2024||ADT^A01|1|P|2.5||| al |ne")

    assert levels(head, "AA") == Levels("CA", "")
