"""Frames of Bluetooth health devices: every digit as measured, special values never as numbers."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherry.codec import decode, encode
from wherry_devices.connectors import ble
from wherry_devices.connectors.gatt import Short, fields
from wherry_devices.connectors.ieee11073 import float32, sfloat

VECTORS = Path(__file__).parents[2] / "../shared/data/devices/ble-vectors/ble-vectors.json"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (0x0024, "36"), (0xF169, "36.1"), (0xEE1A, "-4.86"), (0x1003, "30"), (0x0FFF, "-1"),
        (0x07FF, "NaN"), (0x0800, "NRes"), (0x07FE, "+INF"), (0x0802, "-INF"), (0x0801, "Reserved"),
        (0xF7FF, "NaN"),
    ],
)  # fmt: skip
def test_a_small_float_keeps_its_precision(raw: int, text: str) -> None:
    assert str(sfloat(raw)) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (0xFF00016D, "36.5"), (0xFE000E42, "36.50"), (0x0200001E, "3000"), (0xFFFFFFFF, "-0.1"),
        (0x007FFFFF, "NaN"), (0x00800000, "NRes"), (0x007FFFFE, "+INF"), (0x00800002, "-INF"),
    ],
)  # fmt: skip
def test_a_float_keeps_its_precision(raw: int, text: str) -> None:
    assert str(float32(raw)) == text


@given(st.integers(-2045, 2045), st.integers(-8, 7))
def test_every_small_float_there_is_comes_back_exactly(mantissa: int, exponent: int) -> None:
    found = sfloat((exponent & 0xF) << 12 | mantissa & 0xFFF)

    assert found == Decimal(mantissa).scaleb(exponent)
    assert "E+" not in str(found)


@given(st.sampled_from(["2A18", "2A1C", "2A34", "2A35", "2A37", "2A5E", "2A5F", "2A9D"]),
       st.binary(max_size=30))  # fmt: skip
def test_no_frame_breaks_the_hub(characteristic: str, value: bytes) -> None:
    frame = {"characteristic": characteristic, "value_hex": value.hex(), "peripheral": {}}

    [read] = ble.decode(encode({"hub": "h", "frames": [frame]}))["measurements"]

    assert read["characteristic"] == characteristic
    try:
        whole = fields(characteristic, value)
    except Short:
        assert read["fault"] == "short"
    else:
        assert whole is not None
        assert "fault" not in read


@pytest.mark.parametrize("value", ["zz", "1", "é"])
def test_what_is_no_hexadecimal_says_so(value: str) -> None:
    frame = {"characteristic": "2A35", "value_hex": value}

    assert ble.decode(encode({"frames": [frame]}))["measurements"][0]["fault"] == "not-hexadecimal"


def test_a_time_of_the_device_is_part_of_the_measurements_name_and_its_correction_is_not() -> None:
    frame = {
        "characteristic": "0x2a1c",
        "value_hex": "02 6D 01 00 FF EA 07 03 01 07 1E 00",
        "device_clock": "2026-03-01T07:31:00",
    }
    clocks = ("2026-03-01T07:31:00Z", "2026-03-01T07:41:00Z")

    names = {
        ble.decode(encode({"frames": [{**frame, "hub_clock": clock}]}))["measurements"][0]["record"]
        for clock in clocks
    }

    assert names == {"2A1C/2026-03-01T07:30:00/"}


# What the shared vectors call a field, and what the decoder calls it.
NAMES = {"local_time": "time", "base_local_time": "time", "user_id": "user", "hr": "heart_rate"}
SPECIALS = {"MEASUREMENT_UNSUCCESSFUL": "NRes", None: "+INF"}
NOT_KEPT = frozenset({"raw", "raw_unit"})


def _vectors(kind: str) -> list[Any]:
    return decode(VECTORS.read_bytes())[kind] if VECTORS.exists() else []


@pytest.mark.skipif(not VECTORS.exists(), reason="the sample frames are not on this machine")
def test_published_floats_are_read_as_expected() -> None:
    for one in _vectors("sfloat"):
        assert str(sfloat(int(one["hex"], 16))) == one["fhir"]
    for one in _vectors("float"):
        assert str(float32(int(one["hex"], 16))) == one["fhir"]


@pytest.mark.skipif(not VECTORS.exists(), reason="the sample frames are not on this machine")
def test_published_frames_are_read_as_expected() -> None:
    vectors = _vectors("characteristics")
    assert len(vectors) == 20
    for one in vectors:
        found = fields(one["characteristic"], bytes.fromhex(one["hex"]))
        assert found is not None
        for name, expected in one["expected"].items():
            if name in NOT_KEPT:
                continue
            got = found[NAMES.get(name, name)]
            unit = {"Cel": "Cel", "[degF]": "[degF]"}.get(str(expected), expected)
            want = SPECIALS.get(expected, unit) if not isinstance(expected, list | dict) else unit
            shown = [str(v.normalize()) for v in got] if isinstance(got, list) else got
            assert str(shown) == str(want), (one["note"], name)
