"""GET /v1/inbox/stats: how many messages stand where, as JSON."""

from flask import Blueprint, Response

from wherry.codec import encode
from wherry_hl7.deps import deps

bp = Blueprint("inbox", __name__, url_prefix="/v1/inbox")


@bp.get("/stats")
def stats() -> Response:
    """Messages by source and state, and the age of the oldest unfinished one."""
    desk = deps().desk
    counts: dict[str, dict[str, int]] = {}
    for (source, state), count in sorted(desk.counts().items()):
        counts.setdefault(source, {})[state.value] = count
    body = {"counts": counts, "oldest_waiting_s": round(desk.oldest_waiting_s(), 3)}
    return Response(encode(body), content_type="application/json")
