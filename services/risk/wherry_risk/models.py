"""GET /v1/models: what each model is for and what it reads, and which packages failed."""

from flask import Blueprint, Response

from wherry.codec import encode
from wherry_risk.answer import model_entry, unserved_entry
from wherry_risk.deps import deps

bp = Blueprint("models", __name__)


@bp.get("/v1/models")
def models() -> Response:
    """The registry, by id."""
    entries = [model_entry(model.spec) for _, model in sorted(deps().models.items())]
    unserved = [unserved_entry(*one) for one in sorted(deps().unserved.items())]
    return Response(
        encode({"models": entries, "unserved": unserved}), content_type="application/json"
    )
