"""A failure of a page becomes a page: what went wrong, what to do, nothing else."""

import structlog
from flask import Response, g, make_response, render_template

from wherry.errors import Failure, Kind
from wherry_smart.deps import deps

log = structlog.get_logger()

AGAIN = "Go back to the patient's chart and open the app again from there."
WAIT = "Try again in a minute from the patient's chart."
ASK = "If it happens again, tell your support team the number below."

_ADVICE = {
    Kind.UNAVAILABLE: f"{WAIT} {ASK}",
    Kind.UNCERTAIN: f"{WAIT} {ASK}",
    Kind.FAULT: ASK,
}


def page(failure: Failure, *, step: str) -> Response:
    """The page; `step` names where it happened in the log and the metrics."""
    log.info("launch_refused", step=step, kind=failure.kind.name, at=failure.at)
    deps().metrics.launched(step, failure.kind.name.lower())
    html = render_template(
        "smart/told.html",
        text=failure.detail,
        advice=_ADVICE.get(failure.kind, f"{AGAIN} {ASK}"),
        number=g.get("request_id", ""),
    )
    return make_response(html, failure.kind.http)
