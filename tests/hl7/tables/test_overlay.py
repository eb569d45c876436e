"""A sender's own rows lie over the tables, and nothing else changes."""

import pytest

from wherry.errors import Failure, Kind
from wherry_hl7.mapping.tables import Row, load_shipped, overlaid, own_rows, parse

HEADER = "from,to,system,display,note\n"
TABLES = {
    name: parse(name, HEADER + rows, path=f"{name}.csv")
    for name, rows in {
        "Sex": "F,female,,Female,\nO,other,,Other,\n*,unknown,,,\n",
        "Kind": "A,1,urn:one:a,One,\nB,2,urn:two:b,Two,\n",
    }.items()
}


def test_a_row_of_the_sender_wins_in_any_case_and_the_rest_stays() -> None:
    found = overlaid(TABLES, {"Sex": {"X": "other", "f": "unknown"}}, path="lab.yaml")
    sex = found["Sex"]
    assert [sex.get(code) for code in ("x", "F", "f", "O")] == [
        Row("other", "", "Other"), Row("unknown"), Row("unknown"), Row("other", "", "Other"),
    ]  # fmt: skip
    assert sex.find("Q") == Row("unknown")
    assert found["Kind"] is TABLES["Kind"]
    assert TABLES["Sex"].get("X") is None


def test_a_row_takes_system_and_display_from_the_row_with_the_same_target() -> None:
    kind = overlaid(TABLES, {"Kind": {"Z": "2"}}, path="lab.yaml")["Kind"]
    assert kind.get("Z") == Row("2", "urn:two:b", "Two")


def test_a_row_whose_system_cannot_be_told_is_refused() -> None:
    with pytest.raises(Failure, match="several code systems") as caught:
        overlaid(TABLES, {"Kind": {"Z": "3"}}, path="lab.yaml")
    assert (caught.value.kind, caught.value.at) == (Kind.INVALID, "lab.yaml: Kind Z")


def test_rows_over_a_table_that_does_not_exist_are_refused() -> None:
    with pytest.raises(Failure, match="no code table Gender"):
        overlaid(TABLES, {"Gender": {"X": "other"}}, path="lab.yaml")


def test_the_default_and_the_empty_field_can_be_overlaid() -> None:
    sex = overlaid(TABLES, {"Sex": {"*": "other", "": "female"}}, path="lab.yaml")["Sex"]
    assert (sex.find("Q"), sex.get("")) == (Row("other", "", "Other"), Row("female", "", "Female"))


def test_a_code_may_be_taken_out() -> None:
    assert overlaid(TABLES, {"Sex": {"O": ""}}, path="lab.yaml")["Sex"].get("o") == Row("")


def test_a_line_of_the_sender_is_said_with_its_file() -> None:
    sex = overlaid(TABLES, {"Sex": {"X": "other"}}, path="lab.yaml")["Sex"]
    assert (sex.line("x"), sex.line("F")) == ("lab.yaml: Sex X", "Sex.csv:2")


def test_rows_come_from_a_csv_text_too() -> None:
    text = f"# ours\ntable,{HEADER}Sex,X,other,,,\nKind,Z,9,urn:nine:c,Nine,\n"
    own = own_rows(text, path="lab.csv")
    found = overlaid(TABLES, own, path="lab.csv")
    assert found["Sex"].get("X") == Row("other", "", "Other")
    assert found["Kind"].get("Z") == Row("9", "urn:nine:c", "Nine")
    assert found["Kind"].line("Z") == "lab.csv:4"


def test_a_csv_text_with_a_code_twice_is_refused() -> None:
    text = f"table,{HEADER}Sex,X,other,,,\nSex,X,male,,,\n"
    with pytest.raises(Failure, match=r"already, at lab\.csv:2"):
        own_rows(text, path="lab.csv")


def test_the_shipped_tables_are_read_once_and_can_be_overlaid() -> None:
    shipped = load_shipped()
    assert load_shipped() is shipped
    own = overlaid(shipped, {"EncounterClass": {"OBS": "OBSENC"}}, path="ward.yaml")
    row = own["EncounterClass"].get("obs")
    assert row is not None
    assert (row.to, row.system) == ("OBSENC", "http://terminology.hl7.org/CodeSystem/v3-ActCode")
