"""/chart/<patient>/launch and /app: a registered app is opened for the patient of this chart."""

from dataclasses import replace
from typing import cast
from urllib.parse import parse_qs, urlsplit

from flask import Response, g, redirect, render_template, request

from wherry.codec import decode, encode
from wherry.errors import Failure, Kind
from wherry_ehr.auth.clients import Client
from wherry_ehr.auth.fhir_context import read_fhir_context
from wherry_ehr.auth.opening import opened_at
from wherry_ehr.auth.records import Launch
from wherry_ehr.auth.registry import registered
from wherry_ehr.chart.exchanges import LAUNCH, Exchange, exchanges, masked, micros
from wherry_ehr.chart.frame import pages_of
from wherry_ehr.chart.opened import Opened, opened
from wherry_ehr.deps import deps

_MAX_CONTEXT = 4096

bp = pages_of("launch", __name__)


@bp.post("/<patient_id>/launch")
def window(patient_id: str) -> Response:
    """Open an app in a window of its own; there it has to say whose data it shows."""
    open_, given = opened(patient_id), request.form
    more = Launch(
        client_id="",
        patient=patient_id,
        app_context=given.get("app_context", "")[:_MAX_CONTEXT],
        intent=given.get("intent", ""),
        fhir_context=read_fhir_context(decode(given.get("fhir_context") or "[]")),
    )
    address = _launch(_client(given.get("client", "")), more, open_)
    return cast("Response", redirect(address, 303))


@bp.get("/<patient_id>/app")
def inside(patient_id: str) -> str:
    """Open an app inside a page of the chart, below the patient's banner."""
    return _inside(patient_id, request.args.get("client", ""), "")


@bp.post("/<patient_id>/app")
def inside_from_card(patient_id: str) -> str:
    """The same from a card, whose word to the app stays out of the address."""
    given = request.form
    context = given.get("app_context", "")[:_MAX_CONTEXT]
    return _inside(patient_id, given.get("client", ""), context)


def _inside(patient_id: str, client_id: str, context: str) -> str:
    open_, client = opened(patient_id), _client(client_id)
    about = Launch(client_id="", patient=patient_id, banner=False, app_context=context)
    address = _launch(client, about, open_)
    g.frames_apps = True
    return render_template(
        "chart/app.html", banner=open_.who, stay=open_.stay, client=client, address=address
    )


def _client(client_id: str) -> Client:
    found = registered().one(client_id)
    if found is None:
        raise Failure(Kind.NOT_FOUND, "no app is registered under this id")
    return found


def _launch(client: Client, about: Launch, open_: Opened) -> str:
    """Where the browser goes to: the app's launch address with a handle that works once.

    Source: SMART 2.2, App Launch: EHR launch, Request.
    """
    encounter = open_.stay.id if open_.stay else ""
    launch = replace(about, client_id=client.client_id, encounter=encounter)
    address = opened_at(client, launch, open_.session)
    _note(client, launch, open_, address)
    return address


def _note(client: Client, launch: Launch, open_: Opened, address: str) -> None:
    """Keep it for the developer panel, without the handle."""
    handle = parse_qs(urlsplit(address).query).get("launch", [""])[-1]
    now, id_ = deps().clock.now(), deps().new_id()
    context = {
        "patient": launch.patient,
        "encounter": launch.encounter,
        "need_patient_banner": launch.banner,
        "appContext": launch.app_context,
        "intent": launch.intent,
        "fhirContext": list(launch.fhir_context),
    }
    said = {name: value for name, value in context.items() if value not in ("", [])}
    made = Exchange(
        id=id_,
        occasion=id_,
        at=micros(now),
        kind=LAUNCH,
        patient=launch.patient,
        method="GET",
        url=masked(address, [handle]),
        server=client.client_id,
        title=client.name,
        request=encode(said).decode(),
    )
    exchanges(open_.session.hash).keep([made], now)
