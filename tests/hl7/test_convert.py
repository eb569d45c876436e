"""`wherry hl7 convert` prints one JSON object a line. All data are synthetic."""

import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from wherry.codec import decode
from wherry.testing.hl7 import message, segment
from wherry_hl7.convert import convert

PID = segment("PID", {3: "1^^^NORTH^MR", 7: "19610402113000", 33: "20260101"})
ADT = message(PID, segment("PV1", {2: "I", 19: "V1"}), kind="ADT^A01")
UNSUPPORTED = message(PID, kind="ADT^A99")


def _run(*args: object) -> Result:
    return CliRunner().invoke(convert, [str(arg) for arg in args])


def _lines(result: Result) -> list[dict[str, Any]]:
    return [decode(line) for line in result.stdout.splitlines()]


def _file(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_a_message_is_a_bundle_with_what_was_odd_and_what_was_left(tmp_path: Path) -> None:
    path = _file(tmp_path, "a.hl7", ADT)

    result = _run(path)

    (line,) = _lines(result)
    assert result.exit_code == 0
    assert sorted(line) == ["bundle", "index", "source", "unmapped", "warnings"]
    assert (line["source"], line["index"], line["bundle"]["type"]) == (str(path), 0, "transaction")
    assert line["unmapped"] == [{"at": "PID-33", "text": "not mapped"}]


def test_several_messages_in_a_file_are_numbered_and_envelopes_skipped(tmp_path: Path) -> None:
    batch = b"FHS|^~\\&|X\rBHS|^~\\&|X\r" + ADT + b"\r" + ADT + b"\rBTS|2\rFTS|1\r"

    result = _run(_file(tmp_path, "batch.hl7", batch))

    assert [line["index"] for line in _lines(result)] == [0, 1]
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("data", "code", "at"),
    [
        (UNSUPPORTED, "not-supported", "MSH-9"),
        (b"not HL7", "invalid", "MSH"),
        (message(segment("PV1", {2: "I"}), kind="ADT^A01"), "processing", "PID"),
    ],
)
def test_what_cannot_be_converted_has_an_outcome_and_the_exit_code_says_so(
    tmp_path: Path, data: bytes, code: str, at: str
) -> None:
    good, bad = _file(tmp_path, "a.hl7", ADT), _file(tmp_path, "b.hl7", data)

    result = _run(bad, good)

    first, second = _lines(result)
    assert result.exit_code == 1
    assert (first["outcome"]["issue"][0]["code"], first["outcome"]["issue"][0]["expression"]) == (
        code,
        [at],
    )
    assert sorted(first) == ["index", "outcome", "source", "unmapped", "warnings"]
    assert "bundle" in second


def test_directories_are_walked_in_order_for_hl7_and_txt(tmp_path: Path) -> None:
    for name in ("b/2.txt", "a/1.HL7", "a/ignored.json", "3.hl7"):
        _file(tmp_path, name, ADT)

    lines = _lines(_run(tmp_path))

    names = [str(Path(line["source"]).relative_to(tmp_path)) for line in lines]
    assert names == ["3.hl7", "a/1.HL7", "b/2.txt"]


def test_an_empty_file_has_no_messages(tmp_path: Path) -> None:
    result = _run(_file(tmp_path, "empty.hl7", b"\r\n"))

    assert (result.exit_code, result.stdout) == (0, "")


def test_the_same_file_gives_the_same_output(tmp_path: Path) -> None:
    path = _file(tmp_path, "a.hl7", message(PID, kind="ADT^A08", time=""))
    os.utime(path, (1_700_000_000, 1_700_000_000))

    first, again = _run(path), _run(path)

    assert first.stdout == again.stdout
    assert '"recorded":"2023-11-14T22:13:20+00:00"' in first.stdout


@pytest.mark.parametrize(
    ("zone", "time"),
    [("America/Chicago", "-06:00"), ("+01:00", "+01:00"), ("UTC", "+00:00")],
)
def test_a_zone_is_for_times_that_have_none(tmp_path: Path, zone: str, time: str) -> None:
    path = _file(tmp_path, "a.hl7", message(PID, kind="ADT^A08", time="20260105120000"))

    (line,) = _lines(_run(path, "--zone", zone))

    birth = line["bundle"]["entry"][0]["resource"]["_birthDate"]["extension"][0]["valueDateTime"]
    assert birth == f"1961-04-02T11:30:00{time}"


def test_without_a_zone_a_time_of_day_is_not_used_and_a_warning_says_so(tmp_path: Path) -> None:
    path = _file(tmp_path, "a.hl7", message(PID, kind="ADT^A08", time="20260105120000"))

    (line,) = _lines(_run(path))

    assert "_birthDate" not in line["bundle"]["entry"][0]["resource"]
    assert {"MSH-7", "PID-7"} <= {warning["at"] for warning in line["warnings"]}


def test_a_patient_without_number_is_converted_with_a_warning(tmp_path: Path) -> None:
    path = _file(tmp_path, "a.hl7", message(segment("PID", {5: "Doe^Jo"}), kind="ADT^A08"))

    (line,) = _lines(_run(path))

    assert "PID-3" in {warning["at"] for warning in line["warnings"]}


@pytest.mark.parametrize(
    ("option", "value"), [("--zone", "Mars/Olympus"), ("--zone", "../etc"), ("--sender", "none")]
)
def test_a_wrong_option_is_named(tmp_path: Path, option: str, value: str) -> None:
    result = _run(_file(tmp_path, "a.hl7", ADT), option, value)

    assert result.exit_code == 2
    assert option in result.stderr
