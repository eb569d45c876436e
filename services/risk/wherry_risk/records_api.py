"""GET /v1/scores/{id}, POST /v1/trend: what was scored before; whoever reads leaves a row."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from flask import Blueprint, Response, g

from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry.web.body import json_object
from wherry_risk.asked import Id, Name, checked, moment_of
from wherry_risk.deps import deps
from wherry_risk.model.spec import ModelSpec
from wherry_risk.model.trend import Change, Point, changes, distinct, thinned
from wherry_risk.record_answer import record_entry
from wherry_risk.records import CHAMPION, Head
from wherry_risk.scoring import models_of

bp = Blueprint("records", __name__)

WHO = "service"
"""Whoever has the service token, or calls from this machine; the request id tells which call."""
MOST_RECORDS = 10_000


class _Trend(msgspec.Struct, forbid_unknown_fields=True):
    """The request body of POST /v1/trend."""

    patient: Id
    model: Name
    since: Annotated[str, msgspec.Meta(max_length=64)]


@bp.get("/v1/scores/<uuid:record_id>")
def record(record_id: UUID) -> Response:
    """One record: what was known, what came out, and what is needed to compute it again.

    Those of versions on trial are told nobody here: a score that is not shown is not shown by id
    either. `wherry risk replay` computes them again.
    """
    found = deps().records.get(str(record_id))
    if found.head.role != CHAMPION:
        raise Failure(Kind.NOT_FOUND, "there is no such score record", at="id")
    deps().audit.note(
        WHO, "read", record_id=found.head.id, patient_id=found.head.patient_id, note=_request()
    )
    return _json(record_entry(found))


@bp.post("/v1/trend")
def trend() -> Response:
    """One patient's scores by one model since a moment; nothing is computed anew."""
    asked = checked(json_object(), _Trend)
    since = moment_of(asked.since, at="since")
    spec = models_of(asked.model, deps())[0].spec
    deps().audit.note(WHO, "trend", patient_id=asked.patient, note=_request())
    heads = deps().records.of_patient(
        asked.patient, model=asked.model, since=since, limit=MOST_RECORDS
    )
    return _json(_told(spec, asked.patient, since, heads))


def _told(spec: ModelSpec, patient: str, since: datetime, heads: list[Head]) -> dict[str, Any]:
    points = distinct([_point(head) for head in heads if head.status == "scored"])
    shown = thinned(points)
    return {
        "patient": patient,
        "model": spec.id,
        "since": since.isoformat(),
        "intended_use": spec.intended_use,
        "kind": spec.kind,
        "records": len(heads),
        "refused": sum(head.status == "refused" for head in heads),
        "complete": len(heads) < MOST_RECORDS,
        "thinned": len(shown) < len(points),
        "points": [_point_entry(one, spec.kind == "ai") for one in shown],
        "tier_changes": [_change_entry(one) for one in changes(points)],
    }


def _point(head: Head) -> Point:
    assert head.score is not None  # noqa: S101 - it was scored
    return Point(head.at, head.score, head.tier, head.version, head.id)


def _point_entry(point: Point, ai: bool) -> dict[str, Any]:
    return {
        "at": point.at.isoformat(),
        "score": point.score,
        "probability": point.score if ai else None,
        "tier": point.tier,
        "version": point.version,
        "record": point.record,
    }


def _change_entry(change: Change) -> dict[str, Any]:
    return {
        "at": change.at.isoformat(),
        "from": change.before,
        "to": change.after,
        "record": change.record,
    }


def _request() -> str:
    return f"request {g.get('request_id', '')}"


def _json(body: dict[str, Any]) -> Response:
    return Response(encode(body), content_type="application/json")
