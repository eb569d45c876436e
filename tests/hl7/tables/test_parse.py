"""A code table's text is read, or refused with file and line."""

import pytest

from wherry.errors import Failure, Kind
from wherry_hl7.mapping import bindings
from wherry_hl7.mapping.tables import Row, parse

HEADER = "# Sex to gender.\n# Source: made up.\nfrom,to,system,display,note\n"


def test_rows_are_found_by_code_trimmed_and_in_any_case() -> None:
    table = parse("Sex", f"{HEADER}Male,male,,Male,\n", path="Sex.csv")
    expected = Row("male", "", "Male")
    assert [table.get(code) for code in ("Male", "MALE", " male\t", "man")] == [
        expected, expected, expected, None,
    ]  # fmt: skip


def test_a_code_with_a_comma_or_a_hash_is_a_code() -> None:
    text = f'{HEADER}"a,b",1,,"x, y",\n#/uL,2,,,\n'
    table = parse("T", text, path="T.csv")
    assert {code: row.to for code, row in table.listed.items()} == {"a,b": "1", "#/uL": "2"}


def test_get_knows_what_is_listed_and_find_has_the_default_for_the_rest() -> None:
    table = parse("T", f"{HEADER}F,final,,,\n*,unknown,,,\n", path="T.csv")
    assert (table.get("Q"), table.find("Q"), table.find("f")) == (
        None, Row("unknown"), Row("final"),
    )  # fmt: skip
    assert table.get("*") is None


def test_an_empty_code_is_a_row_of_its_own() -> None:
    table = parse("T", f"{HEADER},unknown,,,\nF,final,,,\n", path="T.csv")
    assert (table.get(""), table.get("  ")) == (Row("unknown"), Row("unknown"))
    assert parse("T", f"{HEADER}F,final,,,\n", path="T.csv").get("") is None


def test_a_code_may_be_known_and_have_no_target() -> None:
    table = parse("T", f"{HEADER}U,,,,not known is neither\n", path="T.csv")
    assert table.get("u") == Row("")


def test_the_line_of_a_code_is_said() -> None:
    table = parse("T", f"{HEADER}F,final,,,\n*,unknown,,,\n", path="maps/T.csv")
    assert [table.line(code) for code in ("f", "Q")] == ["maps/T.csv:4", "maps/T.csv:5"]
    assert parse("T", f"{HEADER}F,final,,,\n", path="maps/T.csv").line("Q") == "maps/T.csv"


def test_a_table_may_tell_upper_from_lower_case() -> None:
    text = "# matched: exactly as written\n" + f"{HEADER}mM,mmol/L,,,\nMM,mm,,,\n"
    table = parse("T", text, path="T.csv")
    assert [row and row.to for row in map(table.get, ("mM", " MM", "mm"))] == ["mmol/L", "mm", None]


def test_a_byte_order_mark_and_windows_line_ends_are_read() -> None:
    text = "\ufeff" + f"{HEADER}F,final,,,\n".replace("\n", "\r\n")
    assert parse("T", text, path="T.csv").get("F") == Row("final")


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("F,final,,,\nf,amended,,,\n", 5, "already, at T.csv:4"),
        ("F,final,,,\nP, preliminary,,,\n", 5, "white space"),
        ("F,final ,,,\n", 4, "white space"),
        ("F,not  done,,,\n", 4, "white space"),
        ("F,final\n", 4, "expected 5 cells, found 2"),
        ("F,final,,,,\n", 4, "expected 5 cells, found 6"),
        ("F,final,loinc,,\n", 4, "not a URI"),
        ("F,final,http://,,\n", 4, "not a URI"),
        ("F,final,urn:a b,,\n", 4, "not a URI"),
        ("F,,,,\n", 4, "note has to say why"),
        ("F,,http://loinc.org,,why\n", 4, "no system either"),
        ("\n", 4, "expected 5 cells, found 0"),
        ('"F,final,,,\n', 4, "not CSV"),
    ],
)
def test_a_wrong_line_is_refused_with_its_place(body: str, line: int, words: str) -> None:
    with pytest.raises(Failure, match=words) as caught:
        parse("T", HEADER + body, path="T.csv")
    assert (caught.value.kind, caught.value.at) == (Kind.INVALID, f"T.csv:{line}")


@pytest.mark.parametrize(
    "text", ["", "# only comments\n", "F,final,,,\n", "from,to\nF,final\n", "from,to,system\n"]
)
def test_a_text_without_the_header_is_refused(text: str) -> None:
    with pytest.raises(Failure, match="expected the header"):
        parse("T", text, path="T.csv")


def test_bindings_are_elements_by_table() -> None:
    text = "table,element\nSex,Patient.gender\nSex,Patient.contact.gender\n"
    assert bindings.parse(text, path="b.csv") == {
        "Sex": ["Patient.gender", "Patient.contact.gender"]
    }


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Sex,Patient.sex", "no element Patient.sex"),
        ("Sex,Person", "no value set for Person"),
        ("Sex,Patient.birthDate", "no value set"),
        ("Sex,Nobody.gender", "no element"),
        ("Sex,Patient.gender\nSex,Patient.gender", "twice"),
    ],
)
def test_a_binding_that_r4_does_not_have_is_refused(line: str, words: str) -> None:
    with pytest.raises(Failure, match=words):
        bindings.parse(f"table,element\n{line}\n", path="b.csv")


@pytest.mark.parametrize(
    ("line", "element"),
    [
        ("F,femal,,,", "Patient.gender"),
        ("*,femal,,,", "Patient.gender"),
        ("A,active,http://loinc.org,,", "Condition.clinicalStatus"),
    ],
)
def test_a_target_outside_of_the_value_set_is_refused_with_its_line(
    line: str, element: str
) -> None:
    table = parse("T", f"{HEADER}{line}\n", path="T.csv")
    with pytest.raises(Failure, match="not a code that R4 allows") as caught:
        bindings.check(table, [element])
    assert caught.value.at == "T.csv:4"
