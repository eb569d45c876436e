"""What was noted as changed is worked off, value by value; what fails is tried again later."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

import structlog

from wherry.errors import Failure, Kind
from wherry.pausing import LONGEST_S, pause_s
from wherry_devices.deps import Deps
from wherry_devices.derivation.days import Lent
from wherry_devices.derivation.derived import rederive

log = structlog.get_logger()

_AWAY = frozenset({Kind.UNAVAILABLE, Kind.UNCERTAIN, Kind.UNAUTHENTICATED, Kind.FORBIDDEN})


@dataclass(frozen=True, slots=True)
class Pace:
    """How long what changed is left to go quiet, how long one value may take, how many days.

    `budget_s` are the seconds of one job: what is left after them is left for the next one.
    """

    quiet_s: float = 5.0
    lease_s: float = 120.0
    limit: int = 100
    budget_s: float = 30.0


STEADY = Pace()


def derive(
    deps: Deps,
    *,
    owner: str,
    pace: Pace = STEADY,
    stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Derive what is due again; returns how many values, each of one patient.

    Ends when nothing is due, when the FHIR server is away or the time is up, or after the first
    value once `stopping` says so: what is always behind still gets on. Raises: Failure(UNAVAILABLE)
    when the notes are away.
    """
    count, began = 0, deps.clock.now()
    until = began + timedelta(seconds=pace.budget_s)
    while groups := _lent(deps, owner, pace):
        for place, group in enumerate(groups, 1):
            answers = _worked(deps, group, pace)
            count += answers
            in_time = began <= deps.clock.now() < until  # a clock that was set back ends it too
            if not answers or not in_time or stopping():
                _give_back(deps, groups[place:])
                return count
    return count


def _lent(deps: Deps, owner: str, pace: Pace) -> list[list[Lent]]:
    """What is due, in groups of one value of one patient."""
    lent = deps.days.due(owner=owner, limit=pace.limit, quiet_s=pace.quiet_s, lease_s=pace.lease_s)
    return [list(some) for _, some in groupby(sorted(lent, key=_order), key=_value)]


def _worked(deps: Deps, group: Sequence[Lent], pace: Pace) -> bool:
    """Derive one value, and settle or put off; False when the FHIR server is away."""
    what = group[0].touched.what
    attempts = max(one.attempts for one in group)
    try:
        rederive(deps, group, lease_s=pace.lease_s)
    except Failure as failure:
        log.warning("deriving_failed", what=what, kind=failure.kind.name, at=failure.at)
        pause = pause_s(attempts, at_least_s=failure.after_s, spread=group[0].token)
        deps.days.put_off(group, pause_s=pause, reason=failure.kind.name.lower())
        return failure.kind not in _AWAY
    except Exception as error:  # the edge of the worker: one patient must not stop the others
        log.error("deriving_broke", what=what, error=type(error).__name__)
        deps.days.put_off(group, pause_s=LONGEST_S, reason=f"fault: {type(error).__name__}")
    return True


def _give_back(deps: Deps, groups: Iterable[Sequence[Lent]]) -> None:
    for group in groups:
        deps.days.put_off(group, pause_s=0)


def _order(one: Lent) -> tuple[str, str, date]:
    return one.touched.patient, one.touched.what, one.touched.day


def _value(one: Lent) -> tuple[str, str]:
    return one.touched.patient, one.touched.what
