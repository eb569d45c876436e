"""/auth and /fhir/.well-known: what apps ask directly, without a browser."""

from typing import cast

from authlib.oauth2.rfc6749.errors import OAuth2Error
from flask import Blueprint, Response, request

from wherry.codec import encode
from wherry_ehr.auth.brands import brands
from wherry_ehr.auth.client_auth import METHOD
from wherry_ehr.auth.discovery import openid_configuration, smart_configuration
from wherry_ehr.auth.endings import may_introspect, told_of
from wherry_ehr.auth.id_token import public_keys
from wherry_ehr.auth.quirks import ISSUER_PATHS, PROFILES, Profile
from wherry_ehr.auth.registry import registered
from wherry_ehr.auth.server import SERVER
from wherry_ehr.auth.style import STYLE
from wherry_ehr.auth.vault import vault
from wherry_ehr.chart import gate
from wherry_ehr.deps import deps
from wherry_ehr.here import here

FORM = "application/x-www-form-urlencoded"

# Source: Epic's documentation: who asks for metadata may say for which client
CLIENT_HEADER = "Epic-Client-ID"

bp = Blueprint("auth", __name__, url_prefix="/auth")
bp.before_request(gate.check_name)

well_known = Blueprint("well_known", __name__, url_prefix="/fhir/.well-known")
other_issuers = Blueprint("other_issuers", __name__)


@well_known.get("/smart-configuration")
def smart() -> Response:
    """Source: SMART 2.2, R30, R372 to R380: JSON whatever is accepted, absolute addresses."""
    return _json(smart_configuration(here(), _profile(), deps().brand))


@well_known.get("/openid-configuration")
def openid() -> Response:
    """Source: OpenID Connect Discovery 1.0, 4."""
    return _json(openid_configuration(here()))


def other_issuer() -> Response:
    """The same for an issuer of a profile, which is not the FHIR base."""
    path = request.path.partition(".well-known")[0]
    found = path if path in ISSUER_PATHS else path.rstrip("/")
    return _json(openid_configuration(here(), f"{here().origin}{found}"))


for _path in sorted(ISSUER_PATHS):
    other_issuers.add_url_rule(
        f"{_path.rstrip('/')}/.well-known/openid-configuration", view_func=other_issuer
    )


@bp.get("/jwks")
def jwks() -> Response:
    """The public key of id_tokens."""
    response = _json(public_keys(vault()))
    response.headers["Cache-Control"] = "max-age=300"
    return response


@bp.get("/style-1.json")
def style() -> Response:
    """How an app may look. Source: SMART 2.2, Styling."""
    response = _json(STYLE)
    response.headers["Cache-Control"] = "max-age=86400"
    return response


@bp.get("/brands")
def user_access_brands() -> Response:
    """Whose server this is. Source: SMART 2.2, User-access Brands and Endpoints, R396 to R436."""
    at = here()
    bundle = brands(deps().brand, fhir=at.fhir, origin=at.origin, own_url=at.brands)
    response = Response(encode(bundle), content_type="application/fhir+json; charset=utf-8")
    response.add_etag(weak=True)
    return cast("Response", response.make_conditional(request.environ))


@bp.post("/token")
def token() -> Response:
    """A code, a refresh token or a key becomes a token.

    Source: SMART 2.2, R62 to R118, R234 to R262.
    """
    refused = _malformed()
    return unkept(refused or SERVER.create_token_response())


@bp.post("/revoke")
def revoke() -> Response:
    """A token that is not needed any more. Source: RFC 7009, 2.1."""
    refused = _malformed()
    return unkept(refused or SERVER.create_endpoint_response("revocation"))


@bp.post("/introspect")
def introspect() -> Response:
    """What a token means, to a bearer with the scope for it, or to the client that owns it.

    Source: SMART 2.2, R271 to R283; RFC 7662, 2.
    """
    refused = _malformed()
    if refused is None and not request.form.get("token"):
        refused = _json({"error": "invalid_request", "error_description": "token is needed"}, 400)
    return unkept(refused or _introspected(request.form["token"]))


def _introspected(token: str) -> Response:
    scheme = request.headers.get("Authorization", "").partition(" ")[0].lower()
    if scheme == "bearer":
        if may_introspect(request):
            return _json(told_of(token))
        refused = _json({"error": "invalid_token"}, 401)
        refused.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
        return refused
    asked = SERVER.create_oauth2_request(None)
    try:
        client = SERVER.authenticate_client(asked, (METHOD,), "introspection")
    except OAuth2Error as error:
        return cast("Response", SERVER.handle_error_response(asked, error))
    if client.auth_method == "none":
        return _json({"error": "invalid_client"}, 401)
    return _json(told_of(token, owner=client.client_id))


def _profile() -> Profile:
    """That of the client that is named, else that of the settings."""
    client = registered().one(request.headers.get(CLIENT_HEADER, ""))
    return client.profile if client else PROFILES[deps().quirks]


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
