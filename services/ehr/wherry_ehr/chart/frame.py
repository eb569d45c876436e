"""What every page of the chart shares: who may see it, where forms come from, what was refused."""

import structlog
from flask import Blueprint, Response, make_response, render_template

from wherry.errors import Failure
from wherry_ehr.chart import gate
from wherry_ehr.chart.session import to_sign_in

log = structlog.get_logger()


def failed(failure: Failure) -> Response:
    """An error page in the words that are safe to show."""
    log.info("chart_refused", kind=failure.kind.name)
    page = render_template("chart/error.html", text=failure.detail, at=failure.at)
    return make_response(page, failure.kind.http)


def pages_of(name: str, module: str, prefix: str = "/chart") -> Blueprint:
    """Pages for a clinician who is signed in, in a browser on this machine; forms are our own."""
    bp = Blueprint(name, module, url_prefix=prefix, template_folder="templates")
    bp.before_request(gate.check)
    bp.before_request(gate.check_sender)
    bp.before_request(to_sign_in)
    bp.after_request(gate.harden)
    bp.register_error_handler(Failure, failed)
    return bp
