"""POST /v1/score: one question about one patient, one verdict."""

from flask import Blueprint, Response

from wherry.codec import encode
from wherry.web.body import json_object
from wherry_risk.answer import answered
from wherry_risk.asked import asked
from wherry_risk.deps import deps
from wherry_risk.lifecycle.shadowing import shadow
from wherry_risk.recording import keep
from wherry_risk.scoring import answer_to

bp = Blueprint("scores", __name__)


@bp.post("/v1/score")
def score() -> Response:
    """Score the resources in the body, or the patient's record on the FHIR server."""
    question = asked(json_object())
    told = answer_to(question, deps())
    records = keep(told.verdicts, deps(), asked_by="request")
    shadow(told, question, deps(), asked_by="request", beside=records[told.judged.spec.id])
    body = answered(told.judged, told.beside, told.instead, told.also, records=records)
    return Response(encode(body), content_type="application/json")
