"""A sender's profile changes what its messages become, and nobody else's. Synthetic messages."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from wherry.errors import Failure
from wherry.hl7.message import Message
from wherry_hl7.senders import load
from wherry_hl7.translate import translate

PROFILE = """\
match: {MSH-3: labsys, MSH-4: [STMARY, STMARY2]}
zone: America/Chicago
systems: {STMARY: "urn:oid:2.999.1", 99LAB: "https://stmary.example/codes/lab"}
identity: {patient: ["PI@STMARY"]}
tables: {AdministrativeSex: {X: other}}
rules:
  PID.Patient:
    - {to: maritalStatus, drop: true}
    - {to: active, const: true}
maps:
  ZPI.Patient:
    into: Patient
    rules:
      - {to: extension, from: ZPI-3, url: "https://stmary.example/vip", in: valueBoolean}
make: {ZPI: ZPI.Patient}
"""

MESSAGE = (
    "MSH|^~\\&|{app}|STMARY|||20260105101500||ADT^A08|1|P|2.5.1\r"
    "PID|1||5^^^OTHER^MR~7^^^STMARY^PI||Testperson^Ada||19700101|X||||||||M\r"
    "ZPI|1|2|Y\rPV1|1|I|||||||||||||||||9"
)


def patient(directory: Path, app: str) -> tuple[Any, Any]:
    message = Message.parse(MESSAGE.format(app=app))
    sender = load(str(directory)).of(message)
    made = translate(message, sender=sender, received_at=datetime(2026, 1, 5, tzinfo=UTC))
    return made, made.bundle["entry"][0]["resource"]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "stmary.yaml").write_text(PROFILE)
    return tmp_path


def test_its_own_names_zone_codes_rules_and_segments_are_used(directory: Path) -> None:
    made, said = patient(directory, "LABSYS")

    assert said["identifier"][0]["system"] == "urn:oid:2.999.1"
    assert said["gender"] == "other"
    assert said["active"] is True
    assert "maritalStatus" not in said
    assert {"url": "https://stmary.example/vip", "valueBoolean": True} in said["extension"]
    assert said["extension"][0]["valueDateTime"] == "2026-01-05T10:15:00-06:00"
    assert [issue.at for issue in made.unmapped] == ["PID-16", "ZPI-1", "ZPI-2"]


def test_another_sender_is_not_touched(directory: Path) -> None:
    made, said = patient(directory, "OTHERSYS")

    assert said["identifier"][0]["value"] == "5"
    assert "active" not in said
    assert said["maritalStatus"]
    assert "ZPI-3" in [issue.at for issue in made.unmapped]


@pytest.mark.parametrize(
    ("old", "new", "at", "said"),
    [
        ("America/Chicago", "Mars/North", "stmary.yaml:2", "no time zone of this name"),
        ("MSH-3: labsys", "MSH-7: labsys", "stmary.yaml:1", "matched by MSH-7"),
        ("to: active", "to: actif", "stmary.yaml:9", "Patient has no element actif"),
        ("PID.Patient:", "PID.Person:", "stmary.yaml:7", "there is no map PID.Person"),
        ("AdministrativeSex", "Sex", "stmary.yaml", "there is no code table Sex"),
        ("ZPI: ZPI.Patient}", "ZPI: ZPX.Patient}", "", "no segment map is called ZPX.Patient"),
    ],
)
def test_a_mistake_in_a_profile_is_said_with_its_line(
    directory: Path, old: str, new: str, at: str, said: str
) -> None:
    (directory / "stmary.yaml").write_text(PROFILE.replace(old, new))

    with pytest.raises(Failure) as caught:
        load(str(directory))

    assert said in caught.value.detail
    assert caught.value.at.startswith(at)


def test_two_profiles_of_the_same_sender_are_refused(directory: Path) -> None:
    (directory / "again.yaml").write_text(PROFILE)

    with pytest.raises(Failure) as caught:
        load(str(directory))

    assert caught.value.detail == "it matches what again matches"


def test_the_profile_that_asks_for_more_comes_first(directory: Path) -> None:
    (directory / "all.yaml").write_text("match: {MSH-4: STMARY}\nzone: UTC\n")
    senders = load(str(directory))

    found = [senders.of(Message.parse(MESSAGE.format(app=app))).name for app in ("LABSYS", "X")]

    assert found == ["stmary", "all"]


@pytest.mark.parametrize(("level", "warned"), [("off", []), ("warn", ["EVN"])])
def test_a_deviation_is_a_warning_where_the_profile_says_so(
    directory: Path, level: str, warned: list[str]
) -> None:
    (directory / "stmary.yaml").write_text(PROFILE + f"conformance: {{segment-missing: {level}}}\n")

    made, _ = patient(directory, "LABSYS")

    assert [one.at for one in made.warnings if one.text.startswith("against HL7: ")] == warned


def test_a_deviation_refuses_the_message_where_the_profile_says_so(directory: Path) -> None:
    (directory / "stmary.yaml").write_text(PROFILE + "conformance: {segment-missing: error}\n")

    with pytest.raises(Failure) as caught:
        patient(directory, "LABSYS")

    assert caught.value.at == "EVN"


def test_a_conformance_rule_that_does_not_exist_is_refused(directory: Path) -> None:
    (directory / "stmary.yaml").write_text(PROFILE + "conformance: {spelling: error}\n")

    with pytest.raises(Failure) as caught:
        load(str(directory))

    assert caught.value.detail == "no conformance rule is called spelling"
