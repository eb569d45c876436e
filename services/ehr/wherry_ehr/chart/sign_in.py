"""/chart/_session: a made-up clinician is chosen, and signs in or out. There is no password."""

import re
from typing import cast

import structlog
from flask import Blueprint, Response, redirect, render_template, request, url_for

from wherry.errors import Failure, Kind
from wherry_ehr.auth.vault import vault
from wherry_ehr.chart import gate
from wherry_ehr.chart.clinicians import CLINICIANS, clinician, make_known
from wherry_ehr.chart.frame import failed
from wherry_ehr.chart.session import drop, keep, session
from wherry_ehr.deps import deps

log = structlog.get_logger()

# Only pages of the chart are gone back to, and the page that asked who somebody is
_TO = re.compile(
    r"/chart(/[A-Za-z0-9.-]{1,64}(/(app|orders))?|/_(calls|registered))?"
    r"|/auth/choose\?asked=[A-Za-z0-9_-]{43}|/auth/manage"
)

# no FHIR id has an underscore, so no patient is hidden by this address
bp = Blueprint("sign_in", __name__, url_prefix="/chart/_session", template_folder="templates")
bp.before_request(gate.check)
bp.before_request(gate.check_sender)
bp.after_request(gate.harden)
bp.register_error_handler(Failure, failed)


@bp.get("")
def page() -> str:
    """Who is to be signed in?"""
    return render_template(
        "chart/sign_in.html", clinicians=CLINICIANS, to=_to(request.args.get("to", ""))
    )


@bp.post("")
def begin() -> Response:
    """Sign in: whoever was signed in before is signed out."""
    who = clinician(request.form.get("clinician", ""))
    if who is None:
        raise Failure(Kind.INVALID, "choose one of the clinicians", at="clinician")
    _end()
    now = deps().clock.now()
    make_known(who, deps().store, now=now, seed=deps().new_id())
    secret = vault().begin(who.id, now)
    log.info("clinician_signed_in", practitioner=who.id)
    to = redirect(_to(request.form.get("to", "")), 303)
    return keep(cast("Response", to), secret)


@bp.post("/end")
def end() -> Response:
    """Sign out: apps that were launched from this session lose their access too."""
    _end()
    return drop(cast("Response", redirect(url_for("sign_in.page"), 303)))


def _end() -> None:
    if found := session():
        vault().end(found)
        log.info("clinician_signed_out", practitioner=found.practitioner)


def _to(path: str) -> str:
    return path if _TO.fullmatch(path) else url_for("chart.patients")
