"""An index of a record becomes the candidates for one input, newest and best first."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from wherry.fhir.quality import Scored, scored
from wherry_risk.model.index import Index, Measured
from wherry_risk.model.observation import Valued
from wherry_risk.model.reading import Reading, Reason, value_of
from wherry_risk.model.spec import Code, InputSpec

SKEW = timedelta(minutes=5)
"""How far ahead of `at` a measurement may be before its clock is not believed."""

DOUBTS = frozenset({Reason.SUSPECT, Reason.SELF_ENTERED})
"""A value that could be read but, as its source tells us, must not be used here."""


class Candidate(NamedTuple):
    """A reading, or the reason why there is none, with what decides between several."""

    observed_at: datetime
    found: Reading | Reason
    preference: int
    paperwork: str
    reference: str


class Offered(NamedTuple):
    """Candidates, last those that are as if they had not been measured.

    Without any, why the last measurement was passed over, if there was one.
    """

    candidates: Sequence[Candidate]
    passed_over: Reason | None


class _Hit(NamedTuple):
    at: datetime
    measured: Measured
    valued: Valued
    code: Code
    preference: int


_NOBODY = (-1, Reason.NOT_FOUND)


def offered(spec: InputSpec, index: Index, *, at: datetime, self_entered: bool) -> Offered:
    """All candidates of an input with a window; of another one those of the deciding moment.

    `self_entered`: whether the model takes what was entered by hand.
    """
    hits, passed_over = _hits(spec, index, at)
    made: list[Candidate] = []
    unmeasured: list[Candidate] = []
    for _, same_time in groupby(hits, key=lambda hit: hit.at):
        group = []
        for hit in same_time:
            found = _found(spec, hit, self_entered=self_entered)
            if found is Reason.NO_VALUE:
                passed_over = max(passed_over, (hit.measured.place, Reason.NO_VALUE))
            elif Scored.UNMEASURED in scored(hit.measured.quality):
                unmeasured.append(_candidate(hit, found))
            else:
                group.append(_candidate(hit, found))
        if len(group) > 1:
            group.sort(key=lambda candidate: _worth(candidate, spec), reverse=True)
        made += group
        if made and spec.over is None:
            break
    return Offered([*made, *unmeasured], None if passed_over is _NOBODY else passed_over[1])


def _hits(spec: InputSpec, index: Index, at: datetime) -> tuple[list[_Hit], tuple[int, Reason]]:
    """What answers this input, newest first, each once and under its most preferred code."""
    hits: list[_Hit] = []
    passed_over = _NOBODY
    for measured, valued, code, preference in _answering(spec, index):
        if measured.at is None or measured.why is not None:
            why = measured.why or Reason.NO_TIME
        elif measured.at - at > SKEW:
            why = Reason.FUTURE
        else:
            hits.append(_Hit(measured.at, measured, valued, code, preference))
            continue
        passed_over = max(passed_over, (measured.place, why))
    hits.sort(key=lambda hit: hit.at, reverse=True)
    return hits, passed_over


def _answering(spec: InputSpec, index: Index) -> Iterator[tuple[Measured, Valued, Code, int]]:
    codes = [(preference, code) for preference, code in enumerate(spec.codes) if code in index]
    seen: set[int] = set()
    for preference, code in codes:
        for measured, valued in index[code]:
            if len(codes) > 1:  # the same value may have several of them
                if id(valued) in seen:
                    continue
                seen.add(id(valued))
            yield measured, valued, code, preference


def _found(spec: InputSpec, hit: _Hit, *, self_entered: bool) -> Reading | Reason:
    """The reading; a doubt about it only where there is one to doubt."""
    value = value_of(hit.valued, hit.code, spec)
    if isinstance(value, Reason):
        return value
    quality = hit.measured.quality
    said = scored(quality)
    if Scored.UNMEASURED in said or Scored.DOUBTFUL in said:
        return Reason.SUSPECT
    if Scored.ASKED in said and not self_entered:
        return Reason.SELF_ENTERED
    return Reading(spec.name, *value, hit.at, hit.measured.reference, hit.code, quality)


def _candidate(hit: _Hit, found: Reading | Reason) -> Candidate:
    measured = hit.measured
    return Candidate(hit.at, found, hit.preference, measured.paperwork, measured.reference)


def _worth(candidate: Candidate, spec: InputSpec) -> tuple[float, int, str, str]:
    """What decides between candidates of the same moment; the greatest comes first.

    Coded: the worst answer, and an unreadable one before the best, so that "alert" never hides it.
    Numbers: a readable one, then the preferred code, then the later issued.
    """
    tail = (-candidate.preference, candidate.paperwork, candidate.reference)
    readable = isinstance(candidate.found, Reading)
    if not spec.worst_first:
        return (float(readable), *tail)
    last = len(spec.worst_first) - 1
    if isinstance(candidate.found, Reading):
        return (-float(spec.worst_first.index(str(candidate.found.value))), *tail)
    return (0.5 - last, *tail)
