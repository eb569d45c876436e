"""GET and PUT /v1/bindings: which device belonged to whom, from when to when."""

import re
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from flask import Blueprint, Response, request

from wherry.codec import encode
from wherry.errors import ABSENT, Failure, Kind
from wherry.fhir.dates import is_valid
from wherry.web.body import json_object
from wherry_devices.deps import Deps, deps
from wherry_devices.jobs import release
from wherry_devices.mapping.binding import Binding
from wherry_devices.mapping.instants import zone_of
from wherry_devices.mapping.reading import ACCOUNT, DEVICE, DeviceKey
from wherry_devices.owning.who import deed, note_read

log = structlog.get_logger()

bp = Blueprint("bindings", __name__, url_prefix="/v1/bindings")

_KEY = re.compile(r"[0-9a-f]{32}", re.ASCII)
FHIR_ID = re.compile(r"[A-Za-z0-9.-]{1,64}", re.ASCII)
# 1 to 255 characters without control characters, the first of them visible
_BLANK = "\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_TEXT = re.compile(f"[^\x00-\x20\x7f-\x9f{_BLANK}][^\x00-\x1f\x7f-\x9f]{{0,254}}")
_YEARS = range(1900, 2100)
_KNOWN = frozenset(
    {
        *("source", DEVICE, ACCOUNT, "key", "patient", "valid_from", "valid_to", "verified_by"),
        *("expected_every", "zone"),
    }
)
_SHAPES = {
    "key": (_KEY, "32 hexadecimal digits"),
    "after": (_KEY, "32 hexadecimal digits"),
    "bind": (_KEY, "32 hexadecimal digits"),
    "done": (re.compile("bound|ended"), "bound or ended"),
    "patient": (FHIR_ID, "the id of a FHIR Patient"),
}
_EVERY = re.compile(r"P(?:([1-9][0-9]?)D|T(?:([1-9][0-9]?)H|([1-9][0-9]{0,2})M))", re.ASCII)


@bp.get("")
def search() -> Response:
    """Bindings of one patient or of one opaque key; all when neither is given."""
    only({"key", "patient"})
    key, patient, needs = wanted("key"), wanted("patient"), deps()
    found = needs.bindings.search(key=key, patient=patient)
    note_read(needs, "read-bindings", (one.patient for one in found), asked=patient)
    return _json({"bindings": [shown(binding) for binding in found]})


@bp.put("")
def put() -> Response:
    """Bind a device or an account, or end a binding; readings that waited for it are worked on.

    Raises: Failure(NOT_FOUND) when there is no such patient: none is ever made.
    """
    needs = deps()
    binding = asked(json_object(), needs)
    count = bound(binding, needs)
    return _json({"binding": shown(binding), "released": count})


def bound(binding: Binding, needs: Deps) -> int:
    """Keep a binding, with who did it; returns how many messages it released.

    Raises: Failure(NOT_FOUND, CONFLICT).
    """
    refuse_strangers(binding.patient, needs)
    what = "bind" if binding.valid_to is None else "bind-until"
    needs.bindings.put(binding, [deed(needs, what, patient=binding.patient, key=binding.key)])
    count = release(needs)
    log.info("device_bound", source=binding.source, device_key=binding.key, released=count)
    return count


def only(known: AbstractSet[str]) -> None:
    """Refuse a parameter that is not known. Raises: Failure(INVALID)."""
    for name in request.args.keys() - known:
        raise Failure(Kind.INVALID, "no such parameter", at=name[:64])


def wanted(name: str) -> str:
    """A parameter that is a key or the id of a patient; "" without it. Raises: Failure(INVALID)."""
    value = request.args.get(name)
    shape, words = _SHAPES[name]
    if value is not None and not shape.fullmatch(value):
        raise Failure(Kind.INVALID, words, at=name)
    return value or ""


def asked(body: dict[str, Any], needs: Deps) -> Binding:
    """The binding that a request speaks of. Raises: Failure(INVALID, NOT_FOUND, CONFLICT)."""
    for name in body.keys() - _KNOWN:
        raise Failure(Kind.INVALID, "no such field", at=name[:64])
    source = text_of(body, "source")
    if source not in needs.templates:
        raise Failure(Kind.NOT_FOUND, "no such source", at="source")
    valid_from = _instant(body, "valid_from")
    if valid_from is None:
        raise Failure(Kind.INVALID, "needed: an ISO 8601 time with offset", at="valid_from")
    valid_to = _instant(body, "valid_to")
    if valid_to is not None and valid_to <= valid_from:
        raise Failure(Kind.CONFLICT, "must be after valid_from", at="valid_to")
    patient = text_of(body, "patient")
    if not FHIR_ID.fullmatch(patient):
        raise Failure(Kind.INVALID, "the id of a FHIR Patient", at="patient")
    key, unit = _key(body, source, needs)
    made = Binding(key, source, patient, valid_from, valid_to, text_of(body, "verified_by"), unit)
    before = next(
        (
            one
            for one in needs.bindings.search(key=key, patient=patient)
            if one.valid_from == valid_from
        ),
        made,
    )
    return replace(
        made,
        unit=unit or before.unit,
        every=every_of(body["expected_every"]) if "expected_every" in body else before.every,
        zone=_zone(body["zone"]) if "zone" in body else before.zone,
    )


def every_of(value: Any) -> timedelta | None:
    """How often, as ISO 8601: whole days, hours or minutes. Raises: Failure(INVALID)."""
    if value is None:
        return None
    found = _EVERY.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        why = "a span such as P1D, PT12H or PT5M"
        raise Failure(Kind.INVALID, why, at="expected_every")
    days, hours, minutes = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


def every_text(every: timedelta | None) -> str | None:
    """The same as text; None for as often as of the kind."""
    if every is None:
        return None
    minutes = every // timedelta(minutes=1)
    if not minutes % 1440:
        return f"P{minutes // 1440}D"
    return f"PT{minutes // 60}H" if not minutes % 60 else f"PT{minutes}M"


def _zone(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > 64:
        raise Failure(Kind.INVALID, "the name of an IANA time zone", at="zone")
    if zone_of(value) is None:
        raise Failure(Kind.NOT_FOUND, "no such IANA time zone", at="zone")
    return value


def shown(binding: Binding) -> dict[str, Any]:
    """A binding as JSON."""
    end = binding.valid_to
    return {
        "key": binding.key,
        "source": binding.source,
        "patient": binding.patient,
        "valid_from": binding.valid_from.isoformat(),
        "valid_to": end.isoformat() if end else None,
        "verified_by": binding.verified_by,
        "expected_every": every_text(binding.every),
        "zone": binding.zone or None,
    }


def key_of(body: dict[str, Any], source: str, needs: Deps) -> str:
    """The opaque key that a request speaks of. Raises: Failure(INVALID)."""
    return _key(body, source, needs)[0]


def _key(body: dict[str, Any], source: str, needs: Deps) -> tuple[str, str]:
    """The opaque key, and that of the device without its user where the device is named."""
    given = [name for name in (DEVICE, ACCOUNT, "key") if name in body]
    if len(given) != 1:
        raise Failure(Kind.INVALID, "give one of device, account, key", at="device")
    value = text_of(body, given[0])
    if given[0] != "key":
        slots = given[0] == DEVICE and needs.templates[source].template.slot
        unit = value.rpartition("#")[0] if slots and "#" in value else value
        key, of = (DeviceKey(source, given[0], name).opaque for name in (value, unit))
        return key, of
    if not _KEY.fullmatch(value):
        raise Failure(Kind.INVALID, "32 hexadecimal digits", at="key")
    return value, ""


def text_of(body: dict[str, Any], name: str) -> str:
    """A member that is a text of 1 to 255 characters. Raises: Failure(INVALID)."""
    value = body.get(name)
    if not isinstance(value, str) or not _TEXT.fullmatch(value):
        raise Failure(Kind.INVALID, "needed: a text of 1 to 255 characters", at=name)
    return value.strip()


def _instant(body: dict[str, Any], name: str) -> datetime | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not is_valid("instant", value):
        raise Failure(Kind.INVALID, "an ISO 8601 time with offset", at=name)
    try:
        found = datetime.fromisoformat(value)
    except ValueError:  # a leap second
        raise Failure(Kind.INVALID, "an ISO 8601 time with offset", at=name) from None
    if found.year not in _YEARS:
        raise Failure(Kind.INVALID, "a year from 1900 to 2099", at=name)
    return found.astimezone(UTC)


def refuse_strangers(patient: str, needs: Deps) -> None:
    """Raises: Failure(NOT_FOUND) when there is no such patient."""
    try:
        needs.fhir.read("Patient", patient)
    except Failure as failure:
        if failure.kind not in ABSENT:
            raise
        raise Failure(Kind.NOT_FOUND, "no such patient", at="patient") from None


def _json(body: dict[str, Any]) -> Response:
    return Response(encode(body), content_type="application/json")
