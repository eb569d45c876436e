"""/auth/manage: a clinician sees which apps may go on without being asked, and ends it."""

from datetime import UTC, datetime
from typing import cast

import structlog
from flask import Blueprint, Response, redirect, render_template, request

from wherry.errors import Failure, Kind
from wherry_ehr.auth.authorize import failed
from wherry_ehr.auth.endpoints import unkept
from wherry_ehr.auth.plain import in_words
from wherry_ehr.auth.registry import registered
from wherry_ehr.auth.tokens import Lasting
from wherry_ehr.auth.vault import vault
from wherry_ehr.chart import gate
from wherry_ehr.chart.clinicians import CLINICIANS
from wherry_ehr.chart.session import session, signed_in
from wherry_ehr.chart.words import moment
from wherry_ehr.deps import deps

log = structlog.get_logger()

bp = Blueprint("manage", __name__, url_prefix="/auth/manage", template_folder="templates")
bp.before_request(gate.check)
bp.before_request(gate.check_sender)
bp.after_request(unkept)
bp.after_request(gate.harden)
bp.register_error_handler(Failure, failed)


@bp.get("")
def page() -> str:
    """What apps may go on to do. Source: SMART 2.2, R390 (management_endpoint)."""
    who = session()
    if who is None:
        return render_template("chart/sign_in.html", clinicians=CLINICIANS, to="/auth/manage")
    lasting = vault().lasting(who.practitioner, deps().clock.now())
    return render_template("auth/manage.html", rows=[_row(one) for one in lasting])


@bp.post("")
def end() -> Response:
    """End one of them, with every token that came from it. Raises: Failure(NOT_FOUND)."""
    who, family = signed_in(), request.form.get("access", "")
    lasting = vault().lasting(who.practitioner, deps().clock.now())
    if family not in {one.family for one in lasting}:
        raise Failure(Kind.NOT_FOUND, "this access has ended already")
    vault().end_family(family)
    log.info("access_ended", practitioner=who.practitioner)
    return cast("Response", redirect("/auth/manage", 303))


def _row(one: Lasting) -> dict[str, object]:
    client = registered().one(one.grant.client_id)
    return {
        "access": one.family,
        "name": client.name if client else one.grant.client_id,
        "lines": in_words(one.grant.scope),
        "until": moment(datetime.fromtimestamp(one.ends_at, UTC).isoformat()),
    }
