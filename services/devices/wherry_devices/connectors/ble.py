"""A hub's report of Bluetooth frames becomes measurements."""

from datetime import datetime, timedelta
from typing import Any

from wherry.codec import decode as json
from wherry_devices.connectors import gatt

_OURS = frozenset({"value_hex", "code"})
_OF_THE_HUB = ("heartbeat_every_s", "cellular_dbm", "battery")


def decode(body: bytes) -> Any:
    """`measurements` of a report `{hub, zone?, frames: [{characteristic, value_hex, …}]}`.

    A frame has `received_at` and `peripheral` with an address, and may have `hub_clock`,
    `device_clock`, `rssi`, `battery`. A frame that cannot be read stays, with its `fault`. A report
    without frames is a heartbeat: `{hub, heartbeat_every_s, cellular_dbm?, battery?}`.
    """
    report = json(body)
    frames = report.get("frames") if isinstance(report, dict) else None
    if not isinstance(frames, list):
        return report
    read = [_read(one) for one in frames]
    about = {name: report[name] for name in _OF_THE_HUB if name in report}
    return {"hub": report.get("hub"), "zone": report.get("zone"), **about, "measurements": read}


def _read(frame: Any) -> Any:
    if not isinstance(frame, dict):
        return frame
    out = {name: value for name, value in frame.items() if name not in _OURS}
    out["characteristic"] = code = str(frame.get("characteristic", "")).upper().removeprefix("0X")
    try:
        value = bytes.fromhex(str(frame.get("value_hex", "")))
        found = gatt.fields(code, value)
    except gatt.Short:
        return {**out, "fault": "short"}
    except ValueError:
        return {**out, "fault": "not-hexadecimal"}
    if found is None:
        return out
    out |= found
    device_time = out.pop("time", "")
    if device_time:
        # The device's own time is part of the measurement's name: setting a clock right later
        # must not make another measurement of it. Source: PHD guide, identifiers.
        out["record"] = "/".join((code, device_time, str(out.get("seq", ""))))
        if not out.get("clock_not_set"):
            out["device_time"] = _later(device_time, out.get("offset_min", 0))
    return out


def _later(text: str, minutes: int) -> str:
    try:
        return (datetime.fromisoformat(text) + timedelta(minutes=minutes)).isoformat()
    except (ValueError, OverflowError):
        return text
