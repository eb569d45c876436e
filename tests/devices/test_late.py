"""A reading that came more than a day after it was measured says so, however often it comes."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.devices.harness import NOW, House, data_point, getmeas, group, measure

from wherry_devices.mapping.baseline import late
from wherry_devices.mapping.reading import DeviceKey, OffsetOrigin, Origin, Reading

DAY = 24 * 3600
MEASURED_AT = datetime.fromtimestamp(group(1)["date"], UTC)
EARLY = (MEASURED_AT - NOW).total_seconds() + 60
PULSE = {"heart_rate": {"value": 61, "unit": "beats/min"}}


def tags(house: House) -> list[list[str]]:
    return [
        [tag["code"] for tag in one["meta"].get("tag", ())] for one in house.fhir.all("Observation")
    ]


def versions(house: House) -> list[int]:
    return [len(kept) for (type_, _), kept in house.fhir.versions.items() if type_ == "Observation"]


def deliver(house: House, *, value: int = 70, newer_s: int = 0, late_s: float = 0) -> None:
    """The pulse of group 1, sent a minute after it was measured and `late_s` more."""
    one = group(1, measure(11, value))
    house.inbox.time_s = House().inbox.time_s + EARLY + late_s
    house.keep(getmeas({**one, "modified": one["modified"] + newer_s}, sent=house.inbox.time_s))
    house.work()


def test_what_comes_in_time_keeps_no_mark_when_it_is_sent_again_days_later(house: House) -> None:
    house.bind("cuff-1")

    deliver(house)
    deliver(house, late_s=3 * DAY)

    assert tags(house) == [["assumed-offset"]]
    assert versions(house) == [1]


def test_what_comes_late_keeps_its_mark_however_often_it_comes(house: House) -> None:
    house.bind("cuff-1")

    for _ in range(3):
        deliver(house, late_s=2 * DAY)
    id_ = house.keep(getmeas(group(1, measure(11, 70))))
    house.work()
    house.inbox.replay([id_])
    house.work()

    assert tags(house) == [["assumed-offset", "backfill"]]
    assert versions(house) == [1]


def test_a_number_that_is_corrected_days_later_is_late_whatever_comes_again(house: House) -> None:
    house.bind("cuff-1")

    deliver(house)
    deliver(house, value=72, newer_s=2 * DAY, late_s=2 * DAY)
    deliver(house, late_s=3 * DAY)

    assert tags(house) == [["assumed-offset", "backfill"]]
    assert versions(house) == [2]


def test_a_message_that_waited_for_its_owner_came_when_it_was_received(house: House) -> None:
    deliver(house)
    house.inbox.time_s += 5 * DAY
    house.bind("cuff-1")
    house.sweep()

    house.work()

    assert tags(house) == [["assumed-offset"]]


def test_a_record_of_sleep_counts_from_its_end(house: House) -> None:
    house.bind("user-1", kind="account", source="openmhealth")
    frame = {
        "time_interval": {
            "start_date_time": "2026-03-01T10:00:00+00:00",
            "end_date_time": "2026-03-01T13:00:00+00:00",
        }
    }

    house.keep(data_point("heart-rate", {**PULSE, "effective_time_frame": frame}), "openmhealth")
    house.work()

    assert tags(house) == [[]]


@pytest.mark.parametrize(
    ("civil", "after", "said"),
    [
        (False, timedelta(hours=24), False),
        (False, timedelta(hours=24, seconds=1), True),
        (True, timedelta(hours=30), False),
        (True, timedelta(hours=48, seconds=1), True),
    ],
)
def test_a_day_without_an_hour_is_measured_at_its_end(
    civil: bool, after: timedelta, said: bool
) -> None:
    one = Reading(
        *("demo", "heart_rate_resting", None, "/min", "/min", MEASURED_AT),
        OffsetOrigin.SOURCE,
        Origin.DEVICE,
        DeviceKey("demo", "device", "d"),
        None,
        civil=civil,
    )

    assert late(one, MEASURED_AT + after) is said
