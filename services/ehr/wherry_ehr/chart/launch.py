"""/chart/<patient>/launch and /app: a registered app is opened for the patient of this chart."""

from dataclasses import replace
from typing import cast

from flask import Blueprint, Response, g, redirect, render_template, request

from wherry.codec import decode
from wherry.errors import Failure, Kind
from wherry_ehr.auth.clients import Client
from wherry_ehr.auth.fhir_context import read_fhir_context
from wherry_ehr.auth.opening import opened_at
from wherry_ehr.auth.records import Launch
from wherry_ehr.auth.registry import registered
from wherry_ehr.chart import gate
from wherry_ehr.chart.banner import banner
from wherry_ehr.chart.pages import failed, reader
from wherry_ehr.chart.session import signed_in, to_sign_in
from wherry_ehr.chart.stay import current
from wherry_ehr.deps import deps

_MAX_CONTEXT = 4096

bp = Blueprint("launch", __name__, url_prefix="/chart", template_folder="templates")
bp.before_request(gate.check)
bp.before_request(gate.check_sender)
bp.before_request(to_sign_in)
bp.after_request(gate.harden)
bp.register_error_handler(Failure, failed)


@bp.post("/<patient_id>/launch")
def window(patient_id: str) -> Response:
    """Open an app in a window of its own; there it has to say whose data it shows."""
    given = request.form
    more = Launch(
        client_id="",
        patient=patient_id,
        app_context=given.get("app_context", "")[:_MAX_CONTEXT],
        intent=given.get("intent", ""),
        fhir_context=read_fhir_context(decode(given.get("fhir_context") or "[]")),
    )
    address = _launch(_client(given.get("client", "")), more)
    return cast("Response", redirect(address, 303))


@bp.get("/<patient_id>/app")
def inside(patient_id: str) -> str:
    """Open an app inside a page of the chart, below the patient's banner."""
    client = _client(request.args.get("client", ""))
    address = _launch(client, Launch(client_id="", patient=patient_id, banner=False))
    g.frames_apps = True
    who = banner(reader().read("Patient", patient_id), today=deps().clock.now().date())
    return render_template("chart/app.html", banner=who, client=client, address=address)


def _client(client_id: str) -> Client:
    found = registered().one(client_id)
    if found is None:
        raise Failure(Kind.NOT_FOUND, "no app is registered under this id")
    return found


def _launch(client: Client, about: Launch) -> str:
    """Where the browser goes to: the app's launch address with a handle that works once.

    Source: SMART 2.2, App Launch: EHR launch, Request.
    """
    who, found, patient_id = signed_in(), reader(), about.patient
    found.read("Patient", patient_id)
    stay = current(found.search("Encounter", {"patient": patient_id, "_sort": "-date"}, limit=50))
    encounter = stay.id if stay else ""
    return opened_at(client, replace(about, client_id=client.client_id, encounter=encounter), who)
