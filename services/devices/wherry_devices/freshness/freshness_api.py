"""GET /v1/freshness: how fresh each bound device is, and the likely cause when it is not."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response

from wherry.codec import encode
from wherry_devices.deps import deps
from wherry_devices.freshness.judging import Device, Kind, Person, judged
from wherry_devices.mapping.adherence import Adherence
from wherry_devices.mapping.freshness import ADVICE, OUTREACH, Evidence
from wherry_devices.mapping.heard import Told
from wherry_devices.mapping.telemetry import (
    BATTERY,
    BATTERY_LEVEL,
    CELLULAR,
    DRIFT,
    EVERY,
    HEARD,
    RSSI,
    SIGNAL,
)
from wherry_devices.owning.owners import only, shown, wanted
from wherry_devices.owning.who import note_read

bp = Blueprint("freshness", __name__, url_prefix="/v1/freshness")

AT_ONCE = 200
NOTE = "days are counted; this is no advice on billing"
_OF_DEVICE = (BATTERY, BATTERY_LEVEL, RSSI, SIGNAL, DRIFT)
_OF_HUB = (HEARD, EVERY, CELLULAR, BATTERY)


@bp.get("")
def search() -> Response:
    """Devices of one patient, or of one opaque key; all, a page at a time, without either."""
    only({"key", "patient", "after"})
    key, patient, after = wanted("key"), wanted("patient"), wanted("after")
    needs = deps()
    found = needs.bindings.holding(
        needs.clock.now(), key=key, patient=patient, after=after, limit=AT_ONCE
    )
    people = judged(found, needs)
    note_read(needs, "read-freshness", (one.patient for one in people), asked=patient)
    body = {
        "at": needs.clock.now().isoformat(),
        "patients": [of_person(one) for one in people],
        "next": found[-1].key if len(found) == AT_ONCE else None,
        "note": NOTE,
    }
    return Response(encode(body), content_type="application/json")


def of_person(one: Person) -> dict[str, Any]:
    """A patient's devices as JSON."""
    return {
        "patient": one.patient,
        "zone": one.zone.key,
        "zone_origin": one.zone_origin,
        "adherence": of_adherence(one.adherence),
        "devices": [of_device(device) for device in one.devices],
    }


def of_device(one: Device) -> dict[str, Any]:
    """A device and its kinds as JSON; what nobody told is null."""
    models = [kind.last.model for kind in one.kinds if kind.last and kind.last.model]
    worst = one.worst.fresh
    return {
        "binding": shown(one.binding),
        "model": models[0] if models else None,
        "state": worst.state,
        "cause": worst.cause or None,
        "fetched_at": one.fetched_at.isoformat() if one.fetched_at else None,
        "telemetry": {name: _told(one.told.get(name)) for name in _OF_DEVICE},
        "hub": {name: _told(one.hub.get(name)) for name in _OF_HUB} if one.hub else None,
        "adherence": of_adherence(one.adherence),
        "kinds": [of_kind(kind) for kind in one.kinds],
    }


def of_kind(one: Kind) -> dict[str, Any]:
    """One kind of readings as JSON."""
    last, fresh = one.last, one.fresh
    return {
        "kind": one.name or None,
        "measured_at": _instant(last.measured_s) if last else None,
        "received_at": _instant(last.received_s) if last else None,
        "lag_s": round(last.heard_s - last.measured_s) if last else None,
        "age_s": _seconds(fresh.age),
        "expected_every_s": _seconds(one.expected.every),
        "known_delay_s": _seconds(one.expected.delay),
        "state": fresh.state,
        "cause": fresh.cause or None,
        "advice": ADVICE[fresh.cause] or None,
        "ask": OUTREACH[fresh.cause],
        "evidence": [of_evidence(evidence) for evidence in fresh.evidence],
    }


def of_evidence(one: Evidence) -> dict[str, Any]:
    """What speaks for a cause as JSON."""
    at = one.at.isoformat() if one.at else None
    return {"cause": one.cause, "what": one.what, "value": one.value or None, "at": at}


def of_adherence(one: Adherence) -> dict[str, Any]:
    """Counted days as JSON."""
    return {
        "from": one.first.isoformat(),
        "to": one.last.isoformat(),
        "days": one.days,
        "streak": one.streak,
        "bands": [{"from": b.least, "to": b.most, "within": b.within} for b in one.bands],
    }


def _told(one: Told | None) -> dict[str, Any] | None:
    return None if one is None else {"value": one.value or None, "at": _instant(one.at_s)}


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else round(span.total_seconds())
