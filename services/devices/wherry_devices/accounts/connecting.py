"""/v1/connections: a patient's account at a vendor is connected by consent, shown, and ended."""

import re
from collections.abc import Mapping
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import UUID

import structlog
from flask import Blueprint, Response, request

from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry.web.body import json_object
from wherry_devices.accounts.clouds import answered
from wherry_devices.accounts.connections import Asked, Connection, Tokens
from wherry_devices.accounts.registration import Registration
from wherry_devices.deps import Deps, deps
from wherry_devices.freshness.seen import Deed
from wherry_devices.owning.owners import FHIR_ID, refuse_strangers, text_of
from wherry_devices.owning.who import note_read

CONSENT_LIFE_S = 15 * 60.0
_KNOWN = frozenset({"source", "patient", "verified_by"})
_WHO = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}", re.ASCII)

log = structlog.get_logger()

bp = Blueprint("connections", __name__, url_prefix="/v1/connections")


@bp.post("")
def ask() -> tuple[Response, int]:
    """The address on which the patient consents; it works once, for a quarter of an hour.

    Raises: Failure(NOT_FOUND) when there is no such patient or no such vendor is set up.
    """
    needs, body = deps(), json_object()
    for name in body.keys() - _KNOWN:
        raise Failure(Kind.INVALID, "no such field", at=name[:64])
    source, patient = text_of(body, "source"), text_of(body, "patient")
    verified_by = text_of(body, "verified_by")
    if not FHIR_ID.fullmatch(patient):
        raise Failure(Kind.INVALID, "the id of a FHIR Patient", at="patient")
    at = needs.clouds.of(source)
    refuse_strangers(patient, needs)
    state, verifier = needs.clouds.secret(), needs.clouds.secret()
    asked = Asked(source, patient, verified_by, verifier)
    needs.clouds.consents.begin(digest(state), asked, life_s=CONSENT_LIFE_S)
    needs.audit.note([Deed(verified_by, "ask-consent", patient, note=source)])
    log.info("consent_asked", source=source)
    address = at.consent_address(public_url=needs.clouds.public_url, state=state, verifier=verifier)
    return _json({"authorize_url": address, "expires_in": int(CONSENT_LIFE_S)}), 201


@bp.get("")
def search() -> Response:
    """Connections of one patient, or all; no token and no name of an account is shown."""
    for name in request.args.keys() - {"patient"}:
        raise Failure(Kind.INVALID, "no such parameter", at=name[:64])
    patient = request.args.get("patient")
    if patient is not None and not FHIR_ID.fullmatch(patient):
        raise Failure(Kind.INVALID, "the id of a FHIR Patient", at="patient")
    needs = deps()
    found = needs.clouds.connections.search(patient=patient or "")
    note_read(needs, "read-connections", (one.patient for one in found), asked=patient or "")
    return _json({"connections": [shown(one) for one in found]})


@bp.delete("/<uuid:connection_id>")
def end(connection_id: UUID) -> Response:
    """End a connection: tokens erased, binding ended; the vendor is told where it listens.

    Raises: Failure: NOT_FOUND, or GONE when it was ended before.
    """
    needs, who, id_ = deps(), request.args.get("by", ""), str(connection_id)
    for name in request.args.keys() - {"by"}:
        raise Failure(Kind.INVALID, "no such parameter", at=name[:64])
    if not _WHO.fullmatch(who):
        raise Failure(Kind.INVALID, "needed: who ends it, in letters, digits and . _ -", at="by")
    tokens = needs.clouds.connections.end(id_, who=who)
    [connection] = needs.clouds.connections.search(id_=id_)
    told = tell_vendor(connection.source, tokens, needs)
    log.info("connection_ended", connection=id_, source=connection.source, vendor_told=told)
    return _json({"connection": shown(connection), "vendor_told": told})


def tell_vendor(source: str, tokens: Tokens, needs: Deps) -> bool:
    """Whether the vendor was told that the consent is over; that it was not stops nothing."""
    at = needs.clouds.registrations.get(source)
    if at is None or at.vendor.revoke is None or not tokens.account:
        return False
    asking = at.vendor.revoke(at.client, tokens.account, tokens.refresh_token, needs.clock.now())
    try:
        answered(asking, asker(at, needs))
    except Failure as failure:
        log.warning("vendor_not_told", source=source, kind=failure.kind.name)
        return False
    return True


def asker(at: Registration, needs: Deps, token: str = "") -> Any:
    """Asks one vendor."""
    return partial(needs.clouds.cloud.ask, at, token=token)


def digest(state: str) -> str:
    """Under which a consent is remembered: the state itself is known to the browser alone."""
    return sha256(state.encode("utf-8", "surrogatepass")).hexdigest()


def shown(one: Connection) -> Mapping[str, Any]:
    """A connection as JSON."""
    return {
        "id": one.id,
        "source": one.source,
        "patient": one.patient,
        "key": one.key,
        "verified_by": one.verified_by,
        "state": one.access.value,
        "scopes": one.scopes,
        "connected_at": one.connected_at.isoformat(),
        "next_at": one.next_at.isoformat(),
        "fetched_at": one.fetched_at.isoformat() if one.fetched_at else None,
        "failures": one.failures,
        "trouble": one.trouble,
    }


def _json(body: Mapping[str, Any]) -> Response:
    return Response(encode(body), content_type="application/json")
