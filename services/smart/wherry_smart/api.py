"""GET /app/<launch_id>/api/…: the panels of the page about the session's patient, one by one.

Each panel reads only what it shows, and fails by itself; no request says whom it is about.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from flask import Blueprint, Response, request

from wherry.errors import Failure, Kind
from wherry_smart import cookies
from wherry_smart.deps import deps
from wherry_smart.guard import own_page
from wherry_smart.panel import json, panel, told
from wherry_smart.protocol.launches import Session, guard
from wherry_smart.protocol.scopes import may
from wherry_smart.reading import chart_of, name_of
from wherry_smart.scoring import scores
from wherry_smart.sessions import about_of, of_patient, session
from wherry_smart.summary.alerts import alerts
from wherry_smart.summary.banner import banner
from wherry_smart.summary.baselines import baselines
from wherry_smart.summary.chart import Chart, Problem
from wherry_smart.summary.events import events
from wherry_smart.summary.inputs import inputs
from wherry_smart.summary.score import scores as shown_scores
from wherry_smart.summary.series import findings, series, since
from wherry_smart.summary.sources import Sources
from wherry_smart.summary.style import style
from wherry_smart.summary.trend import trend
from wherry_smart.summary.view import view

log = structlog.get_logger()

_HOURS = {"6": 6, "24": 24, "72": 72, "all": 0}
_DEEDS = 200
_MODEL = re.compile(r"[a-z0-9-]{1,64}")

bp = Blueprint("api", __name__, url_prefix="/app/<launch_id>/api")


@bp.get("/session")
def about(launch_id: str) -> Response:
    """What the page has to know before it shows anything; no token and no secret of the EHR."""
    own_page(launch_id)
    found = session(launch_id)
    return json(
        {
            "patient_id": found.patient or None,
            "person": found.person,
            "ehr": deps().profiles.of(found.base).shown,
            "opened": found.way.value,
            "launched_at": found.started_at.isoformat(),
            "expires_at": found.expires_at.isoformat(),
            "banner": found.banner,
            "intent": found.intent,
            "encounter": found.encounter or None,
            "context": list(found.context),
            "csrf": guard(cookies.session_secret(), launch_id),
            "may": {
                "order": may(found.scope, "ServiceRequest", "c"),
                "worklist": may(found.scope, "Patient", "s", level="user"),
            },
        }
    )


@bp.get("/person")
def person(launch_id: str) -> Response:
    """Who uses the app: the resource that the EHR names, read from it and from no other server.

    Source: SMART App Launch 2.2, R202 to R204.
    """
    own_page(launch_id)
    found, now = session(launch_id), deps().clock.now()
    name, problems = name_of(found)
    return panel(found, problems, now=now, person=found.person, name=name)


@bp.get("/style")
def ehr_style(launch_id: str) -> Response:
    """The EHR's colours and fonts, as far as they are safe and readable; empty is ours."""
    own_page(launch_id)
    found, now = session(launch_id), deps().clock.now()
    told: Mapping[str, Any] = {}
    problems: tuple[Problem, ...] = ()
    if found.style:
        try:
            told = deps().authorization.style(deps().profiles.of(found.base), found.style)
        except Failure as failure:
            problems = (Problem("the EHR's style", failure.detail),)
    return panel(found, problems, now=now, style=style(told))


@bp.get("/summary")
def summary(launch_id: str) -> Response:
    """All of one patient in one answer, for a page that asks once."""
    own_page(launch_id)
    found, now = of_patient(launch_id), deps().clock.now()
    scored = _Scoring(found, now)
    chart = chart_of(found, first=scored.begin)
    log.info("summary_read", patient=found.patient, person=found.person)
    return json(view(found, chart, scored.done, now=now))


@bp.get("/patient")
def patient(launch_id: str) -> Response:
    """Who this is, and where."""
    own_page(launch_id)
    found, now = of_patient(launch_id), deps().clock.now()
    chart = chart_of(found, {"Patient", "Encounter"})
    shown = (
        None
        if chart.patient is None
        else banner(chart.patient, chart.encounters, today=now.date(), show=found.banner)
    )
    return panel(found, chart.problems, now=now, patient=shown)


@bp.get("/scores")
def scores_now(launch_id: str) -> Response:
    """The score now, why, and on which inputs of which age and source."""
    own_page(launch_id)
    found, now = of_patient(launch_id), deps().clock.now()
    scored = _Scoring(found, now)
    chart = chart_of(found, {"Patient", "Observation", "Provenance"}, first=scored.begin)
    answers, models, unscored = scored.done()
    sources = Sources(chart.provenances, chart.devices)
    rows = inputs(answers, sources.numbers(chart.observations))
    return panel(
        found,
        (*chart.problems, *unscored),
        now=now,
        scores=shown_scores(answers, models),
        inputs=rows,
        sources=sources.listed(),
    )


@bp.get("/trend")
def course(launch_id: str) -> Response:
    """The course of the scores, with what happened beside it."""
    own_page(launch_id)
    found, now = of_patient(launch_id), deps().clock.now()
    chart = chart_of(found, {"RiskAssessment", "Encounter"})
    done, problems = _deeds(found)
    rows = trend(chart.assessments)
    raised = alerts(rows, done, now=now)
    return panel(
        found,
        (*chart.problems, *problems),
        now=now,
        trend=rows,
        events=events(chart.encounters, raised, done),
    )


@bp.get("/series")
def measurements(launch_id: str) -> Response:
    """Vital signs, laboratory and the rest, of the last hours or of all that was read."""
    own_page(launch_id)
    found, now = of_patient(launch_id), deps().clock.now()
    asked = request.args.get("hours", "all")
    if asked not in _HOURS:
        raise Failure(Kind.INVALID, "hours are 6, 24, 72 or all", at="hours")
    chart = chart_of(found, {"Observation", "Provenance"})
    sources = Sources(chart.provenances, chart.devices)
    rows = series(chart.observations, sources, now=now)
    return panel(
        found,
        chart.problems,
        now=now,
        series=since(rows, hours=_HOURS[asked], now=now),
        baselines=baselines(rows, now=now),
        findings=findings(chart.observations, sources, now=now),
        sources=sources.listed(),
    )


@bp.get("/alerts")
def raised(launch_id: str) -> Response:
    """Each rise of a score to medium or high, and what people did about it."""
    own_page(launch_id)
    found, now = of_patient(launch_id), deps().clock.now()
    chart = chart_of(found, {"RiskAssessment"})
    done, problems = _deeds(found)
    rows = alerts(trend(chart.assessments), done, now=now)
    return panel(found, (*chart.problems, *problems), now=now, alerts=rows)


@bp.get("/cards")
def cards(launch_id: str) -> Response:
    """Cards that the CDS service showed or held back about this patient, and why."""
    own_page(launch_id)
    found, now = of_patient(launch_id), deps().clock.now()
    shown: Sequence[Mapping[str, Any]] = ()
    problems: tuple[Problem, ...] = ()
    try:
        shown = deps().cards.cards(about_of(found))
    except Failure as failure:
        problems = (Problem("the cards", failure.detail),)
    return panel(found, problems, now=now, cards=list(shown))


@bp.get("/audit")
def audit(launch_id: str) -> Response:
    """Who did what in the app about this patient, newest first; `before` is for older ones."""
    own_page(launch_id)
    found, now = of_patient(launch_id), deps().clock.now()
    before = request.args.get("before", "0")
    if not before.isascii() or not before.isdigit() or len(before) > 18:
        raise Failure(Kind.INVALID, "before is the number of a deed", at="before")
    kept = deps().deeds.of(found.base, found.patient, before=int(before), limit=_DEEDS)
    return panel(found, (), now=now, deeds=[told(each) for each in kept])


@bp.get("/models")
def models(launch_id: str) -> Response:
    """What the models are for, what they are not for, and what they read: their cards."""
    own_page(launch_id)
    session(launch_id)
    return json({"models": list(deps().scorer.models())})


@bp.get("/models/<model>/card")
def model_card(launch_id: str, model: str) -> Response:
    """One model's card: what it is for, its limits, the figures that it was measured at."""
    own_page(launch_id)
    session(launch_id)
    if not _MODEL.fullmatch(model):
        raise Failure(Kind.NOT_FOUND, "there is no such model", at="model")
    return json({"card": deps().scorer.card(model)})


class _Scoring:
    """Scores under way while the rest of the record is still being read."""

    def __init__(self, found: Session, now: datetime) -> None:
        self._patient, self._now = found.patient, now
        self.done: Callable[[], Any] = lambda: ([], [], ())

    def begin(self, chart: Chart) -> None:
        """Score what was read."""
        scorer = deps().scorer
        self.done = deps().later(
            lambda: scores(scorer, chart, patient_id=self._patient, at=self._now)
        )


def _deeds(found: Session) -> tuple[list[dict[str, Any]], tuple[Problem, ...]]:
    """What was done, newest first. Without the database the rest is still shown."""
    try:
        kept = deps().deeds.of(found.base, found.patient, limit=_DEEDS)
    except Failure as failure:
        return [], (Problem("what was done about it", failure.detail),)
    return [told(each) for each in kept], ()
