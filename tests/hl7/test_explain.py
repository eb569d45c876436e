"""`wherry hl7 explain` prints where each field went and by which rule. All data are synthetic."""

from pathlib import Path

from click.testing import CliRunner

from wherry.testing.hl7 import message, segment
from wherry_hl7.explain import explain

PID = segment("PID", {3: "1^^^NORTH^MR", 8: "F", 23: "Sampletown"})
ADT = message(PID, segment("PV1", {2: "I", 19: "V1"}), kind="ADT^A01")


def _explained(folder: Path, data: bytes) -> tuple[int, list[str]]:
    path = folder / "a.hl7"
    path.write_bytes(data)
    result = CliRunner().invoke(explain, [str(path)])
    return result.exit_code, [" ".join(line.split()) for line in result.stdout.splitlines()]


def test_each_field_is_listed_with_its_element_and_the_rules_line(tmp_path: Path) -> None:
    code, lines = _explained(tmp_path, ADT)

    rules = [line.rpartition(":")[0] for line in lines]
    assert code == 0
    assert lines[0] == "a.hl7 message 1"
    assert "PID-3 Patient.identifier segments/PID.yaml" in rules
    assert "PID-8 Patient.gender segments/PID.yaml" in rules
    assert "PV1-2 Encounter.class segments/PV1.yaml" in rules


def test_what_no_rule_took_is_listed_and_no_value_is_shown(tmp_path: Path) -> None:
    _, lines = _explained(tmp_path, message(PID, segment("ZZZ", {2: "kept"}), kind="ADT^A08"))

    assert "ZZZ-2: not mapped" in lines[lines.index("not mapped:") :]
    assert "kept" not in "\n".join(lines)


def test_a_message_that_cannot_be_translated_says_why_and_the_exit_code_too(tmp_path: Path) -> None:
    code, lines = _explained(tmp_path, message(PID, kind="XYZ^Z99"))

    assert code == 1
    assert lines[1] == "not translated at MSH-9: this message type is not translated"
