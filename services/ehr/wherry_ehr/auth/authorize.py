"""/auth/authorize: an app's request, brought by a clinician's browser, becomes a code."""

from typing import cast
from urllib.parse import urlencode

import structlog
from flask import Blueprint, Response, g, make_response, redirect, render_template, request

from wherry.errors import Failure, Kind
from wherry_ehr.auth.endpoints import FORM, unkept
from wherry_ehr.auth.server import SERVER, grant_for
from wherry_ehr.chart import gate
from wherry_ehr.chart.session import session
from wherry_ehr.here import here

log = structlog.get_logger()

bp = Blueprint("authorize", __name__, url_prefix="/auth")
bp.before_request(gate.check)


@bp.get("/authorize")
@bp.post("/authorize")
def authorize() -> Response:
    """A code for the app, or an error; a page when nobody may be redirected.

    Source: SMART 2.2, R48, R49, R53 to R59.
    """
    if request.method == "POST" and (request.mimetype != FORM or request.args):
        raise Failure(Kind.INVALID, "send the parameters as a form, and none in the address")
    if request.method == "POST" and _is_from_elsewhere() and session() is None:
        # a browser keeps the session's cookie from other sites' forms, not from what they link to
        again = f"{here().authorize}?{urlencode([*request.form.items(multi=True)])}"
        return unkept(cast("Response", redirect(again, 303)))
    asked = SERVER.create_oauth2_request(None)
    response: Response = SERVER.create_authorization_response(
        asked, grant_user=session(), grant=grant_for(SERVER, asked)
    )
    if response.status_code == 302:
        response.status_code = 303  # whatever the method was, the app is called with GET
    return unkept(response)


@bp.errorhandler(Failure)
def failed(failure: Failure) -> Response:
    """A page for whoever sits at the browser, never a redirect."""
    log.info("authorization_refused", kind=failure.kind.name, at=failure.at)
    text = render_template("chart/error.html", text=failure.detail)
    page = make_response(text, failure.kind.http)
    g.framed_by_us = True  # an app inside the chart's page shows it there
    return gate.harden(page)


def _is_from_elsewhere() -> bool:
    return request.headers.get("Sec-Fetch-Site") == "cross-site"
