"""GET and PUT /v1/bindings: which device belonged to whom, from when to when."""

import re
from datetime import UTC, datetime
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
from wherry_devices.mapping.reading import ACCOUNT, DEVICE, DeviceKey

log = structlog.get_logger()

bp = Blueprint("bindings", __name__, url_prefix="/v1/bindings")

_KEY = re.compile(r"[0-9a-f]{32}", re.ASCII)
FHIR_ID = re.compile(r"[A-Za-z0-9.-]{1,64}", re.ASCII)
# 1 to 255 characters without control characters, the first of them visible
_BLANK = "\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_TEXT = re.compile(f"[^\x00-\x20\x7f-\x9f{_BLANK}][^\x00-\x1f\x7f-\x9f]{{0,254}}")
_YEARS = range(1900, 2100)
_KNOWN = frozenset(
    {"source", DEVICE, ACCOUNT, "key", "patient", "valid_from", "valid_to", "verified_by"}
)


@bp.get("")
def search() -> Response:
    """Bindings of one patient or of one opaque key; all when neither is given."""
    for name in request.args.keys() - {"key", "patient"}:
        raise Failure(Kind.INVALID, "no such parameter", at=name[:64])
    key, patient = request.args.get("key"), request.args.get("patient")
    if key is not None and not _KEY.fullmatch(key):
        raise Failure(Kind.INVALID, "32 hexadecimal digits", at="key")
    if patient is not None and not FHIR_ID.fullmatch(patient):
        raise Failure(Kind.INVALID, "the id of a FHIR Patient", at="patient")
    found = deps().bindings.search(key=key or "", patient=patient or "")
    return _json({"bindings": [shown(binding) for binding in found]})


@bp.put("")
def put() -> Response:
    """Bind a device or an account, or end a binding; readings that waited for it are worked on.

    Raises: Failure(NOT_FOUND) when there is no such patient: none is ever made.
    """
    needs = deps()
    binding = asked(json_object(), needs)
    refuse_strangers(binding.patient, needs)
    needs.bindings.put(binding)
    count = release(needs)
    log.info("device_bound", source=binding.source, device_key=binding.key, released=count)
    return _json({"binding": shown(binding), "released": count})


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
    verified_by = text_of(body, "verified_by")
    return Binding(_key(body, source), source, patient, valid_from, valid_to, verified_by)


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
    }


def _key(body: dict[str, Any], source: str) -> str:
    given = [name for name in (DEVICE, ACCOUNT, "key") if name in body]
    if len(given) != 1:
        raise Failure(Kind.INVALID, "give one of device, account, key", at="device")
    value = text_of(body, given[0])
    if given[0] != "key":
        return DeviceKey(source, given[0], value).opaque
    if not _KEY.fullmatch(value):
        raise Failure(Kind.INVALID, "32 hexadecimal digits", at="key")
    return value


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
