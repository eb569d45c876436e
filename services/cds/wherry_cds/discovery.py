"""GET /cds-services: what is on offer, to anyone who asks."""

from flask import Blueprint, Response

from wherry.codec import encode
from wherry_cds.protocol.answer import whole
from wherry_cds.protocol.catalogue import discovery

bp = Blueprint("discovery", __name__)


@bp.get("/cds-services")
def services() -> Response:
    """The catalogue. Source: CDS Hooks 2.0, Discovery."""
    return Response(encode(whole(discovery())), content_type="application/json")
