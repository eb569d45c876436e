"""A record becomes the answer of the model that predicts, with NEWS2 beside it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from wherry.errors import Failure
from wherry_smart.deps import Scorer
from wherry_smart.summary.chart import Chart, Problem

PREDICTION = "icu-mortality-24h"
EARLY_WARNING = "news2"

Answers = list[Mapping[str, Any]]


def scores(
    scorer: Scorer, chart: Chart, *, patient_id: str, at: datetime
) -> tuple[Answers, Answers, tuple[Problem, ...]]:
    """The answers, the prediction first; the models' own entries; and what kept us from scoring."""
    if chart.patient is None or not chart.observations:
        return [], [], (Problem("the score", "there is nothing to score"),)
    try:
        models = list(scorer.models())
        known = {each.get("id") for each in models}
        first = PREDICTION if PREDICTION in known else EARLY_WARNING
        resources = [chart.patient, *chart.observations]
        answer = scorer.score(first, patient_id, resources, at=at)
        answers = [answer, *_beside(answer)]
        if EARLY_WARNING not in {each.get("model") for each in answers}:
            answers.append(scorer.score(EARLY_WARNING, patient_id, resources, at=at))
    except Failure as failure:
        return [], [], (Problem("the score", failure.detail),)
    return answers, models, ()


def _beside(answer: Mapping[str, Any]) -> Answers:
    """Scores that the risk service puts beside its own: one or several, or none."""
    beside = answer.get("beside")
    listed = beside if isinstance(beside, list) else [beside]
    return [each for each in listed if isinstance(each, dict) and "model" in each]
