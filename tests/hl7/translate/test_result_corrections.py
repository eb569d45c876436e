"""What is sent again finds what it corrects, through landing. All data are synthetic."""

from collections.abc import Callable

import pytest

from wherry.landing import Landed, land
from wherry.resource import Resource, Translation
from wherry.testing.fhir import FakeFhir
from wherry.testing.hl7 import segment

Translated = Callable[..., Translation]

PID = segment("PID", {1: "1", 3: "7700123^^^NORTH^MR", 5: "Testperson^Ada"})


def _landed(fhir: FakeFhir, *made: Translation) -> None:
    assert [one for one in land(list(made), fhir) if not isinstance(one, Landed)] == []


def _stored(fhir: FakeFhir, type_: str) -> list[list[Resource]]:
    """Each resource of a type with all of its versions."""
    return [kept for (name, _), kept in fhir.versions.items() if name == type_]


def _result(translated: Translated, minute: str, status: str, value: str) -> Translation:
    return translated(
        PID,
        segment("OBR", {1: "1", 3: "F1^LAB", 4: "24323-8^Panel^LN", 25: status}),
        segment("OBX", {1: "1", 2: "NM", 3: "2345-7^Glucose^LN", 5: value, 11: status}),
        time=f"2026010511{minute}00+0000",
    )


@pytest.mark.parametrize(
    ("status", "stored"),
    [
        ("F", "final"),
        ("C", "corrected"),
        ("D", "entered-in-error"),
        ("W", "entered-in-error"),
        ("X", "cancelled"),
    ],
)
def test_a_correction_is_a_version_of_the_same_observation(
    translated: Translated, status: str, stored: str
) -> None:
    fhir = FakeFhir()

    _landed(fhir, _result(translated, "00", "P", "98"))
    _landed(fhir, _result(translated, "05", status, "99"))

    (versions,) = _stored(fhir, "Observation")
    assert [one["status"] for one in versions] == ["preliminary", stored]
    assert len(_stored(fhir, "DiagnosticReport")) == len(_stored(fhir, "ServiceRequest")) == 1


def test_an_older_message_takes_no_correction_back(translated: Translated) -> None:
    fhir = FakeFhir()

    _landed(fhir, _result(translated, "05", "C", "99"))
    _landed(fhir, _result(translated, "00", "F", "98"))

    (versions,) = _stored(fhir, "Observation")
    assert [one["status"] for one in versions] == ["corrected"]


def _pressure(translated: Translated, minute: str) -> Translation:
    obx = {
        1: "1", 2: "NM", 3: "150301^MDC_PRESS_CUFF_SYS^MDC", 4: "1.1.9.150301", 5: "142",
        6: "266016^MDC_DIM_MMHG^MDC", 11: "R", 14: "20260105100000+0000", 17: "APERIODIC",
    }  # fmt: skip
    obr = {1: "1", 3: f"{minute}^MON", 4: "182777000^x^SCT", 7: f"2026010511{minute}00+0000"}
    return translated(
        PID,
        segment("PV1", {2: "I", 3: "ICU^^BED1"}),
        segment("OBR", obr),
        segment("OBX", obx),
        time=f"2026010511{minute}00+0000",
    )


def test_an_old_pressure_that_a_monitor_sends_each_minute_is_one_observation(
    translated: Translated,
) -> None:
    fhir = FakeFhir()

    for minute in ("01", "02", "03"):
        _landed(fhir, _pressure(translated, minute))

    assert len(_stored(fhir, "Observation")) == 1
    assert len(_stored(fhir, "DiagnosticReport")) == 3
    assert _stored(fhir, "Encounter") == _stored(fhir, "ServiceRequest") == []


def _alarm(
    translated: Translated, number: str, minute: str, phase: str, first: str = ""
) -> Translation:
    time = f"2026010511{minute}00+0000"
    obr = {1: "1", 3: f"{number}^MON", 4: "196616^MDC_EVT_ALARM^MDC", 7: time, 29: first}
    facets = (
        ("196670^MDC_EVT_LO^MDC", "1", "SpO2 LOW"),
        ("68481^MDC_ATTR_EVENT_PHASE^MDC", "3", phase),
    )
    return translated(
        PID,
        segment("OBR", obr),
        *(
            segment("OBX", {2: "ST", 3: code, 4: f"1.5.1.150456.{n}", 5: text, 11: "R", 14: time})
            for code, n, text in facets
        ),
        kind="ORU^R40",
        time=time,
    )


def test_the_end_of_an_alarm_ends_the_flag_that_its_start_made(translated: Translated) -> None:
    fhir = FakeFhir()

    _landed(fhir, _alarm(translated, "A1", "01", "start"))
    _landed(fhir, _alarm(translated, "A2", "04", "end", first="^A1&MON"))

    (versions,) = _stored(fhir, "Flag")
    assert [one["status"] for one in versions] == ["active", "inactive"]
    assert versions[-1]["period"] == {
        "start": "2026-01-05T11:01:00+00:00",
        "end": "2026-01-05T11:04:00+00:00",
    }
    assert len(_stored(fhir, "Observation")) == 4
