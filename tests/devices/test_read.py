"""Payloads become readings with their digits, units, times and owners, or a named reason."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.devices.harness import (
    NOW,
    SITE,
    TEMPLATES,
    as_received,
    data_point,
    getmeas,
    group,
    measure,
)

from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry_devices.connectors import decoded
from wherry_devices.mapping.read import keys, read
from wherry_devices.mapping.reading import Batch, OffsetOrigin, Origin


def withings(*groups: dict[str, Any], **more: Any) -> Batch:
    return read(as_received(getmeas(*groups, **more)), TEMPLATES["withings"], site=SITE)


def openmhealth(payload: Any) -> Batch:
    body = decoded("openmhealth", encode(payload))
    return read(body, TEMPLATES["openmhealth"], site=SITE)


def reasons(batch: Batch) -> list[tuple[str, bool]]:
    return [(one.reason, one.aside) for one in batch.withheld]


@pytest.mark.parametrize(
    ("measured", "kind", "digits", "ucum"),
    [
        (measure(1, 70530, -3), "weight", "70.530", "kg"),
        (measure(1, 70, 0), "weight", "70.000", "kg"),
        (measure(1, 7053012, -5), "weight", "70.53012", "kg"),  # finer than usual: not rounded
        (measure(10, 14300, -2), "bp_systolic", "143", "mm[Hg]"),
        (measure(10, 14350, -2), "bp_systolic", "143.50", "mm[Hg]"),
        (measure(9, 82, 0), "bp_diastolic", "82", "mm[Hg]"),
        (measure(11, 760, -1), "heart_rate", "76", "/min"),
        (measure(11, 8, 1), "heart_rate", "80", "/min"),
        (measure(54, 97, 0), "spo2", "97", "%"),
        (measure(71, 36650, -3), "body_temp", "36.65", "Cel"),
        (measure(73, 31500, -3), "skin_temp", "31.50", "Cel"),
    ],
)
def test_withings_numbers_keep_what_was_measured(
    measured: dict[str, int], kind: str, digits: str, ucum: str
) -> None:
    [one] = withings(group(1, measured)).readings

    assert (one.kind, str(one.value), one.ucum) == (kind, digits, ucum)


def test_a_withings_time_is_shown_in_the_zone_of_the_account_and_says_so() -> None:
    [one] = withings(group(0, measure(11, 70))).readings

    assert one.instant.isoformat() == "2026-03-01T09:00:00+01:00"
    assert one.offset_origin is OffsetOrigin.PROFILE


@pytest.mark.parametrize("zone", [None, "", "Nowhere/Here", 5])
def test_without_a_zone_the_instant_stays_right(zone: object) -> None:
    payload = getmeas(group(0, measure(11, 70)))
    payload["body"]["timezone"] = zone

    [one] = read(as_received(payload), TEMPLATES["withings"], site=SITE).readings

    assert one.instant.isoformat() == "2026-03-01T08:00:00+00:00"
    assert one.offset_origin is OffsetOrigin.NONE


@pytest.mark.parametrize(
    ("attrib", "origin"), [(0, Origin.DEVICE), (2, Origin.MANUAL), (8, Origin.DEVICE)]
)
def test_who_took_the_number_down_is_known(attrib: int, origin: Origin) -> None:
    [one] = withings(group(1, measure(11, 70), attrib=attrib)).readings

    assert one.origin is origin


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"category": 2}, ("goal", False)),
        ({"attrib": 4}, ("entered-at-account-creation", False)),
        ({"attrib": 1}, ("ambiguous-owner", True)),
        ({"deviceid": None}, ("no-owner", True)),
        ({"date": "yesterday"}, ("no-time", True)),
        ({"date": 0}, ("no-time", True)),
        ({"date": 1_772_352_000_000}, ("no-time", True)),
        ({"date": int((NOW + timedelta(hours=1)).timestamp())}, ("future-time", True)),
        ({"measures": [measure(5, 180, -2)]}, ("not-mapped", False)),
        ({"measures": [measure(999, 1)]}, ("unknown-code", True)),
        ({"measures": [measure(11, 12)]}, ("implausible", True)),
        ({"measures": [measure(54, 1)]}, ("unit-doubtful", True)),
        ({"measures": [{"type": 11, "value": "70", "unit": 0}]}, ("not-a-number", True)),
        ({"measures": [{"type": 11, "value": True, "unit": 0}]}, ("not-a-number", True)),
        ({"measures": [{"type": 11, "value": 70, "unit": 99}]}, ("not-a-number", True)),
        ({"measures": [{"type": 11, "value": 70}]}, ("not-a-number", True)),
        ({"measures": [{"type": 11}]}, ("absent", True)),
        ({"measures": []}, ("no-measures", False)),
        ({"measures": None}, ("no-measures", True)),
    ],
)
def test_what_cannot_be_used_has_a_reason(
    changed: dict[str, Any], reason: tuple[str, bool]
) -> None:
    batch = withings({**group(1, measure(11, 70)), **changed})

    assert (batch.readings, reasons(batch)) == ((), [reason])


def test_the_rest_of_a_payload_is_read_all_the_same() -> None:
    payload = getmeas(group(1, measure(11, 70), measure(999, 1)), group(2, measure(1, 70)))
    payload["body"]["measuregrps"].insert(0, "noise")

    batch = read(as_received(payload), TEMPLATES["withings"], site=SITE)

    assert [one.kind for one in batch.readings] == ["heart_rate", "weight"]
    assert [str(one) for one in batch.withheld] == [
        "not an object at body.measuregrps[0]",
        "unknown code: 999 at body.measuregrps[1].measures[1]",
    ]


@pytest.mark.parametrize(
    ("measures", "reasons_"),
    [
        ([measure(10, 70), measure(9, 90)], ["implausible"]),  # systolic under diastolic
        ([measure(10, 500), measure(9, 90)], ["implausible", "incomplete"]),
    ],
)
def test_half_a_blood_pressure_is_not_made_out_of_a_wrong_one(
    measures: list[dict[str, int]], reasons_: list[str]
) -> None:
    batch = withings(group(1, *measures, measure(11, 70)))

    assert [one.kind for one in batch.readings] == ["heart_rate"]
    assert [one.reason for one in batch.withheld] == reasons_


@pytest.mark.parametrize(
    ("name", "body", "kinds"),
    [
        ("heart-rate", {"heart_rate": {"value": 61, "unit": "beats/min"}}, "heart_rate 61 /min"),
        ("respiratory-rate",
         {"respiratory_rate": {"value": Decimal("12.50"), "unit": "breaths/min"}},
         "resp_rate 12.50 /min"),
        ("body-temperature", {"body_temperature": {"value": Decimal("98.60"), "unit": "F"}},
         "body_temp 98.60 [degF]"),
        ("body-temperature", {"body_temperature": {"value": 37, "unit": "C"}}, "body_temp 37 Cel"),
        ("body-weight", {"body_weight": {"value": 150, "unit": "lb"}}, "weight 150 [lb_av]"),
        ("oxygen-saturation", {"oxygen_saturation": {"value": 96, "unit": "%"}}, "spo2 96 %"),
        ("body-height", {"body_height": {"value": Decimal("1.75"), "unit": "m"}}, "height 175 cm"),
        ("body-mass-index", {"body_mass_index": {"value": Decimal("24.10"), "unit": "kg/m2"}},
         "bmi 24.10 kg/m2"),
        ("step-count", {"step_count": {"value": 6000, "unit": "steps"}}, "steps 6000 {steps}"),
        ("sleep-duration", {"sleep_duration": {"value": Decimal("7.50"), "unit": "h"}},
         "sleep 7.50 h"),
    ],
)  # fmt: skip
def test_open_mhealth_values_stay_in_their_unit(
    name: str, body: dict[str, Any], kinds: str
) -> None:
    [one] = openmhealth(data_point(name, body)).readings

    assert f"{one.kind} {one.value} {one.ucum}" == kinds
    assert one.instant.isoformat() == "2026-03-01T09:00:00+01:00"
    assert one.offset_origin is OffsetOrigin.SOURCE


@pytest.mark.parametrize(
    ("specimen", "kind"),
    [
        (None, "glucose_moles"),
        ("capillary blood", "glucose_moles"),
        ("whole blood", "glucose_blood_moles"),
        ("serum", "glucose_plasma_moles"),
        ("interstitial fluid", "cgm_moles"),
    ],
)
def test_open_mhealth_glucose_is_coded_by_its_specimen(specimen: str | None, kind: str) -> None:
    body = {"blood_glucose": {"value": Decimal("5.50"), "unit": "mmol/L"}}
    if specimen:
        body["specimen_source"] = specimen  # type: ignore[assignment]

    [one] = openmhealth(data_point("blood-glucose", body)).readings

    assert (one.kind, str(one.value)) == (kind, "5.50")


def test_a_sleep_that_says_when_it_began_and_how_long_it_was_is_an_interval() -> None:
    point = data_point("sleep-duration", {"sleep_duration": {"value": 480, "unit": "min"}})
    point["body"]["effective_time_frame"] = {
        "time_interval": {
            "start_date_time": "2026-03-01T22:00:00+01:00",
            "duration": {"value": Decimal("8.5"), "unit": "h"},
        }
    }

    [one] = openmhealth(point).readings

    assert f"{one.kind} {one.value} {one.ucum}" == "sleep 480 min"
    assert one.end is not None
    assert one.end.isoformat() == "2026-03-02T06:30:00+01:00"


@pytest.mark.parametrize(
    ("header", "body", "reason"),
    [
        ({}, {"heart_rate": {"value": 61, "unit": "Hz"}}, "unknown unit: Hz of heart_rate at [0]"),
        ({}, {"heart_rate": {"value": 61, "unit": "Ada's\nunit"}},
         "unknown unit: (not shown) of heart_rate at [0]"),
        ({}, {"heart_rate": {"value": 61}}, "unknown unit: (not shown) of heart_rate at [0]"),
        ({}, {"heart_rate": 61}, "absent: heart_rate at [0]"),
        ({}, {"descriptive_statistic": "average"}, "statistic and no reading at [0]"),
        ({"user_id": None}, {"heart_rate": {"value": 61, "unit": "beats/min"}},
         "no owner: neither a device nor an account at [0]"),
        ({"schema_id": {"name": "mood"}}, {}, "unknown code: mood at [0]"),
        ({"schema_id": {"name": "physical-activity"}}, {},
         "not mapped: an activity by name, and no number of one kind at [0]"),
        ({}, {"heart_rate": {"value": 61, "unit": "beats/min"}, "effective_time_frame": {
            "date_time": "2026-03-01T09:00:00"}}, "no time: no time with an offset at [0]"),
        ({}, {"heart_rate": {"value": 61, "unit": "beats/min"}, "effective_time_frame": {}},
         "no time: no time with an offset at [0]"),
    ],
)  # fmt: skip
def test_open_mhealth_points_that_cannot_be_used_have_a_reason(
    header: dict[str, Any], body: dict[str, Any], reason: str
) -> None:
    batch = openmhealth([data_point("heart-rate", body, **header)])

    assert (batch.readings, [str(one) for one in batch.withheld]) == ((), [reason])


def test_an_interval_has_two_ends() -> None:
    frame = {
        "time_interval": {
            "start_date_time": "2026-03-01T22:00:00-05:00",
            "end_date_time": "2026-03-02T06:00:00-05:00",
        }
    }
    body = {"heart_rate": {"value": 51, "unit": "beats/min"}, "effective_time_frame": frame}

    [one] = openmhealth(data_point("heart-rate", body)).readings

    assert one.end is not None
    assert (one.instant.isoformat(), one.end.isoformat()) == (
        "2026-03-01T22:00:00-05:00",
        "2026-03-02T06:00:00-05:00",
    )


@pytest.mark.parametrize("payload", [5, "text", None, [], {}, {"body": {}}, {"body": 3}])
def test_what_is_no_payload_of_the_source_is_refused_as_such(payload: Any) -> None:
    with pytest.raises(Failure) as caught:
        read(payload, TEMPLATES["withings"], site=SITE)

    assert (caught.value.kind, caught.value.at) == (Kind.UNPROCESSABLE, "body.measuregrps")
    assert keys(payload, TEMPLATES["withings"]) == ()


def test_fields_that_nobody_reads_are_named_once() -> None:
    payload = getmeas(
        group(1, measure(11, 70), comment="x"), group(2, measure(11, 71), comment="y")
    )
    payload["body"]["deep"] = {"a": [{"b": 1, "empty": None}]}

    batch = read(as_received(payload), TEMPLATES["withings"], site=SITE)

    assert [issue.at for issue in batch.unmapped] == [
        "status",
        "body.measuregrps[].comment",
        "body.deep.a[].b",
    ]


def test_keys_are_opaque_and_name_device_and_account() -> None:
    payload = as_received(getmeas(group(1), group(2), userid=4711))

    found = keys(payload, TEMPLATES["withings"])

    assert len(found) == 2
    assert all(len(key) == 32 and "4711" not in key and "cuff" not in key for key in found)
    assert "cuff-1" not in repr(withings(group(1, measure(11, 70))).readings)
