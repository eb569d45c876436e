"""The shape of a message tells nothing of a patient. Synthetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherry.hl7.masked import masked
from wherry.masked_json import masked_json
from wherry.testing.hl7 import message

PID = "PID|1||42^^^SYNTHETIC||Made^Up~Other^Name|\\T\\ CANARY"


def test_segments_and_delimiters_stay_and_values_go() -> None:
    assert masked(message(PID, "ZPI|a&b")).split("\n")[1:] == [
        "PID|x||x^^^x||x^x~x^x|x",
        "ZPI|x&x",
    ]


def test_what_routes_a_message_stays() -> None:
    assert masked(message(kind="ADT^A01")) == (
        "MSH|^~\\&|LABSYS|LAB|WHERRY|NORTH|20260105120000+0000||ADT^A01|C-1|P|2.5.1"
    )


@pytest.mark.parametrize(
    "body",
    [b"CANARY", b"", b"MSH", message("CANARY|1", "CAN ARY", "PIDCANARY"), b"\xff\xfeC\x00A\x00"],
)
def test_what_is_no_segment_is_masked_whole(body: bytes) -> None:
    assert "CAN" not in masked(body)


@given(st.text(st.characters(codec="latin-1"), min_size=3))
def test_no_field_value_gets_through(text: str) -> None:
    value = "Q" + "".join(c for c in text if c.isalnum()) + "Q"

    assert value not in masked(message(f"PID|{value}^{value}||{value}~{value}"))


def test_json_keeps_its_keys_and_what_names_a_system() -> None:
    patient = {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:oid:1.2", "value": "42"}],
        "active": True,
        "multipleBirthInteger": 2,
        "deceased": None,
        "photo": [{"url": "http://pictures.example/Made-Up"}],
        "extension": [{"url": "http://hl7.org/fhir/x", "valueString": "Made"}],
    }

    assert masked_json(patient) == {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:oid:1.2", "value": "x"}],
        "active": "x",
        "multipleBirthInteger": "x",
        "deceased": None,
        "photo": [{"url": "x"}],
        "extension": [{"url": "http://hl7.org/fhir/x", "valueString": "x"}],
    }
