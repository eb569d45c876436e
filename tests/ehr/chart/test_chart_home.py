"""Readings at home have a table of their own: newest value, source, age, remarks, course."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from wherry.fhir.systems import DATA_ABSENT, DEVICE_QUALITY, LOINC, UCUM
from wherry.resource import Resource
from wherry_ehr.chart.at_home import rows

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def reading(
    id_: str,
    loinc: str,
    minutes: int,
    *,
    value: str = "",
    unit: str = "mg/dL",
    source: str = "dexcom",
    tags: tuple[str, ...] = (),
    **more: Any,
) -> Resource:
    """A made-up reading of p-1, so many minutes ago."""
    amount = {"value": Decimal(value or 0), "unit": unit, "system": UCUM, "code": unit}
    absent = {"dataAbsentReason": {"coding": [{"system": DATA_ABSENT, "code": "not-a-number"}]}}
    category = "laboratory" if loinc == "99504-3" else "vital-signs"
    system = "http://terminology.hl7.org/CodeSystem/observation-category"
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "meta": {
            "source": f"urn:wherry:devices:{source}#1",
            **({"tag": [{"system": DEVICE_QUALITY, "code": tag} for tag in tags]} if tags else {}),
        },
        "category": [{"coding": [{"system": system, "code": category}]}],
        "code": {"coding": [{"system": LOINC, "code": loinc}]},
        "subject": {"reference": "Patient/p-1"},
        "effectiveDateTime": (NOW - timedelta(minutes=minutes)).isoformat(),
        **({"valueQuantity": amount} if value else absent),
        **more,
    }


def test_a_reading_at_home_tells_value_source_age_and_remarks(sandbox: Any, made: Any) -> None:
    tags = ("manual", "assumed-offset")
    one = reading("o-1", "29463-7", 540, value="61.400", unit="kg", source="withings", tags=tags)
    sandbox.put(made.patient(), one)

    page, whole = sandbox.parsed("/chart/p-1"), sandbox.page("/chart/p-1")

    assert page.rows == [
        [
            *("Measurement", "Newest value", "Source", "Measured", "Age"),
            *("Remarks", "Course"),
        ],
        [
            "Body weight",
            "61.400 kg",
            "Withings",
            "2026-03-01 03:00 UTC",
            "9 h ago",
            "typed in by handtime zone assumed",
            "one value",
        ],
    ]
    assert "Readings at home" in whole


def test_a_chart_without_devices_does_not_speak_of_them(sandbox: Any, made: Any) -> None:
    sandbox.put(made.patient(), made.observation("o-1", "vital-signs", "Pulse", valueInteger=70))

    assert "at home" not in sandbox.page("/chart/p-1")


def test_a_day_of_a_sensor_is_one_row_and_hides_no_result_of_the_laboratory(
    sandbox: Any, made: Any
) -> None:
    day = [
        reading(f"g-{n}", "99504-3", 5 * n, value=str(100 + n % 50))
        for n in range(600)
        if not 100 <= n < 110
    ]
    sandbox.put(made.patient(), made.observation("k-1", "laboratory", "Potassium", valueInteger=4))
    for start in range(0, len(day), 100):
        sandbox.put(*day[start : start + 100])

    page = sandbox.parsed("/chart/p-1")

    sensor = [row for row in page.rows if row[0] == "Glucose, sensor"]
    assert [row[1:3] for row in sensor] == [["100 mg/dL", "Dexcom"]]
    assert sensor[0][6] == "300 values, 100 to 149 mg/dL, in 26 h"
    assert [row[0] for row in page.rows if row[0] == "Potassium"] == ["Potassium"]
    assert [tag for tag, _ in page.tags].count("polyline") == 2  # the gap


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("demo", "test data"),
        ("backfill", "came late"),
        ("suspect", "doubtful value"),
        ("irregular-pulse", "irregular pulse"),
        ("made-up-tag", "made up tag"),
    ],
)
def test_every_tag_is_told_in_words(tag: str, words: str) -> None:
    [row] = rows([reading("o-1", "8867-4", 5, value="70", unit="/min", tags=(tag,))], now=NOW)

    assert row.marks == (words,)


def test_no_value_says_why_and_what_was_measured_before() -> None:
    [row] = rows(
        [
            reading("o-1", "8310-5", 5, unit="Cel"),
            reading("o-2", "8310-5", 125, value="36.9", unit="Cel"),
        ],
        now=NOW,
    )

    assert (row.value, row.before) == ("no value: not a number", "before: 36.9 °C, 2 h ago")


def test_what_was_odd_about_earlier_ones_is_told_apart() -> None:
    told = {"value": "142", "unit": "mm[Hg]"}
    [row] = rows(
        [
            reading("o-1", "8480-6", 5, tags=("suspect",), status="amended", **told),
            reading("o-2", "8480-6", 65, tags=("suspect", "irregular-pulse"), **told),
            reading("o-3", "8480-6", 95, tags=("irregular-pulse", "manual"), **told),
        ],
        now=NOW,
    )

    assert row.marks == ("doubtful value", "amended")
    assert row.earlier == "earlier: irregular pulse (2), typed in by hand (1)"
    assert row.course == "3 values, 142 mmHg, in 2 h"


def test_the_end_of_a_scale_is_told_with_its_comparator() -> None:
    low = reading("o-1", "99504-3", 5, value="40")
    low["valueQuantity"]["comparator"] = "<"

    [row] = rows([low], now=NOW)

    assert row.value == "<40 mg/dL"


def test_a_withdrawn_reading_has_no_row() -> None:
    assert rows([reading("o-1", "8867-4", 5, value="7", status="entered-in-error")], now=NOW) == []
