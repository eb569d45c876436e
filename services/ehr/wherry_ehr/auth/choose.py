"""/auth/choose: somebody signs in, chooses a patient and an encounter, and agrees or refuses."""

from dataclasses import dataclass
from typing import cast

import structlog
from authlib.common.urls import add_params_to_uri
from flask import Blueprint, Response, g, redirect, render_template, request

from wherry.errors import Failure, Kind
from wherry_ehr.auth.asked import needs_encounter, needs_patient
from wherry_ehr.auth.authorize import failed
from wherry_ehr.auth.clients import Client, origin
from wherry_ehr.auth.endpoints import unkept
from wherry_ehr.auth.launch_grant import code_life
from wherry_ehr.auth.picking import Choice, encounters, patients, the_encounter, the_patient
from wherry_ehr.auth.plain import in_words
from wherry_ehr.auth.records import Asked, Code, Launch, Session
from wherry_ehr.auth.registry import registered
from wherry_ehr.auth.scopes import OFFLINE
from wherry_ehr.auth.vault import vault
from wherry_ehr.chart import gate
from wherry_ehr.chart.clinicians import CLINICIANS
from wherry_ehr.chart.session import session
from wherry_ehr.deps import deps
from wherry_ehr.here import here

log = structlog.get_logger()

_MAX_QUERY = 100

bp = Blueprint("choose", __name__, url_prefix="/auth", template_folder="templates")
bp.before_request(gate.check)
bp.before_request(gate.check_sender)
bp.after_request(unkept)
bp.after_request(gate.harden)
bp.register_error_handler(Failure, failed)


@dataclass(frozen=True, slots=True)
class Pending:
    """A request that waits for an answer, and the app that made it."""

    name: str
    asked: Asked
    client: Client


@bp.get("/choose")
def page() -> str:
    """Who are you, which patient, and may the app?"""
    pending = _pending(request.args.get("asked", ""))
    if session() is None:
        to = f"/auth/choose?asked={pending.name}"
        return render_template("chart/sign_in.html", clinicians=CLINICIANS, to=to)
    return _page(pending, Choice(), "")


@bp.post("/choose")
def answer() -> Response:
    """One step further, or the answer to the app. Source: SMART 2.2, R53, R54, R152 to R167."""
    pending, who = _pending(request.form.get("asked", "")), session()
    if who is None:
        return cast("Response", redirect(f"/auth/choose?asked={pending.name}", 303))
    chosen = Choice(request.form.get("patient", ""), request.form.get("encounter", ""))
    decision = request.form.get("decision", "")
    if decision == "deny":
        return _refused(pending)
    if decision == "allow":
        return _allowed(pending, chosen, who)
    return Response(_page(pending, chosen, request.form.get("q", "")[:_MAX_QUERY]))


def _page(pending: Pending, chosen: Choice, query: str) -> str:
    scope = pending.asked.scope
    needed = needs_patient(scope)
    patient = the_patient(chosen.patient) if chosen.patient and needed else None
    shown = {"client": pending.client, "asked": pending.name, "lines": in_words(scope)}
    if needed and patient is None:
        return render_template("auth/patient.html", patients=patients(query), query=query, **shown)
    stays = encounters(chosen.patient) if patient and needs_encounter(scope) else None
    lasts = OFFLINE in scope.split()
    return render_template("auth/consent.html", patient=patient, stays=stays, lasts=lasts, **shown)


def _allowed(pending: Pending, chosen: Choice, who: Session) -> Response:
    asked, client, now = pending.asked, pending.client, deps().clock.now()
    patient = encounter = ""
    if needs_patient(asked.scope):
        patient = the_patient(chosen.patient).id  # R164
        if needs_encounter(asked.scope) and chosen.encounter:
            encounter = the_encounter(chosen.encounter, patient)
    launch = Launch(asked.client_id, patient, encounter, inside=False)
    code = Code(
        launch=launch,
        practitioner=who.practitioner,
        redirect_uri=asked.redirect_uri,
        scope=asked.scope,
        challenge=asked.challenge,
        nonce=asked.nonce,
        aud=asked.aud,
        state=asked.state,
    )
    made = vault().trade(pending.name, code, who, now, code_life(client))
    if made is None:
        raise _unknown()
    log.info("code_issued", client_id=client.client_id, practitioner=who.practitioner)
    return _to_app(pending, [("code", made)])


def _refused(pending: Pending) -> Response:
    if not vault().drop(pending.name):
        raise _unknown()
    log.info("access_refused", client_id=pending.client.client_id)
    said = [("error", "access_denied"), ("error_description", "the user refused")]
    return _to_app(pending, said)


def _to_app(pending: Pending, said: list[tuple[str, str]]) -> Response:
    """Source: RFC 6749, 4.1.2; RFC 9207, 2."""
    issuer = [("iss", here().issuer)] if pending.client.profile.says_issuer else []
    params = [*said, ("state", pending.asked.state), *issuer]
    to = add_params_to_uri(pending.asked.redirect_uri, params)
    return cast("Response", redirect(to, 303))


def _pending(name: str) -> Pending:
    asked = vault().asked(name, deps().clock.now()) if name else None
    client = registered().one(asked.client_id) if asked else None
    if asked is None or client is None or not client.check_redirect_uri(asked.redirect_uri):
        raise _unknown()
    g.answers_to = (origin(asked.redirect_uri),)
    return Pending(name, asked, client)


def _unknown() -> Failure:
    return Failure(Kind.INVALID, "this request was answered or has ended: start again in the app")
