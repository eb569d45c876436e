"""POST /v1/sources/<name>: a vendor's payload is kept as it came, then 202."""

from collections.abc import Mapping
from hashlib import sha256

import structlog
from flask import Blueprint, Response, request

from wherry.codec import encode
from wherry.draining import wake
from wherry.errors import Failure, Kind
from wherry.web import caller
from wherry_devices.connectors import MEDIA
from wherry_devices.deps import Deps, deps
from wherry_devices.intake import doors
from wherry_devices.intake.challenge import challenged
from wherry_devices.intake.keysets import checked
from wherry_devices.intake.signature import GOOD
from wherry_devices.intake.triage import HINT, SIGNED, SOURCE, TRUSTED, arrival

log = structlog.get_logger()

bp = Blueprint("sources", __name__, url_prefix="/v1/sources")

# Source: developers.google.com/health, webhooks; developer.withings.com, notifications
_ACKNOWLEDGED: Mapping[str, int] = {"google-health": 204}
_AT_A_DOOR = 200


@bp.post("/<name>")
def receive(name: str) -> Response:
    """Keep the payload, wake a worker, then say 202: whoever hears 202 may forget the payload."""
    needs = deps()
    body = request.get_data()
    if _tested(name, body, needs):
        return Response(status=201)
    admit(name, body, needs)
    signed = name in needs.signatures
    id_ = keep(name, body, needs, channel=SIGNED if signed else TRUSTED)
    if signed and name in _ACKNOWLEDGED:
        return Response(status=_ACKNOWLEDGED[name])
    return Response(encode({"id": id_}), status=202, content_type="application/json")


@bp.get("/<name>/<secret>")
def look(name: str, secret: str) -> Response:
    """Say that the address is there, to whoever knows it: Withings asks by HEAD before it sends."""
    enter(name, secret, deps())
    return Response(status=_AT_A_DOOR)


@bp.post("/<name>/<secret>")
def hint(name: str, secret: str) -> Response:
    """Keep what a vendor sends that cannot sign. Who also signs still has to, and is believed."""
    needs = deps()
    enter(name, secret, needs)
    body = request.get_data()
    if _tested(name, body, needs):
        return Response(status=201)
    signed = name in needs.signatures
    if signed:
        admit(name, body, needs)
    keep(name, body, needs, channel=SIGNED if signed else HINT)
    return Response(status=_ACKNOWLEDGED.get(name, _AT_A_DOOR))


def keep(name: str, body: bytes, needs: Deps, *, channel: str) -> int:
    """Keep one payload and wake a worker; returns its number in the inbox.

    Raises: Failure(NOT_FOUND, UNSUPPORTED, INVALID) and keeps nothing.
    """
    compiled = needs.templates.get(name)
    if compiled is None:
        raise _unknown()
    if not _taken(name, request.mimetype):
        also = "".join(f" or {one}" for one in sorted(MEDIA.get(name, ())))
        raise Failure(Kind.UNSUPPORTED, f"send application/json{also}", at="Content-Type")
    if not body:
        raise Failure(Kind.INVALID, "an empty body", at="body")
    [id_] = needs.inbox.keep([arrival(body, compiled, channel=channel)])
    wake(needs.queue, SOURCE)
    needs.metrics.kept(name)
    return id_


def _taken(name: str, mimetype: str) -> bool:
    json = mimetype == "application/json" or mimetype.endswith("+json")
    return json or mimetype in MEDIA.get(name, ())


def enter(name: str, secret: str, needs: Deps) -> None:
    """Let in who knows the secret and, where networks are named, sends from one of them.

    Raises: Failure(NOT_FOUND), whatever was wrong; the secret goes nowhere.
    """
    forwarded = ",".join(request.headers.getlist("X-Forwarded-For"))
    address = doors.sender(request.remote_addr or "", forwarded, needs.proxies)
    found = doors.knock(needs.doors, name, secret, address)
    has_door = name if name in needs.doors else ""
    needs.metrics.knocked(has_door, found)
    if found != doors.GOOD:
        log.warning("door_refused", source=has_door, verdict=found)
        raise _unknown()


def admit(name: str, body: bytes, needs: Deps) -> None:
    """Let in who signed, where a source signs; everybody else needs what all services ask for.

    Raises: Failure(UNAUTHENTICATED); of the request only its hash is told.
    """
    scheme = needs.signatures.get(name)
    if scheme is None:
        caller.check(needs.token)
        return
    _judged(name, checked(scheme, request.headers, body, now=needs.clock.now()), body, needs)


def _tested(name: str, body: bytes, needs: Deps) -> bool:
    """Whether a vendor tried its address out, and rightly. Raises: Failure(UNAUTHENTICATED)."""
    found = challenged(needs.signatures.get(name), request.headers, body)
    if found is None:
        return False
    _judged(name, found, body, needs)
    return True


def _judged(name: str, found: str, body: bytes, needs: Deps) -> None:
    needs.metrics.checked(name, found)
    if found != GOOD:
        log.warning(
            "signature_refused", source=name, verdict=found, sha256=sha256(body).hexdigest()
        )
        raise Failure(Kind.UNAUTHENTICATED, "a valid signature is needed")


def _unknown() -> Failure:
    return Failure(Kind.NOT_FOUND, "no such source", at="source")
