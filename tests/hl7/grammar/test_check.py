"""What the standard asks for and a message does not do: rule, place and text, never the value."""

from collections.abc import Callable

import pytest

from wherry.hl7.message import Message
from wherry_hl7.grammar.check import RULES, Finding, check
from wherry_hl7.grammar.structures import structure_of

HEAD = "MSH|^~\\&|MADE|UP|||20240102030405||{kind}^ORU_R01|1|T|{version}"
PID = "PID|1||7^^^MADE&1.2.3&ISO^MR||Made^Up"
OBR = "OBR|1|||1^Made^L"
OBX = "OBX|1|NM|1^Made^L||7|mg|||||F"


def findings(*segments: str, kind: str = "ORU^R01", version: str = "2.5.1") -> list[Finding]:
    text = "\r".join((HEAD.format(kind=kind, version=version), *segments))
    return check(Message.parse(text.encode()), structure_of(kind), version=version)


def test_a_message_as_the_standard_has_it_has_no_findings() -> None:
    assert findings(PID, OBR, OBX) == []


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        ((PID,), Finding("segment-missing", "OBR", "required in PATIENT_RESULT")),
        ((PID, OBX), Finding("segment-missing", "OBR", "required in ORDER_OBSERVATION")),
        (
            (PID, OBR, OBX, "DSP|1||made"),
            Finding("segment-unexpected", "DSP", "not part of this structure"),
        ),
        (
            (PID, OBR, "PV1|1|O", OBX),
            Finding("segment-unexpected", "PV1", "not allowed at this place"),
        ),
        (("PID|1||||Made", OBR), Finding("field-required", "PID-3", "required, but empty")),
        (
            (f"{PID}{'|' * 14}A~B", OBR),
            Finding("repetition", "PID-19", "repeats more than 1 times"),
        ),
        ((PID, "OBR|x|||1"), Finding("data-type", "OBR-1", "not a value of type SI")),
        (
            (PID, OBR, OBX.replace("|7|", "|7 mg|")),
            Finding("data-type", "OBX-5", "not a value of type NM"),
        ),
        (
            (PID, OBR, OBX.replace("|F", "|Q")),
            Finding("code", "OBX-11", "not a code of HL7 table 0085"),
        ),
        ((f"{PID}||20241301", OBR), Finding("data-type", "PID-7", "not a value of type DTM")),
        (
            (PID, OBR, OBX.replace("|mg|", "|a^b^c^d^e^f^g|")),
            Finding("components", "OBX-6", "more than 6 components"),
        ),
        ((PID, f"OBR|1|||1^{'x' * 200}"), Finding("length", "OBR-4", "longer than 199")),
        (
            (PID, OBR, "NTE|1||text|RE|more"),
            Finding("field-unknown", "NTE-5", "no such field in this version"),
        ),
    ],
)
def test_each_deviation_is_found_and_nothing_else(
    segments: tuple[str, ...], expected: Finding
) -> None:
    assert findings(*segments) == [expected]
    assert expected.rule in RULES


def test_a_field_of_today_is_judged_by_the_tables_of_today() -> None:
    withdrawn = findings(PID.replace("1||7", "1|5|7"), OBR, OBX, version="2.8")

    assert findings(PID.replace("1||7", "1|5|7"), OBR, OBX) == []
    assert withdrawn == [Finding("withdrawn", "PID-2", "withdrawn from this version")]


def test_a_segment_of_a_newer_version_is_unexpected_in_an_older_one_only() -> None:
    prt = "PRT||A||AP"

    assert findings(PID, OBR, OBX, prt)[0].rule == "segment-unexpected"
    assert findings(PID, OBR, OBX, prt, version="2.8") == []


def test_what_many_segments_have_in_common_is_said_once() -> None:
    bad = OBX.replace("|F", "|Q")

    assert len(findings(PID, OBR, bad, bad, bad)) == 1


def test_deleted_values_and_local_segments_are_no_deviation() -> None:
    assert findings(PID, 'OBR|""|||1^Made^L|||""', OBX.replace("|7|", '|""|'), "ZZZ|anything") == []


def test_other_delimiters_are_read_as_such() -> None:
    text = "\r".join((HEAD.format(kind="ORU^R01", version="2.5.1"), PID, OBR, OBX))
    other = text.translate(str.maketrans("|^~\\&", "#*!/%"))

    assert check(Message.parse(other.encode()), "ORU_R01", version="2.5.1") == []


def test_no_finding_quotes_what_was_sent(made: Callable[..., Message]) -> None:
    secret = "SECRET"
    fields = "|".join(
        f"{secret}^{secret}^{secret}^{secret}^{secret}^{secret}^{secret}~{secret}"
        for _ in range(60)
    )
    lines = [HEAD.format(kind="ORU^R01", version="2.5.1")]
    lines += [
        f"{name}|{fields}" for name in ("PID", "PV1", "ORC", "OBR", "OBX", "NTE", "SPM", "XYZ")
    ]

    found = check(Message.parse("\r".join(lines).encode()), "ORU_R01", version="2.5.1")

    assert len(found) > 50
    assert secret not in repr(found)
    assert {each.rule for each in found} <= set(RULES)


@pytest.mark.parametrize("version", ["", "1.0", "2", "2.x", "2.9", "nonsense"])
def test_any_version_can_be_asked_for(version: str) -> None:
    assert findings(PID, OBR, OBX, version=version) is not None


def test_an_unknown_structure_is_checked_by_its_fields(made: Callable[..., Message]) -> None:
    found = check(made("ABC^X01", "PID OBR=x"), "ABC_X01", version="2.5.1")

    assert Finding("data-type", "OBR-1", "not a value of type SI") in found
