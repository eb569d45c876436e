"""Kept payloads are drained: translated, landed, and what was noted beside them kept."""

from collections.abc import Callable

from wherry import draining
from wherry.draining import STEADY, Pace
from wherry_devices.deps import Deps
from wherry_devices.duplicates.marking import mark
from wherry_devices.freshness.listening import Listening
from wherry_devices.intake.triage import SOURCE
from wherry_devices.translating import Beside, translated


def drain(
    deps: Deps,
    *,
    owner: str,
    pace: Pace = STEADY,
    stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Work off the payloads that wait; how and until when: `wherry.draining.drain`."""
    beside = Beside(Listening(deps.seen))
    try:
        ended = draining.drain(
            SOURCE,
            lambda kept: translated(kept, deps, beside),
            deps,
            owner=owner,
            pace=pace,
            stopping=stopping,
            noted=lambda written: deps.days.note(beside.days(written)),
            settling=beside.listening.write,
        )
    finally:
        deps.tally.add(beside.counts)
    mark(deps)
    return ended


def work_waits(deps: Deps) -> bool:
    """Whether there is a payload to work on, after those whose device was bound came back.

    Or a stored reading that may have become a duplicate.
    """
    release(deps)
    return payloads_wait(deps) or bool(deps.paths.to_check(limit=1))


def payloads_wait(deps: Deps) -> bool:
    """Whether there is a payload to work on."""
    return draining.work_waits(SOURCE, deps.desk)


def release(deps: Deps) -> int:
    """Put messages back whose device was bound since; returns how many."""
    ids = deps.bindings.released()
    count = deps.desk.replay(ids) if ids else 0
    if count:
        draining.wake(deps.queue, SOURCE)
    return count
