"""Time becomes a settled suite: the inbox is worked off, and the assessments are written."""

import time
from collections.abc import Callable, Mapping, Sequence

from wherry.errors import Failure, Kind
from wherry.ports import Fhir, State
from wherry.suite.demo.web import Service

STEP_S = 0.2
STANDSTILL_S = 60.0
ASSESSED_WITHIN_S = 30.0

Counts = Mapping[State, int]


def counts(hl7: Service) -> Counts:
    """How many messages stand where, over all sources."""
    sources = hl7.get("/v1/inbox/stats")["counts"].values()
    return {state: sum(source.get(state.value, 0) for source in sources) for state in State}


def until_stored(
    hl7: Service, before: Counts, *, progress: Callable[[int], None], worker: str = "hl7-worker"
) -> None:
    """Wait until nothing is left to do; `progress` hears how many messages are unfinished.

    Raises: Failure(UNAVAILABLE) when nothing moves for STANDSTILL_S, Failure(UNPROCESSABLE) when
    messages were set aside meanwhile.
    """
    left, moved_s = -1, time.monotonic()
    while True:
        now = counts(hl7)
        unfinished = now[State.WAITING] + now[State.CLAIMED]
        if unfinished != left:
            left, moved_s = unfinished, time.monotonic()
            progress(left)
        if not left:
            break
        if time.monotonic() - moved_s > STANDSTILL_S:
            raise Failure(Kind.UNAVAILABLE, f"{left} messages wait and nothing moves", at=worker)
        time.sleep(STEP_S)
    if aside := now[State.ASIDE] - before[State.ASIDE]:
        raise Failure(
            Kind.UNPROCESSABLE,
            f"{aside} messages were set aside; see `wherry inbox list --aside`",
            at=worker,
        )


def until_assessed(fhir: Fhir, patient_ids: Sequence[str]) -> None:
    """Wait until each has a RiskAssessment. Raises: Failure(UNAVAILABLE) when one does not come."""
    deadline_s = time.monotonic() + ASSESSED_WITHIN_S
    for patient_id in patient_ids:
        while not fhir.search("RiskAssessment", {"patient": patient_id, "_count": "1"}, limit=1):
            if time.monotonic() > deadline_s:
                raise Failure(Kind.UNAVAILABLE, "no RiskAssessment was written", at="risk-worker")
            time.sleep(STEP_S)
