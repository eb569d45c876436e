"""/auth and /fhir/.well-known: what apps ask directly, without a browser."""

from flask import Blueprint, Response, request

from wherry.codec import encode
from wherry_ehr.auth.discovery import openid_configuration, smart_configuration
from wherry_ehr.auth.id_token import public_keys
from wherry_ehr.auth.server import SERVER
from wherry_ehr.auth.vault import vault
from wherry_ehr.chart import gate
from wherry_ehr.here import here

FORM = "application/x-www-form-urlencoded"

bp = Blueprint("auth", __name__, url_prefix="/auth")
bp.before_request(gate.check_name)

well_known = Blueprint("well_known", __name__, url_prefix="/fhir/.well-known")


@well_known.after_request
def open_to_all(response: Response) -> Response:
    """Browser-based apps of any origin may read these. Source: SMART 2.2, R16."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@well_known.get("/smart-configuration")
def smart() -> Response:
    """Source: SMART 2.2, R30, R372 to R380: JSON whatever is accepted, absolute addresses."""
    return _json(smart_configuration(here()))


@well_known.get("/openid-configuration")
def openid() -> Response:
    """Source: OpenID Connect Discovery 1.0, 4."""
    return _json(openid_configuration(here()))


@bp.get("/jwks")
def jwks() -> Response:
    """The public key of id_tokens."""
    response = _json(public_keys(vault()))
    response.headers["Cache-Control"] = "max-age=300"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@bp.post("/token")
def token() -> Response:
    """A code for a token. Source: SMART 2.2, R62 to R87; RFC 6749, 4.1.3."""
    refused = _malformed()
    return unkept(refused or SERVER.create_token_response())


@bp.post("/revoke")
def revoke() -> Response:
    """A token that is not needed any more. Source: RFC 7009, 2.1."""
    refused = _malformed()
    return unkept(refused or SERVER.create_endpoint_response("revocation"))


def _malformed() -> Response | None:
    """Source: RFC 6749, 3.2: a form, and no parameter twice."""
    if request.mimetype != FORM or request.args:
        reason = f"send {FORM}, and no parameter in the address"
    elif any(len(values) > 1 for _, values in request.form.lists()):
        reason = "a parameter was sent more than once"
    else:
        return None
    return _json({"error": "invalid_request", "error_description": reason}, 400)


def unkept(response: Response) -> Response:
    """Kept by nobody on the way. Source: SMART 2.2, R86, R87."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _json(body: object, status: int = 200) -> Response:
    return Response(encode(body), status=status, content_type="application/json")
