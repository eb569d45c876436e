"""/cds-client/jwks.json: the public key by which CDS services know this EHR."""

from flask import Blueprint, Response

from wherry.codec import encode
from wherry_ehr.chart.cds_key import JWKS_PATH, public_keys
from wherry_ehr.deps import deps

bp = Blueprint("cds_jwks", __name__)


@bp.get(JWKS_PATH)
def jwks() -> Response:
    """Source: CDS Hooks 2.0, Trusting CDS Clients, jku."""
    response = Response(encode(public_keys(deps().store.engine)), content_type="application/json")
    response.headers["Cache-Control"] = "max-age=300"
    return response
