"""The claims about a device gateway again, through the doors, the database and the FHIR server."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from tests.devices.claims import TEMPLATE, frame, readings, sample
from tests.devices.harness import EVER, NOW, TEMPLATES, House, getmeas, group, measure

from wherry.adapters.inbox_desk import SqlInboxDesk
from wherry.adapters.inbox_sql import SqlInbox
from wherry.adapters.migrate import upgrade as upgrade_inbox
from wherry.adapters.sealing import Sealer
from wherry.adapters.sql import make_engine
from wherry.braking import Braking
from wherry.codec import encode
from wherry.draining import Pace
from wherry.ports import State
from wherry.resource import Resource
from wherry_devices.app import create_app
from wherry_devices.cli import devices
from wherry_devices.commands.iomt import imported
from wherry_devices.deps import Deps
from wherry_devices.intake.triage import arrival
from wherry_devices.jobs import drain
from wherry_devices.mapping.days import by_day
from wherry_devices.mapping.instants import NOWHERE
from wherry_risk.model.facts import facts
from wherry_risk.model.news2_spec import news2_spec
from wherry_risk.model.record import record

# What the retired service's published samples do: the diastolic pressure has the code of a heart
# rate. Shapes after github.com/microsoft/iomt-fhir, sample/templates/basic; synthetic.
DEVICE_CONTENT = {
    "templateType": "CollectionContent",
    "template": [
        {
            "templateType": "JsonPathContent",
            "template": {
                "typeName": "bloodpressure",
                "typeMatchExpression": "$..[?(@systolic)]",
                "deviceIdExpression": "$.deviceId",
                "timestampExpression": "$.endDate",
                "values": [
                    {"required": "true", "valueExpression": f"$.{name}", "valueName": name}
                    for name in ("systolic", "diastolic")
                ],
            },
        }
    ],
}
FHIR_MAPPING = {
    "templateType": "CollectionFhir",
    "template": [
        {
            "templateType": "CodeValueFhir",
            "template": {
                "codes": [{"code": "85354-9", "system": "http://loinc.org", "display": "BP"}],
                "typeName": "bloodpressure",
                "components": [
                    {
                        "codes": [{"code": code, "system": "http://loinc.org", "display": name}],
                        "value": {"valueName": name, "valueType": "Quantity", "unit": "mmHg"},
                    }
                    for name, code in (("systolic", "8480-6"), ("diastolic", "8867-4"))
                ],
            },
        }
    ],
}


def test_b1_the_linter_ends_with_an_error_and_the_line_before_anything_is_deployed(
    tmp_path: Path,
) -> None:
    bad = TEMPLATE.replace('number: dia, unit: "mm[Hg]"', "number: dia, unit: /min")
    (tmp_path / "good.yaml").write_text(TEMPLATE)
    (tmp_path / "bad.yaml").write_text(bad)

    found = [
        CliRunner().invoke(devices, ["lint", str(tmp_path / name)])
        for name in ("good.yaml", "bad.yaml")
    ]

    assert [one.exit_code for one in found] == [0, 1]
    line = 1 + bad.splitlines().index(next(one for one in bad.splitlines() if "/min" in one))
    assert f"bad.yaml:{line}: bp_diastolic is measured in mm[Hg]" in found[1].stdout


def test_b1_a_diastolic_pressure_with_the_code_of_a_heart_rate_is_told_and_not_taken_over() -> None:
    found = imported(DEVICE_CONTENT, FHIR_MAPPING, "hub")

    assert any("coded as 8867-4 (Heart rate); it is 8462-4" in one for one in found.findings)
    assert "8867-4" not in found.text


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 3, 1), 24)]
)
def test_b3_readings_fall_on_the_days_of_the_person_also_when_clocks_change(
    day: date, hours: int
) -> None:
    zone = ZoneInfo("Europe/Berlin")
    began_s = int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())
    groups = [group(n, measure(11, 60 + n % 20), date=began_s + 1800 * n) for n in range(-2, 52)]
    payload = getmeas(*groups)

    found = by_day(readings("withings", payload, NOWHERE), zone)

    assert len(found[day]) == 2 * hours


@pytest.fixture
def sql(sqlite_url: str, house: House) -> Iterator[Deps]:
    """The service with a real inbox."""
    upgrade_inbox(sqlite_url)
    engine = make_engine(sqlite_url)
    sealer = Sealer((b"k" * 32,))
    inbox = SqlInbox(engine, sealer, Braking())
    yield replace(house.deps(), inbox=inbox, desk=SqlInboxDesk(engine, sealer))
    engine.dispose()


POISON: list[bytes] = [
    b'{"body": {"measuregrps": "poison"}}',
    b"no json at all",
    b"[" * 2000,
    encode(getmeas(group(1, measure(10, 9000), measure(9, -1)))),
    encode(getmeas(group(1, {"type": 99, "value": 1, "unit": 0}))),
    encode({"body": {"measuregrps": [None, 7, {"measures": "x"}]}}),
]


def _timed(bodies: list[bytes], needs: Deps) -> tuple[float, list[State]]:
    ids = [
        needs.inbox.keep([arrival(body, TEMPLATES["withings"], channel="trusted")])[0]
        for body in bodies
    ]
    began = time.perf_counter()
    drain(needs, owner="worker", pace=Pace())
    return time.perf_counter() - began, [needs.desk.get(id_).state for id_ in ids]


def test_b4_poison_before_it_costs_the_next_message_less_than_a_second(
    sql: Deps, house: House
) -> None:
    house.bind("cuff-1")
    alone, states = _timed([encode(getmeas(group(1, measure(11, 70))))], sql)
    assert states == [State.DONE]

    behind, states = _timed([*POISON, encode(getmeas(group(2, measure(11, 71))))], sql)

    assert states == [State.ASIDE] * len(POISON) + [State.DONE]
    assert behind - alone < 1.0
    assert len(house.fhir.all("Observation")) == 2


def _weights() -> list[dict[str, Any]]:
    """A measurement, two corrections, and another one that is taken back; synthetic."""
    type_ = "HKQuantityTypeIdentifierBodyMass"
    at = "2026-03-01T{}:00:00-05:00"
    return [
        sample(type_, 70, "kg"),
        sample(type_, 71, "kg", modifiedAt=at.format("08")),
        sample(type_, 72, "kg", modifiedAt=at.format("09")),
        sample(type_, None, "kg", uuid="u-2", deletedAt=at.format("09")),
    ]


def _state(house: House) -> list[Resource]:
    out = []
    for one in house.fhir.all("Observation"):
        meta = {k: v for k, v in one["meta"].items() if k not in {"versionId", "lastUpdated"}}
        out.append({**{k: v for k, v in one.items() if k != "id"}, "meta": meta})
    return sorted(out, key=lambda one: str(one["identifier"]))


@pytest.mark.parametrize("order", [*permutations(range(4)), (3, 2, 1, 0, 0, 1, 2, 3, 2)])
def test_b5_the_stored_state_is_the_same_and_each_change_was_a_version_with_a_record(
    order: tuple[int, ...],
) -> None:
    house, expected = House(), House()
    for one in (house, expected):
        one.bind("somebody", kind="account", source="healthkit")
    for payload in _weights():
        expected.keep(payload, "healthkit")
    expected.work()

    for number in order:
        house.keep(_weights()[number], "healthkit")
        house.work()

    assert _state(house) == _state(expected)
    [kept, gone] = _state(house)
    assert kept["valueQuantity"]["value"] == 72
    assert gone["status"] == "entered-in-error"
    for stored in house.fhir.all("Observation"):
        versions = house.fhir.versions["Observation", stored["id"]]
        sources = {version["meta"]["source"].partition("#")[2] for version in versions}
        assert len(sources) == len(versions)
        assert sources <= {record["id"] for record in house.fhir.all("Provenance")}


def test_b6_a_device_is_passed_on_through_the_api_and_no_reading_is_lost_or_another_persons(
    house: House,
) -> None:
    web = create_app(house.deps()).test_client()
    handed_over = NOW - timedelta(days=1, hours=4) + timedelta(minutes=3)
    received = handed_over + timedelta(minutes=2)  # nobody had it for two minutes
    told = {"source": "withings", "device": "cuff-1", "verified_by": "nurse 7"}
    first = told | {"patient": "p1", "valid_from": EVER.isoformat()}
    second = told | {"patient": "p2", "valid_from": received.isoformat()}
    assert web.put("/v1/bindings", json=first).status_code == 200
    ended = first | {"valid_to": handed_over.isoformat()}
    assert web.put("/v1/bindings", json=ended).status_code == 200
    payload = getmeas(*(group(n, measure(11, 60 + n)) for n in range(8)))
    id_ = house.keep(payload)
    house.work()
    early = _owners(house)
    assert house.ended(id_)[1].startswith("unassigned: device ")

    overlapping = second | {"valid_from": EVER.isoformat()}
    assert web.put("/v1/bindings", json=overlapping).status_code == 409
    assert web.put("/v1/bindings", json=second).json["released"] == 1  # type: ignore[index]
    house.work()
    between = told | {
        "patient": "p1",
        "valid_from": handed_over.isoformat(),
        "valid_to": received.isoformat(),
    }
    assert web.put("/v1/bindings", json=between).status_code == 200
    house.work()

    assert early == {60: "p1", 61: "p1", 62: "p1"}
    assert _owners(house) == {60 + n: "p1" if n < 5 else "p2" for n in range(8)}
    assert house.ended(id_) == (State.DONE, "")


def _owners(house: House) -> dict[int, str]:
    return {
        int(one["valueQuantity"]["value"]): one["subject"]["reference"].removeprefix("Patient/")
        for one in house.fhir.all("Observation")
    }


def test_b7_the_stored_pulse_points_to_the_stored_pressure(house: House) -> None:
    house.bind("cuff-1")
    for _ in range(2):
        house.keep(getmeas(group(1, measure(9, 82), measure(11, 76), measure(10, 143))))
        house.work()

    found = {one["code"]["coding"][0]["code"]: one for one in house.fhir.all("Observation")}

    assert set(found) == {"85354-9", "8867-4"}
    panel = found["85354-9"]
    assert [one["code"]["coding"][0]["code"] for one in panel["component"]] == ["8480-6", "8462-4"]
    assert found["8867-4"]["derivedFrom"] == [{"reference": f"Observation/{panel['id']}"}]


def _spo2(value: str, minute: int, *, demo: bool) -> dict[str, Any]:
    return {
        "metric": "spO2",
        "hwi_device_id": "hub-oximeter",
        "patient_id": "p",
        "value_1": value,
        "timestamp": f"2026-03-02T11:{minute:02}:00Z",
        "timezone_offset": 0,
        "dummy_data": demo,
    }


def test_b9_no_score_rests_on_a_demonstration_or_a_control_solution(house: House) -> None:
    house.bind("hub-oximeter", source="tenovi")
    house.bind("aa:bb", source="ble-hub")
    house.keep([_spo2("97", 10, demo=False), _spo2("71", 50, demo=True)], "tenovi")
    control = frame("2A18", "02 03 00 EA 07 03 02 0B 05 00 64 B0 4A")
    house.keep({**control, "zone": "UTC"}, "ble-hub")
    house.work()

    stored = house.fhir.all("Observation")
    known = record([*house.fhir.all("Patient")[:1], *stored])
    found = facts(news2_spec(), known, at=NOW)

    assert len(stored) == 2  # the control solution is nobody's
    assert {str(one["valueQuantity"]["value"]) for one in stored} == {"97", "71"}
    assert str(found.used["spo2"].value) == "97"
    assert "71" not in {str(one.value) for one in found.used.values()}
    assert house.tally.counts()["ble-hub", "control-solution"] == 1
