"""A session, a record and its scores become the one document that the page is made of."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from wherry_smart.protocol.launches import Session
from wherry_smart.summary.at_home import at_home
from wherry_smart.summary.banner import banner
from wherry_smart.summary.chart import Chart, Problem
from wherry_smart.summary.score import scores
from wherry_smart.summary.series import findings, series
from wherry_smart.summary.sources import Sources
from wherry_smart.summary.trend import trend

Scored = tuple[Sequence[Mapping[str, Any]], Sequence[Mapping[str, Any]], Sequence[Problem]]


def view(
    session: Session,
    chart: Chart,
    scored: Callable[[], Scored],
    *,
    now: datetime,
) -> Mapping[str, Any]:
    """The document, as in openapi/smart.yaml; it holds no token and no address of the EHR.

    `scored` waits for the answers, the models and what kept us from scoring: it is called last.
    """
    sources = Sources(chart.provenances, chart.devices)
    rows = series(chart.observations, sources, now=now)
    texts = findings(chart.observations, sources, now=now)
    home = at_home(chart.observations, sources, now=now)
    answers, models, unscored = scored()
    return {
        "patient_id": session.patient,
        "shown_at": now.isoformat(),
        "launched_at": session.started_at.isoformat(),
        "expires_at": session.expires_at.isoformat(),
        "patient": None
        if chart.patient is None
        else banner(chart.patient, chart.encounters, today=now.date(), show=session.banner),
        "scores": scores(answers, models),
        "trend": trend(chart.assessments),
        "series": rows,
        "findings": texts,
        "home": home,
        "sources": sources.listed(),
        "problems": [
            {"part": each.part, "text": each.text} for each in (*chart.problems, *unscored)
        ],
    }
