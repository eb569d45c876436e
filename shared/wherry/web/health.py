"""/healthz, /readyz and /metrics, the same on every service."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from wherry.codec import encode
from wherry.errors import Failure

Ping = Callable[[], None]
NO_NOTES: Mapping[str, str] = MappingProxyType({})


def blueprint(
    pings: Mapping[str, Ping],
    registry: CollectorRegistry,
    notes: Mapping[str, str] = NO_NOTES,
) -> Blueprint:
    """Health pages: `pings` are the dependencies that must answer before this service is ready.

    `notes` are troubles that /readyz tells, and in spite of which the rest of the service works.
    """
    bp = Blueprint("health", __name__)

    @bp.get("/healthz")
    def healthz() -> Response:
        """The process is up."""
        return _json(200, {"status": "up"})

    @bp.get("/readyz")
    def readyz() -> Response:
        """Every dependency answers; otherwise 503 and which one does not."""
        states = {name: _state(ping) for name, ping in pings.items()}
        ready = all(state == "up" for state in states.values())
        told = {"status": "ready" if ready else "not ready", "needs": states}
        return _json(200 if ready else 503, {**told, "notes": dict(notes)} if notes else told)

    @bp.get("/metrics")
    def metrics() -> Response:
        """Prometheus text format; no label ever holds patient data."""
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return bp


def _state(ping: Ping) -> str:
    try:
        ping()
    except Failure as failure:
        return f"down: {failure.detail}"
    return "up"


def _json(status: int, body: Mapping[str, object]) -> Response:
    return Response(encode(body), status=status, content_type="application/json")
