"""/auth/test: what a conformance suite needs and no EHR offers. On this machine, when switched on.

A suite that knows only a base address registers its apps here, signs a made-up clinician in,
launches an app from the chart and puts resources in. services/ehr/README.md describes it.
"""

from typing import Any

import structlog
from flask import Blueprint, Response, request

from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry.web.body import json_object
from wherry_ehr.auth.clients import Client
from wherry_ehr.auth.fhir_context import read_fhir_context
from wherry_ehr.auth.opening import opened_at
from wherry_ehr.auth.picking import known
from wherry_ehr.auth.records import Launch
from wherry_ehr.auth.registry import read_client, registered
from wherry_ehr.auth.vault import vault
from wherry_ehr.chart import gate
from wherry_ehr.chart.clinicians import clinician, make_known
from wherry_ehr.chart.session import drop, keep, signed_in
from wherry_ehr.deps import deps
from wherry_ehr.interactions.validity import problems_of
from wherry_ehr.search.types import types
from wherry_ehr.write.carry_out import Stamp, carry_out
from wherry_ehr.write.intent import Intent
from wherry_ehr.write.told import told_in

log = structlog.get_logger()

bp = Blueprint("test_seam", __name__, url_prefix="/auth/test")
bp.before_request(gate.check)
bp.before_request(gate.check_sender)


@bp.post("/clients")
def add_client() -> Response:
    """Register an app or a service. Source: SMART 2.2, R18, R24, R316."""
    client = read_client(json_object())
    registered().add(client)
    log.info("client_registered", client_id=client.client_id)
    return _json({"client_id": client.client_id}, 201)


@bp.delete("/clients/<client_id>")
def remove_client(client_id: str) -> Response:
    """Forget it again."""
    if not registered().remove(client_id):
        raise Failure(Kind.NOT_FOUND, "no such client was added", at="client_id")
    return Response(status=204)


@bp.post("/session")
def sign_in() -> Response:
    """Sign a clinician in; the cookie is the chart's."""
    who = clinician(_text(json_object(), "clinician"))
    if who is None:
        raise Failure(Kind.INVALID, "no such clinician", at="clinician")
    now = deps().clock.now()
    make_known(who, deps().store, now=now, seed=deps().new_id())
    answer = _json({"fhirUser": f"Practitioner/{who.id}"}, 201)
    return keep(answer, vault().begin(who.id, now))


@bp.delete("/session")
def sign_out() -> Response:
    """Sign the clinician out, as the chart does."""
    vault().end(signed_in())
    return drop(Response(status=204))


@bp.post("/launches")
def launch() -> Response:
    """Open an app from the chart of the one who is signed in; answers where a browser would go.

    Source: SMART 2.2, App Launch: EHR launch.
    """
    asked = json_object()
    client = _client(_text(asked, "client_id"))
    intent = _text(asked, "intent")
    patient, encounter = _text(asked, "patient"), _text(asked, "encounter")
    for type_, id_ in (("Patient", patient), ("Encounter", encounter)):
        if id_ or type_ == "Patient":
            known(type_, id_)
    made = Launch(
        client_id=client.client_id,
        patient=patient,
        encounter=encounter,
        banner=asked.get("need_patient_banner", True) is not False,
        intent=intent,
        fhir_context=read_fhir_context(asked.get("fhirContext", [])),
    )
    return _json({"launch_url": opened_at(client, made, signed_in())}, 201)


@bp.put("/resources/<type_>/<id_>")
def put_resource(type_: str, id_: str) -> Response:
    """Put a made-up resource into the store, as a feed would."""
    if type_ not in types():
        raise Failure(Kind.NOT_FOUND, "no such resource type")
    told = told_in(request.get_data())
    if told.resource.get("id") != id_:
        raise Failure(Kind.INVALID, "the resource must carry the id of its address", at="id")
    for issue in problems_of(told, type_, deps().check):
        raise Failure(Kind.INVALID, issue.text, at=issue.at)
    intent = Intent(at=type_, method="PUT", type=type_, id=id_, told=told)
    with deps().store.writing() as view:
        carry_out([intent], view, Stamp(deps().clock.now(), deps().new_id()))
    return Response(status=204)


def _client(client_id: str) -> Client:
    found = registered().one(client_id)
    if found is None:
        raise Failure(Kind.NOT_FOUND, "no app is registered under this id", at="client_id")
    return found


def _text(held: dict[str, Any], name: str) -> str:
    value = held.get(name, "")
    if not isinstance(value, str):
        raise Failure(Kind.INVALID, "a text is needed", at=name)
    return value


def _json(body: object, status: int) -> Response:
    answer = Response(encode(body), status=status, content_type="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer
