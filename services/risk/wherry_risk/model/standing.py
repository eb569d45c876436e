"""A stored RiskAssessment becomes what it says, and a kept verdict what was corrected since."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal, InvalidOperation
from typing import Any

from wherry.resource import Resource
from wherry_risk.model.facts import Facts
from wherry_risk.model.moments import moment
from wherry_risk.model.reading import Reason
from wherry_risk.model.recording import Body
from wherry_risk.model.risk_assessment import MODEL, SCORE, TIER
from wherry_risk.model.withdrawal import UNDONE, rests_on
from wherry_risk.model.writing import Stand, Standing

_OBSERVED = "Observation/"


def stand_of(assessment: Resource) -> Stand | None:
    """What it says; None when it is not as we write them."""
    try:
        prediction = assessment["prediction"][0]
        newest = moment(assessment["occurrenceDateTime"])
        score = _value(prediction["extension"], SCORE)["valueDecimal"]
        if newest is None:
            return None
        return Stand(
            version=_coding(assessment["method"], MODEL)["version"],
            status=assessment["status"],
            tier=_coding(prediction["qualitativeRisk"], TIER)["code"],
            score=Decimal(score),
            newest=newest,
        )
    except (KeyError, IndexError, TypeError, StopIteration, InvalidOperation):
        return None


def standing_of(
    stored: Sequence[Resource], gone: AbstractSet[str], kept: Body | None, facts: Facts
) -> Standing:
    """How the newest of a model's stored assessments stands; `stored` comes newest first.

    `gone` are references of withdrawn Observations, `kept` is what the newest one was made from.
    Without that, nobody knows whether it still holds, and it counts as corrected.
    """
    if not stored:
        return Standing()
    newest = stored[0]
    withdrawn = newest.get("status") in UNDONE or rests_on(newest, gone, kept=frozenset())
    says = stand_of(newest)
    return Standing(says, withdrawn, corrected=kept is None or corrected(kept, facts))


def corrected(kept: Body, facts: Facts) -> bool:
    """Whether an Observation that counted then says something else now, or cannot be used any more.

    One that grew too old or fell out of the window was not corrected.
    """
    now = dict(_now(facts))
    lost = {
        one.reference
        for one in (*facts.missing.values(), *facts.unused)
        if one.reason is not Reason.STALE
    }
    for name, reference, said in _then(kept):
        if (name, reference) in now:
            if now[name, reference] != said:
                return True
        elif reference in lost:
            return True
    return False


def _then(kept: Body) -> Iterator[tuple[str, str, tuple[Any, Any]]]:
    for name, one in kept.used.items():
        if one.reference.startswith(_OBSERVED):
            yield name, one.reference, (one.value, one.observed_at)
    for name, values in kept.series.items():
        for value in values:
            if value.reference.startswith(_OBSERVED):
                yield name, value.reference, (value.value, value.observed_at)


def _now(facts: Facts) -> Iterator[tuple[tuple[str, str], tuple[Any, Any]]]:
    for name, readings in facts.series.items():
        for one in readings:
            yield (name, one.reference), (one.value, one.observed_at)
    for name, one in facts.used.items():
        yield (name, one.reference), (one.value, one.observed_at)


def _coding(concept: Resource, system: str) -> Resource:
    return next(each for each in concept["coding"] if each.get("system") == system)


def _value(extensions: Sequence[Resource], url: str) -> Resource:
    return next(each for each in extensions if each.get("url") == url)
