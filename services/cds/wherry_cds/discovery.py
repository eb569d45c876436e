"""GET /cds-services: what is on offer."""

from flask import Blueprint, Response, g

from wherry.codec import encode
from wherry_cds.deps import deps
from wherry_cds.protocol.answer import whole
from wherry_cds.protocol.catalogue import discovery

bp = Blueprint("discovery", __name__)


@bp.get("/cds-services")
def services() -> Response:
    """The catalogue, without what the caller's tenant has not switched on.

    Source: CDS Hooks 2.0, Discovery.
    """
    tenant = deps().policies.of(g.client.tenant)
    enabled = [one for one in deps().services if tenant.of(one.id).enabled]
    offered = discovery(enabled, g.client.cds_version)
    return Response(encode(whole(offered)), content_type="application/json")
