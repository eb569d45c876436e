"""A recording of the heart keeps every sample, its scale, its time and the vendor's words."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.devices.claims import readings, resources
from tests.devices.harness import SITE, TEMPLATES, House, as_received

from wherry.codec import encode
from wherry.fhir.check import problems
from wherry.ports import State
from wherry.resource import Resource
from wherry_devices.mapping.read import read
from wherry_devices.mapping.waves import Wave, wave


def recording(samples: Any, *, id_: str = "k-1", **more: Any) -> dict[str, Any]:
    """A recording of a Kardia; synthetic."""
    enhanced = {"frequency": 300, "amplitudeResolution": 500, "samples": samples}
    enhanced |= more.pop("enhanced", {})
    return {
        "id": id_,
        "patientID": "demo-user",
        "heartRate": 72,
        "duration": 30000,
        "recordedAt": "2026-03-01T07:00:00-05:00",
        "algorithmDetermination": "normal",
        "data": {"enhanced": enhanced},
        **more,
    }


def study(payload: Any) -> Resource:
    [found] = [
        one
        for one in resources("kardia", payload)
        if one["resourceType"] == "Observation" and one["code"]["coding"][0]["code"] == "11524-6"
    ]
    assert problems(found) == []
    return found


def dropped(payload: Any) -> list[str]:
    batch = read(as_received(payload), TEMPLATES["kardia"], site=SITE)
    return [one.reason for one in batch.withheld]


@pytest.mark.parametrize(
    ("frequency", "period"),
    [(500, "2"), (100, "10"), (250, "4"), (512, "1.953125"), ("300", "3.3333333333333333")],
)
def test_a_period_is_exact_where_decimals_can_say_it(frequency: Any, period: str) -> None:
    found = wave({"I": [1]}, frequency=Decimal(frequency), nanovolts=500)

    assert isinstance(found, Wave)
    assert str(found.period_ms) == period


@given(
    st.integers(1, 10_000),
    st.lists(
        st.none()
        | st.integers(-(2**31), 2**31)
        | st.decimals(-999, 999, places=2, allow_nan=False),
        min_size=1,
        max_size=50,
    ),
)
def test_every_sample_comes_back_as_it_was(nanovolts: int, counts: list[Any]) -> None:
    found = wave({"leadI": counts}, frequency=300, nanovolts=nanovolts)

    assert isinstance(found, Wave)
    [(_, data)] = found.leads
    back = [None if text == "E" else Decimal(text) for text in data.split(" ")]
    assert back == [None if one is None else Decimal(one) for one in counts]
    assert found.factor * 1000 == nanovolts


@given(st.integers(1, 2000), st.integers(1, 100_000))
def test_the_last_sample_is_less_than_a_period_from_its_time(frequency: int, count: int) -> None:
    found = wave({"I": [0]}, frequency=frequency, nanovolts=1)

    assert isinstance(found, Wave)
    exact = Decimal(1000) * count / Decimal(frequency)
    assert abs(found.period_ms * count - exact) < found.period_ms / 1000


def test_the_wave_is_in_microvolts_with_its_scale() -> None:
    component = study(recording({"leadI": [1, -2, 3]}))["component"][0]

    assert b'"period":3.3333333333333333,"factor":0.5,"dimensions":1' in encode(component)
    assert component["valueSampledData"]["origin"]["code"] == "uV"
    assert component["code"]["coding"][0]["code"] == "131329"


def test_it_lasts_as_long_as_the_vendor_says_else_as_its_samples() -> None:
    long = study(recording({"leadI": [1, 2, 3]}))
    short = study(recording({"leadI": [1] * 600}, duration=None))

    assert long["effectivePeriod"]["end"] == "2026-03-01T07:00:30-05:00"
    assert short["effectivePeriod"]["end"] == "2026-03-01T07:00:02-05:00"


@pytest.mark.parametrize(
    ("word", "reason"), [("unreadable", "error"), ("no_analysis", "not-performed")]
)
def test_what_the_algorithm_could_not_tell_has_a_reason_and_no_value(
    word: str, reason: str
) -> None:
    told = study(recording({"leadI": [1]}, algorithmDetermination=word))["component"][-1]

    assert told["dataAbsentReason"] == {
        "coding": [
            {
                "system": "http://terminology.hl7.org/CodeSystem/data-absent-reason",
                "code": reason,
            }
        ],
        "text": word,
    }
    assert "valueCodeableConcept" not in told


def test_the_pulse_of_what_could_not_be_read_is_not_scored() -> None:
    pulse, _ = readings("kardia", recording({"leadI": [1]}, algorithmDetermination="unreadable"))
    good, _ = readings("kardia", recording({"leadI": [1]}))

    assert (pulse.kind, pulse.quality, good.quality) == ("heart_rate", ("suspect",), ())


def test_the_vendors_words_are_said_to_be_no_diagnosis() -> None:
    found = study(recording({"leadI": [1]}, algorithmDetermination="afib"))

    assert found["component"][-1]["valueCodeableConcept"] == {"text": "afib"}
    assert "no diagnosis" in found["note"][0]["text"]
    assert "interpretation" not in found


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (recording({}), "no-samples"),
        (recording([1, 2]), "no-samples"),
        (recording({"leadI": []}), "not-a-number"),
        (recording({"leadI": "1 2"}), "not-a-number"),
        (recording({"leadI": [1, True]}), "not-a-number"),
        (recording({"leadI": [1], "leadII": [{}]}), "not-a-number"),
        (recording({f"lead{n}": [1] for n in range(16)}), "too-many-leads"),
        (recording({"leadI": [-1000] * 180_000}), "too-long"),
        (recording({"leadI": [1]}, enhanced={"frequency": 0}), "no-frequency"),
        (recording({"leadI": [1]}, enhanced={"frequency": "300"}), "no-frequency"),
        (recording({"leadI": [1]}, enhanced={"amplitudeResolution": None}), "no-resolution"),
        (recording({"leadI": [1]}, duration=-5), "no-duration"),
        (recording({"leadI": [1]}, duration="long"), "no-duration"),
    ],
)
def test_what_is_no_recording_is_set_aside_with_its_reason(payload: Any, reason: str) -> None:
    assert dropped(payload) == [reason]
    assert [one.kind for one in readings("kardia", payload)] == ["heart_rate"]


def test_a_recording_is_stored_once_however_often_it_comes(house: House) -> None:
    house.bind("demo-user", kind="account", source="kardia")
    first = recording({"leadI": [1, 2, 3]})

    ids = []
    for payload in (first, [first], {**first, "fetched": 2}, first):
        ids.append(house.keep(payload, "kardia"))
        house.work()

    assert [house.ended(one) for one in ids] == [(State.DONE, "")] * 4
    assert [
        len(kept) for (type_, _), kept in house.fhir.versions.items() if type_ == "Observation"
    ] == [1, 1]


def test_other_samples_of_the_same_recording_are_a_new_version(house: House) -> None:
    house.bind("demo-user", kind="account", source="kardia")

    for samples in ([1, 2, 3], [1, 2, 4], [1, 2, 4]):
        house.keep(recording({"leadI": samples}), "kardia")
        house.work()

    kept = [
        [one["component"][0]["valueSampledData"]["data"] for one in versions]
        for (type_, _), versions in house.fhir.versions.items()
        if type_ == "Observation" and "valueQuantity" not in versions[0]
    ]
    assert kept == [["1 2 3", "1 2 4"]]
