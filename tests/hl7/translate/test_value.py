"""OBX-5 becomes the value[x] that OBX-2 and the text itself allow. All data are synthetic."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest

from wherry.codec import encode
from wherry.resource import Resource

Observed = Callable[..., Resource]
R5_VALUE = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Observation.value"


def _said(resource: Resource) -> dict[str, Any]:
    return {k: v for k, v in resource.items() if k.startswith(("value", "dataAbsentReason"))}


# Source of the texts: what analysers and interfaces are known to put into a numeric OBX-5
@pytest.mark.parametrize(
    ("text", "json"),
    [
        ("5", '{"value":5}'),
        ("98.60", '{"value":98.60}'),
        (" 7.10 ", '{"value":7.10}'),
        ("+5", '{"value":5}'),
        ("-2.0", '{"value":-2.0}'),
        (".5", '{"value":0.5}'),
        ("5.", '{"value":5}'),
        ("065.88", '{"value":65.88}'),
        ("1E5", '{"value":1E+5}'),
        (">5", '{"value":5,"comparator":">"}'),
        ("<0.10", '{"value":0.10,"comparator":"<"}'),
        (">= 3", '{"value":3,"comparator":">="}'),
    ],
)
def test_a_number_is_a_quantity_with_its_own_digits(
    observed: Observed, text: str, json: str
) -> None:
    made = observed({2: "NM", 5: text})

    assert encode(made["valueQuantity"]).decode() == json


@pytest.mark.parametrize(
    "text", ["1,000", "1+", "POS", "5-6", "NaN", "Infinity", "1_000", "１", "0x1"]
)
def test_what_is_not_exactly_a_number_stays_as_text(observed: Observed, text: str) -> None:
    assert _said(observed({2: "NM", 5: text})) == {"valueString": text}


def test_a_number_of_absurd_length_stays_as_text(observed: Observed) -> None:
    assert _said(observed({2: "NM", 5: "1" * 41})) == {"valueString": "1" * 41}


@pytest.mark.parametrize(
    ("type_", "text", "said"),
    [
        ("SN", ">^1", {"valueQuantity": {"value": Decimal(1), "comparator": ">"}}),
        ("SN", "=^1", {"valueQuantity": {"value": Decimal(1)}}),
        ("SN", "^1", {"valueQuantity": {"value": Decimal(1)}}),
        ("SN", ">^1^.^3", {"valueQuantity": {"value": Decimal(1), "comparator": ">"}}),
        (
            "SN",
            "-^1^-^3",
            {"valueRange": {"low": {"value": Decimal(1)}, "high": {"value": Decimal(3)}}},
        ),
        (
            "SN",
            "^1^:^3",
            {"valueRatio": {"numerator": {"value": Decimal(1)}, "denominator": {"value": 3}}},
        ),
        (
            "SN",
            '"^1^/^3',
            {"valueRatio": {"numerator": {"value": Decimal(1)}, "denominator": {"value": 3}}},
        ),
        ("SN", "^3^-^1", {"valueString": "3-1"}),
        ("SN", "^2^+", {"valueString": "2+"}),
        ("SN", "<>^5", {"valueString": "<>5"}),
        ("SN", ">^1^:^128", {"valueString": ">1:128"}),
        ("NR", "1^10", {"valueRange": {"low": {"value": 1}, "high": {"value": 10}}}),
        ("NR", "^10", {"valueRange": {"high": {"value": 10}}}),
        ("ST", "a^b", {"valueString": "a^b"}),
        ("VR", "First^Second", {"valueString": "First-Second"}),
        ("TM", "2231", {"valueTime": "22:31:00"}),
        ("TM", "223100.0500-0400", {"valueTime": "22:31:00.05"}),
        ("TM", "2561", {"valueString": "2561"}),
        ("DT", "197010", {"valueDateTime": "1970-10"}),
        ("TS", "20230501102531-0400", {"valueDateTime": "2023-05-01T10:25:31-04:00"}),
        ("CWE", "^just text", {"valueCodeableConcept": {"text": "just text"}}),
        (
            "CE",
            "260415000^Not detected^SCT",
            {
                "valueCodeableConcept": {
                    "coding": [
                        {
                            "system": "http://snomed.info/sct",
                            "code": "260415000",
                            "display": "Not detected",
                        }
                    ],
                    "text": "Not detected",
                }
            },
        ),
        ("", "no type", {"valueString": "no type"}),
        ("TXT", "unknown type", {"valueString": "unknown type"}),
    ],
)
def test_each_type_becomes_its_value(
    observed: Observed, type_: str, text: str, said: Mapping[str, Any]
) -> None:
    assert _said(observed({2: type_, 5: text})) == said


@pytest.mark.parametrize(
    ("text", "attachment"),
    [
        ("LAB^Application^PDF^Base64^JVBE\\.br\\Ri0x", ("application/pdf", "JVBERi0x")),
        ("LAB^TEXT^^A^plain", ("text/plain", "cGxhaW4=")),
        ("LAB^IM^JPEG^Hex^FFD8", ("image/jpeg", "/9g=")),
    ],
)
def test_attached_data_are_the_r5_value(
    observed: Observed, text: str, attachment: tuple[str, str]
) -> None:
    made = observed({2: "ED", 5: text})

    assert made["extension"][0] == {
        "url": R5_VALUE,
        "valueAttachment": {"contentType": attachment[0], "data": attachment[1]},
    }
    assert _said(made) == {}


@pytest.mark.parametrize("text", ["LAB^Application^PDF^Base64^not base 64!", "LAB^A^PDF^Base64^"])
def test_attached_data_that_cannot_be_read_are_not_lost(observed: Observed, text: str) -> None:
    assert "LAB" in observed({2: "ED", 5: text})["valueString"]


def test_the_unit_of_a_text_that_was_to_be_a_number_stays_with_it(observed: Observed) -> None:
    assert _said(observed({2: "NM", 5: "POS", 6: "mg/L"})) == {"valueString": "POS mg/L"}


@pytest.mark.parametrize(
    ("status", "reason"), [("F", "unknown"), ("X", "not-performed"), ("N", "not-asked")]
)
def test_a_missing_value_has_a_reason(observed: Observed, status: str, reason: str) -> None:
    system = "http://terminology.hl7.org/CodeSystem/data-absent-reason"

    made = observed({2: "ST", 5: "", 11: status})

    assert _said(made) == {"dataAbsentReason": {"coding": [{"system": system, "code": reason}]}}


@pytest.mark.parametrize("type_", ["NM", "ST", "CWE", "SN", "TX", ""])
def test_an_explicit_null_is_no_value_and_never_two_quotes(observed: Observed, type_: str) -> None:
    made = observed({2: type_, 5: '""'})

    assert "dataAbsentReason" in made
    assert b'\\"' not in encode(made)


# Source: UCUM; the texts are what senders write for these units
@pytest.mark.parametrize(
    ("unit", "code"),
    [
        ("mg/dL", "mg/dL"),
        ("mmHg", "mm[Hg]"),
        ("mm[Hg]^millimetres of mercury^UCUM", "mm[Hg]"),
        ("breaths/min", "/min"),
        ("%", "%"),
        ("furlong^^UCUM", "furlong"),
        ("widgets", None),
        ("C", "Cel"),
        ("G", None),
    ],
)
def test_a_unit_is_ucum_only_when_it_is(observed: Observed, unit: str, code: str | None) -> None:
    made = observed({2: "NM", 5: "1", 6: unit})["valueQuantity"]

    assert made.get("code") == code
    assert made.get("system") == ("http://unitsofmeasure.org" if code else None)
