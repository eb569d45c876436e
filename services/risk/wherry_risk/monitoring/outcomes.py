"""Outcomes that arrived become what is known of earlier scores, by the rule of each question."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from wherry_risk.monitoring.seen import Seen


class Happening(StrEnum):
    """What may become of a patient, in the words of an outcome file."""

    DEATH_IN_HOSPITAL = "death_in_hospital"
    SEPSIS_ONSET = "sepsis_onset"
    READMISSION_30D = "readmission_30d"


@dataclass(frozen=True, slots=True)
class Outcome:
    """That it happened to a patient, or that it is known not to have; `at` when.

    Of what did not happen, `at` is until when somebody looked: a discharge alive, the end of a stay
    without sepsis, the thirtieth day. `encounter` is a FHIR id, or empty when it is not known.
    """

    patient: str
    encounter: str
    kind: Happening
    happened: bool
    at: datetime
    source: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What a model asks: which outcome, and which of a patient's scores it settles.

    `before` is how long before the outcome a score may lie to belong to it. A score whose own
    `within` ended without the outcome is a "no" once somebody looked for that long.
    """

    kind: Happening
    before: timedelta
    within: timedelta | None = None


STAY = timedelta(days=365)
"""A stay is not longer: an outcome settles all scores of the stay that it ends."""
SLACK = timedelta(days=1)
"""A readmission is settled by the scores at the discharge before it, which may be charted late."""

# By model: what it predicts, as its card defines it.
QUESTIONS: Mapping[str, Question] = {
    "icu-mortality-24h": Question(Happening.DEATH_IN_HOSPITAL, STAY),
    "icu-mortality-24h-full": Question(Happening.DEATH_IN_HOSPITAL, STAY),
    "readmission-30d": Question(Happening.READMISSION_30D, timedelta(days=30) + SLACK),
    "sepsis-6h": Question(Happening.SEPSIS_ONSET, STAY, within=timedelta(hours=6)),
    "sepsis-6h-vitals": Question(Happening.SEPSIS_ONSET, STAY, within=timedelta(hours=6)),
}


def settled(
    question: Question, seen: Sequence[Seen], outcomes: Sequence[Outcome]
) -> list[tuple[Seen, bool]]:
    """The scores of which the answer is known, each with it; refusals are none.

    The first outcome of this kind at or after a score is the one that it asked about. What nobody
    has looked at stays open: silence is no "no".
    """
    of: dict[str, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        if one.kind is question.kind:
            of[one.patient].append(one)
    for known in of.values():
        known.sort(key=lambda one: one.at)
    judged = ((one, _answer(question, one.at, of[one.patient])) for one in seen
              if one.probability is not None and one.patient in of)  # fmt: skip
    return [(one, answer) for one, answer in judged if answer is not None]


def _answer(question: Question, at: datetime, known: Sequence[Outcome]) -> bool | None:
    later = next((one for one in known if one.at >= at), None)
    if later is None or later.at - at > question.before:
        return None
    if question.within is None:
        return later.happened
    return later.happened and later.at - at <= question.within
