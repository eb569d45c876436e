"""Which pages may call from a browser: any for what is public, registered ones for the rest."""

from flask import Flask, Response, request

from wherry_ehr.auth.registry import registered
from wherry_ehr.here import PREFIX

# Source: SMART 2.2, R16
PUBLIC = (f"{PREFIX}/metadata", "/auth/jwks", "/auth/style-1.json", "/auth/brands")
# Source: SMART 2.2, R17
_FOR_APPS = ("/auth/token", "/auth/revoke", "/auth/introspect")

_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Accept, Prefer, If-Match, "
    "If-None-Match, If-None-Exist, X-Request-Id",
    "Access-Control-Max-Age": "600",
}
_EXPOSED = "ETag, Location, Last-Modified, WWW-Authenticate, X-Request-Id"


def install(app: Flask) -> None:
    """Answer preflights and name the origins that may read. Source: SMART 2.2, R16, R17; Fetch."""

    @app.before_request
    def preflight() -> Response | None:
        asked = "Access-Control-Request-Method" in request.headers and "Origin" in request.headers
        if request.method != "OPTIONS" or not asked or not (_is_public() or _is_for_apps()):
            return None
        return Response(status=204, headers=_PREFLIGHT if _allowed() else {})

    # the gates come first in Flask's list when they are installed first: a preflight has no token
    app.before_request_funcs[None].insert(0, app.before_request_funcs[None].pop())

    @app.after_request
    def name_origin(response: Response) -> Response:
        if not (_is_public() or _is_for_apps()):
            return response
        if not _is_public():
            response.headers.add("Vary", "Origin")
        if allowed := _allowed():
            response.headers["Access-Control-Allow-Origin"] = allowed
            response.headers["Access-Control-Expose-Headers"] = _EXPOSED
        return response


def _allowed() -> str:
    """The origin that may read this answer; empty for none, and for the same origin."""
    if _is_public():
        return "*"
    sender = request.headers.get("Origin", "")
    known = sender and any(sender in one.page_origins for one in registered().all())
    return sender if known else ""


def _is_public() -> bool:
    return request.path in PUBLIC or "/.well-known/" in request.path


def _is_for_apps() -> bool:
    return request.path in _FOR_APPS or f"{request.path}/".startswith(f"{PREFIX}/")
