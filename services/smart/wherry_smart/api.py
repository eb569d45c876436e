"""GET /app/<launch_id>/api/summary: all that the page shows, about the session's patient."""

from collections.abc import Mapping
from typing import Any

import structlog
from flask import Blueprint, Response, request

from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry_smart.deps import deps
from wherry_smart.protocol.launches import Session
from wherry_smart.reading import read_chart
from wherry_smart.scoring import scores
from wherry_smart.sessions import ENDED, session
from wherry_smart.summary.view import view

log = structlog.get_logger()

bp = Blueprint("api", __name__)


@bp.get("/app/<launch_id>/api/summary")
def summary(launch_id: str) -> Response:
    """Read with the session's token; the request has no say in whom it is about."""
    _same_origin()
    found = session(launch_id)
    body = encode(_summary(found))
    log.info("summary_read", patient=found.patient, person=found.person)
    return Response(body, content_type="application/json")


def _summary(found: Session) -> Mapping[str, Any]:
    now = deps().clock.now()
    try:
        with deps().fhir(found) as fhir:
            chart = read_chart(fhir, found)
    except Failure as failure:
        if failure.kind is Kind.UNAUTHENTICATED:  # the EHR ended it before we did
            raise Failure(Kind.UNAUTHENTICATED, ENDED, at="session") from None
        raise
    answers, models, unscored = scores(deps().scorer, chart, patient_id=found.patient, at=now)
    return view(found, chart, answers, models, unscored, now=now)


def _same_origin() -> None:
    """Our own page asks, or nobody. Raises: Failure(FORBIDDEN).

    Source: Fetch Metadata Request Headers; a browser that does not send them keeps to CORS.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise Failure(Kind.FORBIDDEN, "only the app's own page may ask", at="Sec-Fetch-Site")
