"""GET /.well-known/jwks.json: the public keys by which EHRs know this app."""

from flask import Blueprint, Response

from wherry.codec import encode
from wherry_smart.deps import deps
from wherry_smart.key_ring import CACHE_S
from wherry_smart.protocol.client import key_set

PATH = "/.well-known/jwks.json"

bp = Blueprint("jwks", __name__)


@bp.get(PATH)
def jwks() -> Response:
    """Open to all. Source: SMART App Launch 2.2, client-confidential-asymmetric."""
    response = Response(encode(key_set(deps().keys())), content_type="application/json")
    response.headers["Cache-Control"] = f"public, max-age={CACHE_S}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
