"""GET /cds-services: what is on offer."""

from flask import Blueprint, Response, g

from wherry.codec import encode
from wherry_cds.deps import deps
from wherry_cds.protocol.answer import whole
from wherry_cds.protocol.catalogue import discovery

bp = Blueprint("discovery", __name__)


@bp.get("/cds-services")
def services() -> Response:
    """The catalogue. Source: CDS Hooks 2.0, Discovery."""
    offered = discovery(deps().services, g.client.cds_version)
    return Response(encode(whole(offered)), content_type="application/json")
