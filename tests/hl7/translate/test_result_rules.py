"""Rules of OBX, SPM and monitors that a single field decides. All data are synthetic."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from wherry.codec import encode
from wherry.resource import Issue, Resource, Translation
from wherry.testing.hl7 import segment
from wherry_hl7.translate import Sender

Translated = Callable[..., Translation]
OfType = Callable[[Translation, str], list[Resource]]
Observed = Callable[..., Resource]

PID = segment("PID", {1: "1", 3: "7700123^^^NORTH^MR", 5: "Testperson^Ada"})
OBR = segment("OBR", {1: "1", 3: "F1^LAB", 4: "24323-8^Panel^LN", 7: "20260105110000+0000"})


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("3.5-5.5", "3.5", "5.5"),
        ("3.5 - 5.5 mmol/L", "3.5", "5.5"),
        ("[3.5 to 5.5]", "3.5", "5.5"),
        ("-2--1", "-2", "-1"),
        ("<5", None, "5"),
        (">10", "10", None),
        ("< or = 5.0", None, "5.0"),
        ("5.5-3.5", None, None),
        ("3.5-5.5 mg/dL", None, None),
        ("M: 1-2", None, None),
        ("Negative", None, None),
    ],
)
def test_a_range_has_the_limits_that_it_says_plainly_and_its_text(
    observed: Observed, text: str, low: str | None, high: str | None
) -> None:
    (made,) = observed({2: "NM", 5: "4.2", 6: "mmol/L", 7: text})["referenceRange"]

    limits = {
        side: encode(made[side]["value"]).decode() for side in ("low", "high") if side in made
    }
    wanted = {side: value for side, value in (("low", low), ("high", high)) if value}
    assert (limits, made["text"]) == (wanted, text)


def _monitor(fields: Mapping[int, str]) -> str:
    code = "147842^MDC_ECG_HEART_RATE^MDC"
    unit = "264864^MDC_DIM_BEAT_PER_MIN^MDC"
    return segment("OBX", {1: "1", 2: "NM", 3: code, 4: "1.6.1.147842", 6: unit, 11: "R", **fields})


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({5: "8388607"}, "not-a-number"),
        ({5: "NaN"}, "not-a-number"),
        ({5: "8388606"}, "positive-infinity"),
        ({5: "-----"}, "temp-unknown"),
        ({5: '""'}, "temp-unknown"),
        ({5: "", 11: "X"}, "not-performed"),
        ({5: "88", 8: "INV"}, "error"),
        ({5: "88", 8: "L~NAV"}, "temp-unknown"),
        (
            {3: "188736^MDC_MASS_BODY_ACTUAL^MDC", 5: "0.0", 6: "263875^MDC_DIM_KILO_G^MDC"},
            "unknown",
        ),
        ({5: "0"}, None),
        ({5: "88", 8: "QUES"}, None),
    ],
)
def test_a_reading_that_is_none_has_a_reason_and_no_value(
    translated: Translated, of_type: OfType, fields: Mapping[int, str], reason: str | None
) -> None:
    (made,) = of_type(translated(PID, OBR, _monitor(fields)), "Observation")

    absent = made.get("dataAbsentReason", {"coding": [{"code": None}]})["coding"][0]["code"]
    assert absent == reason
    assert ("valueQuantity" in made) is (reason is None)


@pytest.mark.parametrize("flag", ["TEST", "DEMO"])
def test_a_monitor_under_test_says_nothing_of_the_patient(
    translated: Translated, of_type: OfType, flag: str
) -> None:
    made = translated(PID, OBR, _monitor({5: "88", 8: flag}))

    (observation,) = of_type(made, "Observation")
    assert observation["status"] == "entered-in-error"
    assert observation["meta"]["security"][0]["code"] == "HTEST"
    assert [one.at for one in made.warnings if "demonstration" in one.text] == ["OBX-8"]


def test_one_test_reading_marks_no_other(translated: Translated, of_type: OfType) -> None:
    made = translated(PID, OBR, _monitor({5: "88", 8: "DEMO"}), _monitor({5: "89", 4: "1.6.2.1"}))

    marked = ["security" in one["meta"] for one in of_type(made, "Observation")]
    assert marked == [True, False]


@pytest.mark.parametrize(
    ("code", "loinc"),
    [
        ("147842^MDC_ECG_HEART_RATE^MDC", "8867-4"),
        ("147842^^MDC", "8867-4"),
        ("HR^Heart rate^L^147842^MDC_ECG_HEART_RATE^MDC", "8867-4"),
        ("150021^MDC_PRESS_BLD_ART_SYS^MDC", None),
        ("150456^MDC_ECG_HEART_RATE^MDC", None),
        ("147842^MDC_ECG_HEART_RATE^L", None),
    ],
)
def test_a_monitor_code_is_loinc_only_where_that_is_certain(
    translated: Translated, of_type: OfType, code: str, loinc: str | None
) -> None:
    (made,) = of_type(translated(PID, OBR, _monitor({3: code, 5: "88"})), "Observation")

    codings = [
        one["code"] for one in made["code"]["coding"] if one.get("system") == "http://loinc.org"
    ]
    assert codings == ([loinc] if loinc else [])


def test_alarm_limits_are_no_normal_range(translated: Translated, of_type: OfType) -> None:
    (made,) = of_type(translated(PID, OBR, _monitor({5: "88", 7: "50-120"})), "Observation")

    assert made["referenceRange"][0]["type"] == {"text": "alarm limits"}


def test_every_obx_of_a_monitor_is_an_observation_or_a_device(
    translated: Translated, of_type: OfType
) -> None:
    mds = segment("OBX", {1: "1", 3: "69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC", 4: "1.0.0.0"})
    made = translated(PID, OBR, mds, _monitor({5: "88"}))

    (device,), (observation,) = of_type(made, "Device"), of_type(made, "Observation")
    assert device["type"]["coding"][0]["code"] == "69965"
    assert "device" in observation
    assert [one for one in made.warnings if one.at == "OBX"] == []


def _lines(**per_line: Mapping[int, str]) -> list[str]:
    return [
        segment("OBX", {1: str(n), 2: "TX", 3: "1-1^Text^L", 5: name, 11: "F", **fields})
        for n, (name, fields) in enumerate(per_line.items(), 1)
    ]


NO_CHANGE: Mapping[int, str] = {}


@pytest.mark.parametrize(
    ("second", "texts"),
    [
        (NO_CHANGE, ["a\nb\nc"]),
        ({2: "FT"}, ["a\nb\nc"]),
        ({11: ""}, ["a\nb\nc"]),
        ({2: "ST"}, ["a", "b", "c"]),
        ({3: "1-2^Other^L"}, ["a", "b", "c"]),
        ({4: "2"}, ["a", "b", "c"]),
        ({11: "P"}, ["a", "b", "c"]),
        ({14: "20260105120000+0000"}, ["a", "b\nc"]),
        ({1: "9"}, ["a\nb", "c"]),
    ],
)
def test_lines_of_one_text_are_joined_and_others_are_not(
    translated: Translated, of_type: OfType, second: Mapping[int, str], texts: list[str]
) -> None:
    made = translated(PID, OBR, *_lines(a={}, b=second, c={}))

    assert [one["valueString"] for one in of_type(made, "Observation")] == texts
    joined = 3 - len(texts)
    told = [one.text for one in made.warnings if "joined" in one.text]
    assert told == (
        [f"{joined} OBX with a further line of a text joined to its first"] * bool(joined)
    )


def test_a_sender_may_have_its_lines_apart(translated: Translated, of_type: OfType) -> None:
    apart = Sender(options={"narrative": "per-obx"})

    made = translated(PID, OBR, *_lines(a={}, b={}), sender=apart)

    assert [one["valueString"] for one in of_type(made, "Observation")] == ["a", "b"]
    assert Issue("OBX", "2 of these became 1 Observation") not in made.warnings


def _specimen(translated: Translated, of_type: OfType, fields: Mapping[int, str]) -> Any:
    obx = segment("OBX", {1: "1", 2: "NM", 3: "2345-7^Glucose^LN", 5: "98", 11: "F"})
    spm = segment("SPM", {1: "1", 4: "BLD^Blood^HL70487", **fields})
    return of_type(translated(PID, OBR, obx, spm), "Specimen")[0]


@pytest.mark.parametrize(
    ("fields", "named", "status"),
    [
        ({2: "S1&ORD^L1&LAB"}, ["S1", "L1"], None),
        ({2: "^L1&LAB", 20: "Y"}, ["L1"], "available"),
        ({2: "S1", 20: "N"}, ["S1"], "unavailable"),
        ({2: "S1", 20: "Y", 21: "QS^Too little^HL70490"}, ["S1"], "unsatisfactory"),
        ({}, ["filler/F1/LAB/24323-8/specimen/1"], None),
    ],
)
def test_a_specimen_is_known_by_its_numbers_and_stands_as_it_is_said(
    translated: Translated,
    of_type: OfType,
    fields: Mapping[int, str],
    named: list[str],
    status: str | None,
) -> None:
    made = _specimen(translated, of_type, fields)

    assert [one["value"] for one in made["identifier"]] == named
    assert made.get("status") == status
