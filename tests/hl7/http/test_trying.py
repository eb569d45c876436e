"""POST /convert and /validate: answers without a trace. Synthetic messages."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wherry.testing.hl7 import message, segment
from wherry.testing.inbox import FakeInbox

PID = segment("PID", {3: "42^^^SYNTHETIC", 5: "Made^Up", 8: "Q"})
TYPE = "application/hl7-v2"


def lines(client: FlaskClient, path: str, body: bytes, type_: str = TYPE) -> list[dict[str, Any]]:
    answer = client.post(path, data=body, content_type=type_)
    assert (answer.status_code, answer.mimetype) == (200, "application/x-ndjson")
    return [json.loads(line) for line in answer.data.splitlines()]


def test_messages_are_converted_as_the_command_does(client: FlaskClient, inbox: FakeInbox) -> None:
    good = message(PID, kind="ADT^A08")

    made, broken = lines(client, "/convert", good + b"\rMSH|^~\\&|A|B|||||ZZZ^Z99|1|P|2.5\r")

    assert (made["source"], made["index"], broken["index"]) == ("body", 0, 1)
    assert made["bundle"]["type"] == "transaction"
    assert set(made) == {"source", "index", "bundle", "warnings", "unmapped"}
    assert broken["outcome"]["resourceType"] == "OperationOutcome"
    assert inbox.search() == []


def test_conversion_heeds_the_charset_of_http(client: FlaskClient) -> None:
    body = message(PID.replace("Made", "Mäde"), kind="ADT^A08").decode().encode("iso8859-2")

    [made] = lines(client, "/convert", body, f"{TYPE}; charset=iso-8859-2")

    assert "Mäde" in json.dumps(made["bundle"], ensure_ascii=False)


def test_an_unknown_sender_profile_is_said(client: FlaskClient) -> None:
    answer = client.post("/convert?sender=nobody", data=message(PID), content_type=TYPE)

    assert answer.status_code == 404


def test_findings_name_rule_and_place_and_who_found_them(
    client: FlaskClient, inbox: FakeInbox
) -> None:
    [found] = lines(client, "/validate", message(PID, kind="ADT^A01"))

    by = {(one["by"], one["rule"], one["at"]) for one in found["findings"]}
    assert (found["structure"], found["version"]) == ("ADT_A01", "2.5.1")
    assert ("wherry", "segment-missing", "EVN") in by
    assert ("hl7apy", "required", "EVN") in by
    assert ("hl7apy", "code", "PID-8") in by
    assert inbox.search() == []


@pytest.mark.parametrize("value", ["CANARY", "CANARY^CANARY&CANARY", "CANARY.PID_3", "x" * 300])
def test_no_finding_repeats_a_value(client: FlaskClient, value: str) -> None:
    pid = segment("PID", dict.fromkeys((3, 5, 7, 8, 10, 16, 30, 39), value))
    obx = segment("OBX", {2: "CANARY", 5: value, 11: value})

    for line in lines(client, "/validate", message(pid, obx, "CANARY|1", "ZZC|CANARY")):
        assert line["findings"]
        assert "CANARY" not in json.dumps(line)
        assert "xxx" not in json.dumps(line)


def test_what_is_no_message_has_one_finding(client: FlaskClient) -> None:
    [found] = lines(client, "/validate", b"no HL7 at all: Made^Up")

    assert [(one["rule"], one["at"]) for one in found["findings"]] == [("unreadable", "MSH")]


def test_hl7apy_is_asked_as_long_as_there_is_time(client: FlaskClient) -> None:
    long = message(PID, *["NTE|1||" + "x" * 1000] * 200, kind="ADT^A01")

    [found] = lines(client, "/validate", long)

    by_hl7apy = [one for one in found["findings"] if one["by"] == "hl7apy"]
    assert [one["rule"] for one in by_hl7apy] == ["not-judged"]
    assert any(one["by"] == "wherry" for one in found["findings"])


def test_more_findings_than_anybody_reads_are_counted(client: FlaskClient) -> None:
    body = message("PID" + "|1" * 5000, kind="ADT^A01")

    [found] = lines(client, "/validate", body)

    own = [one for one in found["findings"] if one["by"] == "wherry"]
    assert (len(own), own[-1]["rule"]) == (501, "more")


HOSTILE = st.lists(
    st.sampled_from(
        [
            *(b"MSH|^~\\&|A|B|||2024||ADT^A01|1|P|2.5\r", b"MSH", b"MSH|||||", b"PID|1\r", b"\r"),
            *(b"^" * 50, b"~" * 50, b"&" * 50, b"\\X", b"\\", b"\x00", b"\xff\xfe", b"OBX|1|NM||"),
            *(b"|" * 200, b"BHS|", b"FHS", b"OBX|1|ED||^^^^" + b"A" * 300, b"2.5", b"|", b"\x0b"),
        ]
    ),
    max_size=12,
).map(b"".join)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(HOSTILE)
@pytest.mark.parametrize("path", ["/convert", "/validate", "/hl7v2"])
def test_whatever_comes_is_never_a_500(client: FlaskClient, path: str, body: bytes) -> None:
    answer = client.post(path, data=body, content_type=TYPE)

    assert answer.status_code in {200, 204, 400}


def test_what_hl7apy_cannot_read_is_said_and_ours_is_there(client: FlaskClient) -> None:
    [found] = lines(client, "/validate", message(PID, kind="ADT^A01").replace(b"2.5.1", b"9.9"))

    rules = {(one["by"], one["rule"]) for one in found["findings"]}
    assert ("hl7apy", "not-judged") in rules
    assert ("wherry", "segment-missing") in rules
