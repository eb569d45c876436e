"""What the page gets: a golden document, which the tests of the page itself use too."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from wherry.codec import encode
from wherry_smart.summary.chart import Chart, Problem
from wherry_smart.summary.view import view

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
GOLDEN = Path(__file__).parents[3] / "smart-app" / "tests" / "summary.json"
UNSCORED = [Problem("the stay", "the EHR did not grant the permission to read it")]


@pytest.fixture
def shown(session: Any, chart: Any, news2: Any, prediction: Any, models: Any) -> Any:
    return view(session, chart, lambda: ([prediction, news2], models, UNSCORED), now=NOW)


def test_the_page_is_tested_on_what_the_host_answers(shown: Any) -> None:
    """To write it anew: delete the file, run this test twice."""
    text = msgspec.json.format(encode(shown), indent=1).decode() + "\n"
    if not GOLDEN.exists():
        GOLDEN.write_text(text)
        pytest.fail("the golden document was not there and was written: look at it")

    assert GOLDEN.read_text() == text


def test_no_token_and_no_address_of_the_ehr_leaves(shown: Any) -> None:
    text = encode(shown).decode()

    assert "made-up" not in text
    assert "ehr.example.org" not in text


def test_digits_stay_as_they_were_recorded(shown: Any) -> None:
    temperature = next(row for row in shown["series"] if row["name"] == "temperature")

    assert [point["value"] for point in temperature["points"]] == [
        *("36.90", "37.4", "37.6", "38.0", "38.3", "38.60", "38.9", "39.2")
    ]


def test_a_withdrawn_value_is_nowhere(shown: Any) -> None:
    assert "Observation/x-1" not in encode(shown).decode()


def test_values_from_a_device_and_from_a_feed_share_a_row_and_keep_their_sources(
    shown: Any,
) -> None:
    row = next(row for row in shown["series"] if row["name"] == "pulse")
    told = {
        point["observation"]: shown["sources"][point["source"]]
        for point in row["points"]
        if point["observation"] in {"Observation/d-1", "Observation/v-8867-4-0"}
    }

    assert told == {
        "Observation/d-1": {
            "system": "Device readings, withings",
            "device": "ScanWatch",
            "message": "",
            "sent_at": "",
            "received_at": "",
        },
        "Observation/v-8867-4-0": {
            "system": "HL7 v2 feed, ICU MONITOR",
            "device": "",
            "message": "ORU^R01 MSG-1000",
            "sent_at": "2026-03-01T11:56:00+00:00",
            "received_at": "2026-03-01T11:59:00+00:00",
        },
    }


def test_a_value_without_an_instant_is_not_lost(shown: Any) -> None:
    weight = next(each for each in shown["findings"] if each["label"] == "Body weight")

    assert (weight["value"], weight["at"], weight["age_s"]) == ("81.50 kg", "2026-02-27", None)


def test_each_bar_knows_the_observation_that_it_rests_on(shown: Any) -> None:
    early = shown["scores"][1]

    assert {each["name"]: each["observation"] for each in early["contributions"]}["pulse"] == (
        "Observation/v-8867-4-0"
    )


def test_without_a_record_there_is_no_number(session: Any) -> None:
    shown = view(session, Chart(patient=None), lambda: ([], [], UNSCORED), now=NOW)

    assert (shown["patient"], shown["scores"], shown["series"]) == (None, [], [])
    assert shown["problems"] == [{"part": "the stay", "text": UNSCORED[0].text}]


def test_readings_at_home_are_rows_with_source_age_and_what_is_odd(shown: Any) -> None:
    rows = {(row["name"], row["from"]): row for row in shown["home"]}
    told = ("value", "unit", "absent", "marks", "age_s")

    assert list(rows) == [
        ("bp", "Withings"),
        ("pulse", "Withings"),
        ("temperature", "Bluetooth hub"),
        ("cgm", "Dexcom"),
    ]
    assert [rows["bp", "Withings"][each] for each in told] == [
        *("142/88", "mmHg", "", ["manual", "assumed-offset"], 17 * 3600 + 50 * 60)
    ]
    glucose = rows["cgm", "Dexcom"]
    assert (glucose["value"], glucose["low"], glucose["high"]) == ("<40", "<40", "52")
    assert [each["value"] for each in glucose["points"]] == ["52", "44", "40"]


def test_a_reading_without_a_value_says_why_and_what_was_before(shown: Any) -> None:
    [row] = [row for row in shown["home"] if row["from"] == "Bluetooth hub"]

    assert (row["value"], row["absent"]) == ("", "not-a-number")
    assert (row["before"]["value"], row["before"]["age_s"]) == ("36.90", 30 * 3600)


def test_why_there_was_no_value_is_no_finding_once_there_is_one(shown: Any) -> None:
    assert "temperature" not in [each["name"] for each in shown["findings"]]


def test_each_point_says_what_is_odd_about_it(shown: Any) -> None:
    systolic = next(row for row in shown["series"] if row["name"] == "systolic-bp")

    assert [each["marks"] for each in systolic["points"]][:2] == [["manual", "assumed-offset"], []]


def test_what_is_usual_for_a_person_is_no_value_and_a_letter_is_said_in_words(
    session: Any, chart: Chart
) -> None:
    about = {
        "resourceType": "Observation",
        "status": "final",
        "meta": {"source": "urn:wherry:devices:derived"},
        "effectiveDateTime": "2026-02-27",
    }
    usual = {
        **about,
        "code": {"coding": [{"system": "urn:wherry:devices:baseline", "code": "8867-4"}]},
        "component": [{"code": {"text": "Median"}, "valueQuantity": {"value": 70}}],
    }
    letter = {"coding": [{"system": "urn:v2-0136", "code": "Y"}]}
    pulse = {**about, "code": {"text": "Irregular"}, "valueCodeableConcept": letter}

    shown = view(session, Chart(None, [usual, pulse]), lambda: ([], [], UNSCORED), now=NOW)

    assert [(each["label"], each["value"]) for each in shown["findings"]] == [("Irregular", "Yes")]
