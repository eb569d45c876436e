"""A number becomes a payload of one vendor that no other number gives; all readings are made up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from wherry.suite.demo import frames

START_S = 1_767_225_600  # 2026-01-01T00:00:00Z


@dataclass(frozen=True, slots=True)
class Kind:
    """What is sent for a device and a number; `readings` are in one payload."""

    source: str
    shown: str
    readings: int
    made: Callable[[int, str], Any]


def withings(number: int, device: str, groups: int) -> Any:
    """An answer of getmeas: groups of systolic, diastolic, pulse and oxygen saturation."""
    told = []
    for n in range(groups):
        at = START_S + (number * groups + n) * 60
        told.append(
            {
                "grpid": number * groups + n + 1,
                "attrib": 0,
                "category": 1,
                "date": at,
                "modified": at + 10,
                "deviceid": device,
                "model": "Bench Cuff",
                "measures": [
                    {"type": 10, "value": 12000 + n * 100, "unit": -2},
                    {"type": 9, "value": 80, "unit": 0},
                    {"type": 11, "value": 700, "unit": -1},
                    {"type": 54, "value": 97, "unit": 0},
                ],
            }
        )
    return {"status": 0, "body": {"timezone": "Europe/Berlin", "measuregrps": told}}


def dexcom(number: int, device: str, records: int) -> Any:
    """Glucose of a sensor, every five minutes."""
    told = []
    for n in range(records):
        at = datetime.fromtimestamp(START_S + (number * records + n) * 300, UTC)
        told.append(
            {
                "recordId": f"{device}-{number * records + n}",
                "systemTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
                "displayTime": f"{at + timedelta(hours=1):%Y-%m-%dT%H:%M:%S}+01:00",
                "transmitterId": device,
                "transmitterGeneration": "g7",
                "value": 100 + n % 60,
                "status": None,
                "unit": "mg/dL",
            }
        )
    return {"recordType": "egv", "recordVersion": "3.0", "userId": device, "records": told}


def ble_hub(number: int, device: str, frames_: int) -> Any:
    """Frames of a cuff: systolic, diastolic, mean and pulse, with both clocks."""
    told = []
    for n in range(frames_):
        at = datetime.fromtimestamp(START_S + (number * frames_ + n) * 60, UTC)
        shown = at.replace(tzinfo=None)
        told.append(
            {
                "characteristic": frames.BLOOD_PRESSURE,
                "value_hex": frames.blood_pressure(shown, (str(120 + n), "80", "93", "70")),
                "received_at": (at + timedelta(seconds=30)).isoformat(),
                "hub_clock": (at + timedelta(seconds=30)).isoformat(),
                "device_clock": (shown + timedelta(seconds=20)).isoformat(),
                "peripheral": {"address": device, "model": "Bench BP"},
            }
        )
    return {"hub": f"hub-{device}", "frames": told}


def vital_signs(number: int, account: str, at: datetime) -> Any:
    """All that NEWS2 asks of a device, measured at `at`: Open mHealth data points of one account.

    The person is ill: every number is far enough out to be scored.
    """
    bodies: Mapping[str, Mapping[str, tuple[int, str]]] = {
        "respiratory-rate": {"respiratory_rate": (26, "breaths/min")},
        "oxygen-saturation": {"oxygen_saturation": (90, "%")},
        "heart-rate": {"heart_rate": (132, "beats/min")},
        "body-temperature": {"body_temperature": (39, "C")},
        "blood-pressure": {
            "systolic_blood_pressure": (88, "mmHg"),
            "diastolic_blood_pressure": (55, "mmHg"),
        },
    }
    return [
        {
            "header": {
                "id": f"{account}-{number}-{schema}",
                "creation_date_time": at.isoformat(),
                "schema_id": {"namespace": "omh", "name": schema, "version": "4.0"},
                "acquisition_provenance": {"source_name": "Bench", "modality": "sensed"},
                "user_id": account,
            },
            "body": {
                **{name: {"value": value, "unit": unit} for name, (value, unit) in body.items()},
                "effective_time_frame": {"date_time": at.isoformat()},
            },
        }
        for schema, body in bodies.items()
    ]


KINDS = (
    Kind("withings", "Withings, 1 group", 4, lambda n, device: withings(n, device, 1)),
    Kind("withings", "Withings, 10 groups", 40, lambda n, device: withings(n, device, 10)),
    Kind("dexcom", "Dexcom, an hour", 12, lambda n, device: dexcom(n, device, 12)),
    Kind("dexcom", "Dexcom, a day", 288, lambda n, device: dexcom(n, device, 288)),
    Kind("ble-hub", "Bluetooth, 1 frame", 4, lambda n, device: ble_hub(n, device, 1)),
    Kind("ble-hub", "Bluetooth, 10 frames", 40, lambda n, device: ble_hub(n, device, 10)),
)
