"""/app/<launch_id>/api/worklist: the patients whom this person may see, by risk and change."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import structlog
from flask import Blueprint, Response, request

from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry.ports import Fhir
from wherry.resource import Resource
from wherry_smart import cookies, guard
from wherry_smart.callback import keep
from wherry_smart.deps import deps
from wherry_smart.panel import json
from wherry_smart.protocol.launches import Session, digest
from wherry_smart.protocol.scopes import may
from wherry_smart.sessions import ended, session
from wherry_smart.summary.worklist import Wanted, by_patient, worklist
from wherry_smart.tokens import tokens

log = structlog.get_logger()

ASSESSMENTS, ENCOUNTERS, _PAGE, _NAMES = 1000, 500, 500, 100
AGAIN_MS = 15_000
"""A page asks for changes that often: a stream that stays open would hold a thread of ours."""
_CHOICES = {
    "tier": frozenset({"low", "low-medium", "medium", "high"}),
    "change": frozenset({"up", "down", "same", "new"}),
    "by": frozenset({"risk", "change"}),
}

bp = Blueprint("worklist", __name__, url_prefix="/app/<launch_id>/api/worklist")


@bp.get("")
def listed(launch_id: str) -> Response:
    """Patients with a score, as far as the EHR lets this person see them."""
    guard.own_page(launch_id)
    found, now = _of_person(launch_id), deps().clock.now()
    rows, problems = _rows(found, _wanted())
    log.info("worklist_read", person=found.person, patients=len(rows))
    return json({"shown_at": now.isoformat(), "patients": rows, "problems": problems})


@bp.get("/events")
def events(launch_id: str) -> Response:
    """A server-sent event when the list is another than the one that the page has.

    The answer ends at once and says when to ask again. No patient is in it.
    Source: HTML Standard, 9.2 (Last-Event-ID, retry).
    """
    guard.own_page(launch_id)
    rows, _ = _rows(_of_person(launch_id), Wanted())
    version = hashlib.sha256(encode(rows)).hexdigest()[:32]
    said = f"retry: {AGAIN_MS}\n"
    if request.headers.get("Last-Event-ID", "") != version:
        said += f'id: {version}\nevent: worklist\ndata: {{"version":"{version}"}}\n'
    return Response(f"{said}\n", content_type="text/event-stream")


@bp.post("/open")
def open_patient(launch_id: str) -> Response:
    """A session of its own about one patient of the list, for the same person and browser."""
    given = guard.body(launch_id)
    guard.only(given, "patient")
    found = _of_person(launch_id)
    patient = guard.id_of(given, "patient")
    _visible(found, patient)
    secret = deps().secret(cookies.SECRET_BYTES)
    own = replace(
        found,
        patient=patient,
        encounter="",
        banner=True,
        browser=digest(secret),
        started_at=deps().clock.now(),
    )
    opened = keep(own)
    response = json({"address": f"/app/{opened}/"}, 201)
    left_s = max(1, int((own.expires_at - deps().clock.now()).total_seconds()))
    cookies.set_session(response, launch_id=opened, secret=secret, life_s=left_s)
    return response


def _of_person(launch_id: str) -> Session:
    found = session(launch_id)
    if not may(found.scope, "Patient", "rs", level="user"):
        raise Failure(Kind.FORBIDDEN, "the EHR did not grant a list of patients", at="scope")
    return found


def _visible(found: Session, patient: str) -> None:
    """The EHR decides whether this person may see this patient. Raises: Failure(NOT_FOUND)."""
    given = tokens(found)
    try:
        with deps().fhir(given.base, given.access_token) as fhir:
            fhir.read("Patient", patient)
    except Failure as failure:
        if failure.kind is Kind.UNAUTHENTICATED:
            raise ended() from None
        if failure.kind.again:
            raise
        raise Failure(Kind.NOT_FOUND, "no such patient is in the list", at="patient") from None


def _wanted() -> Wanted:
    given = {name: request.args.get(name, "") for name in ("tier", "unit", "change", "by")}
    for name, known in _CHOICES.items():
        if given[name] and given[name] not in known:
            raise Failure(Kind.INVALID, f"one of {', '.join(sorted(known))} is needed", at=name)
    if len(given["unit"]) > 100:
        raise Failure(Kind.INVALID, "a unit has at most 100 characters", at="unit")
    return Wanted(**{name: text for name, text in given.items() if text})


def _rows(found: Session, wanted: Wanted) -> tuple[list[Mapping[str, Any]], list[dict[str, str]]]:
    given = tokens(found)
    problems: list[dict[str, str]] = []
    try:
        with deps().fhir(given.base, given.access_token) as fhir:
            assessments = _newest(fhir)
            patients, stays = deps().each(
                [
                    lambda: _people(fhir, list(by_patient(assessments)), problems),
                    lambda: _stays(fhir, given.scope, problems),
                ]
            )
    except Failure as failure:
        if failure.kind is Kind.UNAUTHENTICATED:
            raise ended() from None
        raise
    today = deps().clock.now().date()
    if len(assessments) >= ASSESSMENTS:
        text = f"only patients among the newest {ASSESSMENTS} scores are shown"
        problems.append({"part": "the list", "text": text})
    return worklist(patients, assessments, stays, wanted, today=today), problems


def _newest(fhir: Fhir) -> list[Resource]:
    params = {"_sort": "-date", "_count": str(_PAGE)}
    return fhir.search("RiskAssessment", params, limit=ASSESSMENTS)


def _people(fhir: Fhir, ids: Sequence[str], problems: list[dict[str, str]]) -> list[Resource]:
    """The patients by name; when they cannot be read, the list has their ids."""
    found: list[Resource] = []
    try:
        for start in range(0, len(ids), _NAMES):
            named = ",".join(ids[start : start + _NAMES])
            found += fhir.search("Patient", {"_id": named, "_count": str(_NAMES)})
    except Failure as failure:
        if failure.kind is Kind.UNAUTHENTICATED:
            raise
        problems.append({"part": "the names", "text": "the EHR could not answer"})
    return found


def _stays(fhir: Fhir, scope: str, problems: list[dict[str, str]]) -> list[Resource]:
    if not may(scope, "Encounter", "rs"):
        problems.append(
            {"part": "the units", "text": "the EHR did not grant the permission to read it"}
        )
        return []
    try:
        params = {"status": "in-progress", "_count": str(_PAGE)}
        return fhir.search("Encounter", params, limit=ENCOUNTERS)
    except Failure as failure:
        if failure.kind is Kind.UNAUTHENTICATED:
            raise
        problems.append({"part": "the units", "text": "the EHR could not answer"})
        return []
