"""Kept payloads land with their owners; what cannot waits or is set aside with a reason."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.devices.harness import House, data_point, getmeas, group, measure

from wherry.codec import decode
from wherry.errors import Failure, Kind
from wherry.ports import State

PRESSURE = (measure(10, 14300, -2), measure(9, 82), measure(11, 760, -1))


def versions(house: House) -> dict[tuple[str, str], int]:
    return {key: len(kept) for key, kept in house.fhir.versions.items()}


def values(house: House, code: str) -> list[tuple[str, str, str]]:
    """Patient, time and value of the Observations with a code."""
    return [
        (
            one["subject"]["reference"],
            one["effectiveDateTime"],
            str(one["valueQuantity"]["value"]),
        )
        for one in house.fhir.all("Observation")
        if one["code"]["coding"][0]["code"] == code
    ]


def test_a_payload_becomes_vital_signs_of_the_owner(house: House) -> None:
    house.bind("cuff-1")
    id_ = house.keep(getmeas(group(1, *PRESSURE)))

    house.work()

    assert house.ended(id_) == (State.DONE, "")
    assert values(house, "8867-4") == [("Patient/p1", "2026-03-01T09:01:00+01:00", "76")]
    assert [one["deviceName"][0]["name"] for one in house.fhir.all("Device")] == ["BPM Demo"]
    assert len(house.fhir.all("Provenance")) == 1
    assert len(house.fhir.all("Patient")) == 2  # none was made
    assert house.changes.due(owner="risk", limit=9, quiet_s=0, lease_s=1) != []
    assert "risk" in house.queue.tickets


def test_the_same_payload_again_adds_no_version(house: House) -> None:
    house.bind("cuff-1")
    house.keep(getmeas(group(1, *PRESSURE)))
    house.work()
    before = versions(house)

    house.keep(getmeas(group(1, *PRESSURE)))
    house.keep(getmeas(group(1, *PRESSURE), status_text="polled again"))  # another envelope
    house.work()

    assert versions(house) == before


def test_a_correction_is_a_new_version_and_an_older_one_is_none(house: House) -> None:
    house.bind("cuff-1")
    first = group(1, measure(11, 70))
    corrected = {**first, "measures": [measure(11, 72)], "modified": first["modified"] + 3600}

    for one in (corrected, first, corrected):
        house.keep(getmeas(one))
        house.work()

    assert [value for _, _, value in values(house, "8867-4")] == ["72"]
    [kept] = [kept for (type_, _), kept in house.fhir.versions.items() if type_ == "Observation"]
    assert len(kept) == 1


def test_an_unbound_device_waits_and_comes_back_by_itself(house: House) -> None:
    id_ = house.keep(getmeas(group(1, *PRESSURE)))
    house.work()
    state, reason = house.ended(id_)

    key = house.bind("cuff-1")
    wakes = house.sweep()
    house.work()

    assert (state, reason) == (State.ASIDE, f"unassigned: device {key}")
    assert wakes
    assert house.ended(id_) == (State.DONE, "")
    assert len(values(house, "8867-4")) == 1
    assert not house.sweep()
    assert house.bindings.waiting == {}


def test_a_binding_of_another_time_does_not_wake_it_again_and_again(house: House) -> None:
    id_ = house.keep(getmeas(group(1, *PRESSURE)))
    house.work()
    house.bind("cuff-1", since=datetime(2026, 3, 2, tzinfo=UTC))

    woken = [house.sweep(), bool(house.work()), house.sweep()]

    assert woken == [True, True, False]
    assert house.ended(id_)[0] is State.ASIDE


def test_a_binding_that_comes_while_the_payload_is_worked_on_is_not_missed(house: House) -> None:
    id_ = house.keep(getmeas(group(1, *PRESSURE)))
    wait = house.bindings.wait

    def bound_meanwhile(message_id: int, keys: list[str], *, seen: int) -> None:
        wait(message_id, keys, seen=seen)
        if not house.bindings.rows:
            house.bind("cuff-1")
            house.sweep()  # too early: somebody has it

    house.bindings.wait = bound_meanwhile  # type: ignore[assignment,method-assign]  # a moment
    house.work()
    early = house.ended(id_)[0]
    house.sweep()
    house.work()

    assert early is State.ASIDE
    assert house.ended(id_) == (State.DONE, "")


def test_what_is_bound_lands_although_the_rest_waits(house: House) -> None:
    house.bind("cuff-1")
    other = group(2, measure(1, 70), deviceid="scale-1")
    id_ = house.keep(getmeas(group(1, measure(11, 70)), other))

    house.work()
    before, reason = values(house, "29463-7"), house.ended(id_)[1]
    key = house.bind("scale-1", "p2")
    house.sweep()
    house.work()

    assert len(values(house, "8867-4")) == 1
    assert (before, reason) == ([], f"unassigned: device {key}")
    assert [patient for patient, _, _ in values(house, "29463-7")] == ["Patient/p2"]
    assert house.ended(id_) == (State.DONE, "")


def test_a_device_that_changes_hands_belongs_to_each_in_their_time(house: House) -> None:
    handed_over = datetime.fromtimestamp(group(2)["date"], UTC)
    house.bind("cuff-1", "p1", until=handed_over)
    house.bind("cuff-1", "p2", since=handed_over)

    for number in (3, 1, 2):
        house.keep(getmeas(group(number, measure(11, 70 + number))))
        house.work()

    assert sorted(
        (patient, value) for patient, _, value in values(house, "8867-4")
    ) == [("Patient/p1", "71"), ("Patient/p2", "72"), ("Patient/p2", "73")]  # fmt: skip


def test_a_device_and_an_account_of_two_people_place_nothing(house: House) -> None:
    house.bind("cuff-1", "p1")
    house.bind("4711", "p2", kind="account")

    id_ = house.keep(getmeas(group(1, measure(11, 70)), userid=4711))
    house.work()

    assert house.ended(id_) == (
        State.ASIDE,
        "disputed owner at body.measuregrps[0].measures[0]",
    )
    assert house.fhir.all("Observation") == []


def test_an_account_is_enough_for_numbers_that_were_typed_in(house: House) -> None:
    house.bind("4711", kind="account")

    house.keep(getmeas(group(1, measure(1, 70), attrib=2, deviceid=None), userid="4711"))
    house.work()

    [one] = house.fhir.all("Observation")
    assert [tag["code"] for tag in one["meta"]["tag"]] == ["manual", "assumed-offset", "backfill"]
    assert "device" not in one
    assert house.fhir.all("Device") == []


@pytest.mark.parametrize(
    ("measured", "more", "ended"),
    [
        (measure(11, 70), {"category": 2}, (State.DONE, "")),
        (measure(11, 70), {"attrib": 1},
         (State.ASIDE, "ambiguous owner at body.measuregrps[0]")),
        (measure(11, 12), {},
         (State.ASIDE, "implausible: heart_rate at body.measuregrps[0].measures[0]")),
        (measure(999, 12), {},
         (State.ASIDE, "unknown code: 999 at body.measuregrps[0].measures[0]")),
    ],
)  # fmt: skip
def test_what_is_withheld_is_done_or_aside_with_its_reason(
    house: House, measured: dict[str, int], more: dict[str, int], ended: tuple[State, str]
) -> None:
    house.bind("cuff-1")

    id_ = house.keep(getmeas(group(1, measured, **more)))
    house.work()

    assert house.ended(id_) == ended
    assert house.fhir.all("Observation") == []


def test_an_unknown_unit_is_kept_and_visible_with_its_reason(house: House) -> None:
    house.bind("user-1", kind="account", source="openmhealth")

    id_ = house.keep(
        data_point("heart-rate", {"heart_rate": {"value": 70, "unit": "Hz"}}), "openmhealth"
    )
    house.work()

    assert house.ended(id_) == (State.ASIDE, "unknown unit: Hz of heart_rate at [0]")
    assert house.tally.counts()["openmhealth", "unknown-unit"] == 1


def test_readings_are_counted_by_what_became_of_them(house: House) -> None:
    house.bind("cuff-1")

    house.keep(getmeas(group(1, *PRESSURE), group(2, measure(1, 70), deviceid="other")))
    house.work()

    assert {outcome: count for (_, outcome), count in house.tally.counts().items()} == {
        "placed": 3,
        "unassigned": 1,
    }


def test_poison_is_set_aside_and_the_next_payload_is_not_held_up(house: House) -> None:
    house.bind("cuff-1")
    ids = [
        house.keep({"status": 601, "error": "too many requests"}),
        house.keep(b"[" * 100_000),
        house.keep(getmeas(group(1, *PRESSURE))),
    ]

    house.work()

    assert [house.ended(id_)[0] for id_ in ids] == [State.ASIDE, State.ASIDE, State.DONE]


def test_while_the_fhir_server_is_away_payloads_wait(house: House) -> None:
    house.bind("cuff-1")
    id_ = house.keep(getmeas(group(1, *PRESSURE)))
    house.fhir.failures = [Failure(Kind.UNAVAILABLE, "away")]

    house.work()
    waits = house.ended(id_)[0]
    house.inbox.time_s += timedelta(minutes=5).total_seconds()
    house.work()

    assert waits is State.WAITING
    assert house.ended(id_) == (State.DONE, "")


def test_no_name_of_a_device_leaves_the_inbox_and_the_record(house: House) -> None:
    house.keep(getmeas(group(1, *PRESSURE, deviceid="serial-of-ada"), userid="ada@example.org"))
    house.work()

    told = f"{house.queue.tickets} {house.ended(1)} {house.tally.counts()} {house.message(1)!r}"
    assert "serial-of-ada" not in told
    assert "ada@example.org" not in told
    assert decode(house.message(1).body)["userid"] == "ada@example.org"
