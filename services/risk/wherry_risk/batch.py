"""POST /v1/scores/batch: many patients, one model; each gets its own verdict or its own problem."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response

from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry.web.body import json_object
from wherry_risk.answer import answered
from wherry_risk.asked import Asked, asked_of_many
from wherry_risk.deps import Deps, deps
from wherry_risk.lifecycle.shadowing import shadow
from wherry_risk.recording import keep_all
from wherry_risk.scoring import Answered, answer_to, models_of

BUDGET_S = 20.0
"""Seconds after which whoever is left is told to ask again: a caller waits no longer."""
AWAY = frozenset({Kind.UNAVAILABLE, Kind.UNCERTAIN})

bp = Blueprint("batch", __name__)


@bp.post("/v1/scores/batch")
def batch() -> Response:
    """Score each; what is wrong with one is said of that one, and the others are answered."""
    model, questions = asked_of_many(json_object())
    models_of(model, deps())
    ends = _ends(questions, deps())
    told = [end for end in ends if isinstance(end, Answered)]
    ids = keep_all([one.verdicts for one in told], deps(), asked_by="request")
    _shadowed(questions, ends, ids, deps())
    kept = iter(ids)
    body = {
        "model": model,
        "answered": len(told),
        "problems": len(ends) - len(told),
        "answers": [
            _answer(end, next(kept)) if isinstance(end, Answered) else _problem(end) for end in ends
        ],
    }
    return Response(encode(body), content_type="application/json")


def _ends(questions: Sequence[Asked | Failure], needs: Deps) -> list[Answered | Failure]:
    """How each ended, in their order; once the FHIR server is away nobody else waits for it."""
    until = needs.ticks() + BUDGET_S
    away: Failure | None = None
    ends: list[Answered | Failure] = []
    for asked in questions:
        if isinstance(asked, Failure):
            ends.append(asked)
        elif needs.ticks() > until:
            ends.append(Failure(Kind.UNAVAILABLE, "not reached in time; ask again", at="batch"))
        elif away is not None and asked.resources is None:
            ends.append(away)
        else:
            end = _end(asked, needs)
            ends.append(end)
            if isinstance(end, Failure) and end.kind in AWAY:
                away = end
    return ends


def _shadowed(
    questions: Sequence[Asked | Failure],
    ends: Sequence[Answered | Failure],
    ids: Sequence[dict[str, str]],
    needs: Deps,
) -> None:
    """Versions on trial score each of them too."""
    kept = iter(ids)
    for asked, end in zip(questions, ends, strict=True):
        if isinstance(end, Answered) and isinstance(asked, Asked):
            beside = next(kept)[end.judged.spec.id]
            shadow(end, asked, needs, asked_by="request", beside=beside)


def _end(asked: Asked, needs: Deps) -> Answered | Failure:
    try:
        return answer_to(asked, needs)
    except Failure as failure:
        return failure


def _answer(told: Answered, ids: dict[str, str]) -> dict[str, Any]:
    body = answered(told.judged, told.beside, told.instead, told.also, records=ids)
    return {"status": "answered", "answer": body}


def _problem(failure: Failure) -> dict[str, Any]:
    told: dict[str, Any] = {
        "code": failure.kind.issue,
        "text": failure.detail,
        "again": failure.kind.again,
    }
    return {"status": "problem", "problem": told | ({"at": failure.at} if failure.at else {})}
