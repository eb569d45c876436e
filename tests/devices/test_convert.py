"""`wherry devices convert` and `bind`: lines of JSON on stdout, exit codes that scripts can use."""

from pathlib import Path
from typing import Any

import pytest
import responses
from click.testing import CliRunner, Result
from tests.devices.harness import data_point, getmeas, group, measure

from wherry.codec import decode, encode
from wherry.fhir.check import problems
from wherry_devices.cli import devices

GOOD = getmeas(group(1, measure(10, 14300, -2), measure(9, 82), measure(11, 760, -1)))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(devices, arguments)


def lines(result: Result) -> list[dict[str, Any]]:
    return [decode(line) for line in result.stdout.splitlines()]


def write(path: Path, payload: Any) -> Path:
    path.write_bytes(encode(payload))
    return path


def test_a_payload_is_one_line_with_readings_and_a_valid_bundle(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", GOOD)

    result = run("convert", "--source", "withings", str(path))

    [said] = lines(result)
    assert (result.exit_code, list(said)) == (
        0,
        ["source", "readings", "dropped", "unmapped", "bundle"],
    )
    assert said["source"] == str(path)
    assert [one["kind"] for one in said["readings"]] == [
        "bp_systolic",
        "bp_diastolic",
        "heart_rate",
    ]
    assert problems(said["bundle"]) == []
    assert run("convert", "--source", "withings", str(path)).stdout == result.stdout


def test_without_a_patient_the_subject_is_the_owner_and_with_one_that(tmp_path: Path) -> None:
    path = str(write(tmp_path / "a.json", GOOD))

    [alone] = lines(run("convert", "--source", "withings", path))
    [given] = lines(run("convert", "--source", "withings", "--patient", "p9", path))

    subjects = [
        {
            str(entry["resource"]["subject"])
            for entry in said["bundle"]["entry"]
            if "subject" in entry["resource"]
        }
        for said in (alone, given)
    ]
    assert "cuff-1" not in str(subjects)
    assert "urn:wherry:devices:withings:owner" in str(subjects[0])
    assert subjects[1] == {str({"reference": "Patient/p9"})}


def test_directories_are_walked_and_one_outcome_is_enough_to_fail(tmp_path: Path) -> None:
    write(tmp_path / "a.json", GOOD)
    (tmp_path / "b.json").write_bytes(b"{broken")
    write(tmp_path / "c.json", getmeas(group(1, measure(1, 65), category=2)))
    write(tmp_path / "notes.txt", GOOD)
    (tmp_path / "notice.txt").write_bytes(b"userid=1&appli=4&startdate=1&enddate=2\n")
    (tmp_path / "source.txt").write_bytes(b"where=it came from")

    result = run("convert", "--source", "withings", str(tmp_path))

    said = lines(result)
    assert result.exit_code == 1
    assert ["outcome" in one for one in said] == [False, True, True, True]
    assert [one["reason"] for one in said[3]["dropped"]] == ["notice-to-fetch"]
    assert [one["outcome"]["issue"][0]["details"]["text"] for one in said[1:]] == [
        "not valid JSON",
        "nothing that could be stored",
        "nothing that could be stored",
    ]
    assert [drop["reason"] for drop in said[2]["dropped"]] == ["goal"]


def test_an_unknown_source_is_told_with_the_known_ones(tmp_path: Path) -> None:
    result = run("convert", "--source", "nobody", str(write(tmp_path / "a.json", GOOD)))

    assert result.exit_code == 2
    assert "withings" in result.stderr


def test_a_list_of_data_points_is_one_payload(tmp_path: Path) -> None:
    point = data_point("heart-rate", {"heart_rate": {"value": 61, "unit": "beats/min"}})
    path = write(tmp_path / "a.json", [point])

    [said] = lines(run("convert", "--source", "openmhealth", str(path)))

    assert [one["value"] for one in said["readings"]] == [61]


BIND = (
    *("bind", "--source", "withings", "--device", "cuff-1"),
    *("--patient", "p1", "--verified-by", "x"),
)


def test_bind_asks_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHERRY_SERVICE_TOKEN", "made-up-token")
    with responses.RequestsMock() as web:
        call = web.put("http://devices.test/v1/bindings", json={"released": 2})

        result = run(*BIND, "--to", "2026-01-01T00:00:00Z", "--url", "http://devices.test")

    request = call.calls[0].request
    assert (result.exit_code, decode(result.stdout)) == (0, {"released": 2})
    assert request.headers["Authorization"] == "Bearer made-up-token"
    assert decode(request.body or b"") == {
        "source": "withings",
        "device": "cuff-1",
        "patient": "p1",
        "valid_from": "1970-01-01T00:00:00+00:00",
        "valid_to": "2026-01-01T00:00:00Z",
        "verified_by": "x",
    }


def test_bind_says_why_not() -> None:
    issue = {"details": {"text": "no such patient"}, "expression": ["patient"]}
    with responses.RequestsMock() as web:
        web.put("http://127.0.0.1:8102/v1/bindings", json={"issue": [issue]}, status=404)

        result = run(*BIND)

    assert (result.exit_code, result.stderr) == (1, "refused: patient no such patient\n")


def test_bind_says_when_nobody_answers() -> None:
    with responses.RequestsMock():
        result = run(*BIND, "--url", "http://nobody.test")

    assert result.exit_code == 1
    assert "nothing answers at http://nobody.test" in result.stderr


def test_a_payload_without_a_source_is_recognised_by_its_shape(tmp_path: Path) -> None:
    write(tmp_path / "a.json", GOOD)
    (tmp_path / "b.hl7").write_bytes(b"MSH|^~\\&|A|B")
    (tmp_path / "c.json").write_bytes(b'{"nobody": 1}')
    (tmp_path / "d.xml").write_bytes(b"<html/>")

    said = lines(run("convert", str(tmp_path)))

    assert said[0]["template"] == "withings"
    assert [one["outcome"]["issue"][0]["details"]["text"] for one in said[1:]] == [
        "an HL7 v2 message: it belongs to the hl7 service",
        "no source writes such payloads",
        "not valid JSON",
    ]


def test_explain_shows_what_was_used_what_was_not_and_the_fhir(tmp_path: Path) -> None:
    payload = getmeas(group(1, measure(11, 70), measure(999, 1), comment="x"))

    told = run("convert", "--explain", str(write(tmp_path / "a.json", payload))).stdout

    for words in (
        "template withings 2 sha256:",
        "fields it knows: account"[:16],
        "reading   heart_rate 70 /min at 2026-03-01T09:01:00+01:00 (device, offset profile",
        "aside     unknown code: 999 at body.measuregrps[0].measures[1]",
        "not read  body.measuregrps[].comment",
        'FHIR      {"resourceType":"Observation"',
    ):
        assert words in told


EXPORT = """<?xml version="1.0"?>
<!DOCTYPE HealthData [<!ELEMENT HealthData (Record)*>]>
<HealthData>{}</HealthData>
"""
RECORD = (
    '<Record type="HKQuantityTypeIdentifierHeartRate" unit="count/min" value="{}"'
    ' startDate="2026-03-01 07:00:00 -0500" endDate="2026-03-01 07:00:00 -0500"/>'
)


def test_an_export_is_sent_in_payloads_that_the_service_reads(tmp_path: Path) -> None:
    path = tmp_path / "export.xml"
    path.write_text(EXPORT.format("".join(RECORD.format(50 + n % 60) for n in range(2500))))
    with responses.RequestsMock() as web:
        call = web.post("http://devices.test/v1/sources/apple-export", status=202)

        result = run("send-export", "--account", "a", "--url", "http://devices.test", str(path))

    assert result.exit_code == 0
    assert "3 payloads" in result.stdout
    bodies = [decode(one.request.body or b"") for one in call.calls]
    assert [len(body["records"]) for body in bodies] == [1000, 1000, 500]
    assert {body["account"] for body in bodies} == {"a"}
    again = tmp_path / "part.json"
    again.write_bytes(encode(bodies[2]))
    assert len(lines(run("convert", str(again)))[0]["readings"]) == 500


@pytest.mark.parametrize(
    "text",
    [
        "<html/>",
        "<HealthData><Record",
        EXPORT.format("<Record>"),
        '<!DOCTYPE HealthData [<!ENTITY a "b">]><HealthData/>',
        '<!DOCTYPE HealthData [<!ENTITY % a SYSTEM "file:///etc/hostname">]><HealthData/>',
    ],
)
def test_what_is_no_export_or_has_entities_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "export.xml"
    path.write_text(text)

    result = run("send-export", "--account", "a", "--url", "http://devices.test", str(path))

    assert result.exit_code == 1
    assert "not an Apple Health export, after 0 payloads" in result.stderr


def test_an_export_that_is_not_kept_ends_there(tmp_path: Path) -> None:
    path = tmp_path / "export.xml"
    path.write_text(EXPORT.format(RECORD.format(60)))
    with responses.RequestsMock() as web:
        web.post("http://devices.test/v1/sources/apple-export", status=503)

        result = run("send-export", "--account", "a", "--url", "http://devices.test", str(path))

    assert result.exit_code == 1
    assert "refused with status 503 after 0 payloads" in result.stderr


def test_a_payload_of_nobody_is_shown_and_said_to_be_nobodys(tmp_path: Path) -> None:
    point = data_point("heart-rate", {"heart_rate": {"value": 61, "unit": "beats/min"}})
    del point["header"]["user_id"]
    path = str(write(tmp_path / "a.json", point))

    [alone] = lines(run("convert", path))
    [given] = lines(run("convert", "--account", "user-1", path))

    assert [(one["value"], one["account"]) for one in alone["readings"]] == [(61, None)]
    assert [one["reason"] for one in alone["dropped"]] == ["no-owner"]
    assert alone["dropped"][0]["aside"] is True
    assert given["readings"][0]["account"] is not None
    assert given["dropped"] == []
