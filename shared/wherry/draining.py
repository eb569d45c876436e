"""Kept messages of one source become FHIR: claim, translate, land, note who changed, settle."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import structlog

from wherry.desk import InboxDesk
from wherry.errors import Failure, Kind
from wherry.landing import Landed, land
from wherry.lease import Lease
from wherry.pausing import pause_s
from wherry.ports import Changes, Claim, Clock, Fhir, Inbox, Kept, Outcome, Queue, State
from wherry.resource import Translation

log = structlog.get_logger()

ALONE_AFTER = 3
"""After so many attempts messages land one by one: one that breaks the server holds up no other."""
PATIENCE = 10
"""After so many attempts a conflict is no longer somebody else being quicker: a person looks.

Not at the first one, though: the attempts before may have met a server that was away."""
_CONFLICTS = frozenset({Kind.STALE, Kind.CONFLICT})
_CONFLICT_WORDS = tuple(kind.name.lower() for kind in _CONFLICTS)  # how their reasons begin
_CONTENT = frozenset({Kind.INVALID, Kind.TOO_LARGE, Kind.UNPROCESSABLE, Kind.FAULT})

Translate = Callable[[Kept], Translation]
"""One kept message as FHIR. Raises: Failure; UNAVAILABLE when what it looks things up in is away,
anything else when the message cannot be translated."""
Noted = Callable[[Sequence[Kept]], None]
"""Told of messages that were written, before any is settled; told again after a crash between."""


class Needs(Protocol):
    """What draining takes from a service's Deps."""

    @property
    def inbox(self) -> Inbox:
        """Where the messages are."""
        ...

    @property
    def desk(self) -> InboxDesk:
        """The same, as an operator sees it."""
        ...

    @property
    def changes(self) -> Changes:
        """Where patients who changed are noted."""
        ...

    @property
    def queue(self) -> Queue:
        """Wakes the risk worker, and this one again."""
        ...

    @property
    def fhir(self) -> Fhir:
        """Where resources land."""
        ...

    @property
    def clock(self) -> Clock:
        """Says when a job has worked long enough."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """How much at a time: messages in one claim, seconds of its lease, seconds of one job."""

    limit: int = 50
    lease_s: float = 8.0
    budget_s: float = 60.0


STEADY = Pace()


def drain(
    source: str,
    translate: Translate,
    needs: Needs,
    *,
    owner: str,
    pace: Pace,
    stopping: Callable[[], bool],
    noted: Noted = lambda _: None,
    settling: Callable[[], None] = lambda: None,
) -> int:
    """Work until nothing can be claimed, the time is up or the FHIR server is away.

    `settling` is called before a claim is settled, for what has to be written down by then; after
    a crash it may be called again for the same messages.
    Returns how many messages ended as done or aside. Safe to run twice, and beside others.
    Raises: Failure(UNAVAILABLE) when the inbox is away; what was claimed is then claimed again.
    """
    began = needs.clock.now()
    until = began + timedelta(seconds=pace.budget_s)
    count = 0
    while not stopping():
        if not began <= needs.clock.now() < until:  # a clock that was set back ends it too
            wake(needs.queue, source)
            break
        claim = needs.inbox.claim(source, owner=owner, limit=pace.limit, lease_s=pace.lease_s)
        if claim is None:
            break
        with Lease(needs.inbox, claim, lease_s=pace.lease_s) as lease:
            outcomes = _worked(claim, needs, translate, lease, noted)
            if outcomes is None:
                log.warning("claim_lost", owner=owner, messages=len(claim.messages))
                break
            settling()
            needs.inbox.settle(claim, outcomes)
        count += sum(outcome.state is not State.WAITING for outcome in outcomes)
        if any(outcome.state is State.WAITING for outcome in outcomes):
            break
    return count


def work_waits(source: str, desk: InboxDesk) -> bool:
    """Whether a message of this source is still to be worked on; what the sweep asks."""
    return desk.oldest_waiting_s(source) > 0


def wake(queue: Queue, name: str) -> None:
    """A ticket is a hint: when the queue is away, the sweep finds the work."""
    with contextlib.suppress(Failure):
        queue.ticket(name)


def _worked(
    claim: Claim, needs: Needs, translate: Translate, lease: Lease, noted: Noted
) -> list[Outcome] | None:
    """How each message of the claim ended; None when the claim was lost before it was written."""
    outcomes: list[Outcome] = []
    ready: list[tuple[Kept, Translation]] = []
    for kept in claim.messages:
        made = _translated(kept, translate, claim.token)
        if isinstance(made, Translation):
            ready.append((kept, made))
            continue
        outcomes.append(made)
        if made.state is State.WAITING:
            break  # a later one of the same patient must not go first
    for group in _groups(ready):
        if not lease.held():
            return None
        landed = _landed(group, needs, claim.token, lease, noted)
        outcomes += landed
        if any(outcome.state is State.WAITING for outcome in landed):
            break
    met = {outcome.id for outcome in outcomes}
    left = [kept for kept in claim.messages if kept.id not in met]
    untried = [Outcome(kept.id, State.WAITING, tried=False) for kept in left]
    return [*outcomes, *untried]


def _translated(kept: Kept, translate: Translate, token: str) -> Translation | Outcome:
    try:
        return translate(kept)
    except Failure as failure:
        return _failed(kept, failure, token) if failure.kind.again else _set_aside(kept, failure)
    except Exception as error:  # the edge of the worker: one message must not stop the others
        log.error(
            "translation_broke",
            message_id=kept.id,
            error=type(error).__name__,
            where=_where(error),
        )
        return Outcome(kept.id, State.ASIDE, f"fault: {type(error).__name__}")


def _groups(
    ready: Sequence[tuple[Kept, Translation]],
) -> list[Sequence[tuple[Kept, Translation]]]:
    if any(kept.attempts >= ALONE_AFTER for kept, _ in ready):
        return [[one] for one in ready]
    return [ready] if ready else []


def _landed(
    group: Sequence[tuple[Kept, Translation]], needs: Needs, token: str, lease: Lease, noted: Noted
) -> list[Outcome]:
    """Land a group and note the patients that changed, before anything is settled.

    One that was tried before may have been written by a worker that died: its patients are noted
    even when nothing is written now.
    """
    results = land([translation for _, translation in group], needs.fhir, lease.held)
    written = [
        (kept, result.patients)
        for (kept, _), result in zip(group, results, strict=True)
        if isinstance(result, Landed) and (result.written or kept.attempts)
    ]
    if written:
        noted([kept for kept, _ in written])
    if changed := dict.fromkeys(patient for _, patients in written for patient in patients):
        needs.changes.mark(list(changed))
        wake(needs.queue, "risk")
    outcomes = [
        _done(kept, translation) if isinstance(result, Landed) else _failed(kept, result, token)
        for (kept, translation), result in zip(group, results, strict=True)
    ]
    log.info(
        "messages_landed",
        source=group[0][0].source,
        first_id=group[0][0].id,
        messages=len(group),
        resources=sum(result.written for result in results if isinstance(result, Landed)),
        warnings=sum(len(translation.warnings) for _, translation in group),
        unmapped=sum(len(translation.unmapped) for _, translation in group),
    )
    return outcomes


def _done(kept: Kept, translation: Translation) -> Outcome:
    """Done; or aside when a part of it could not be stored and a person has to look."""
    if not translation.aside:
        return Outcome(kept.id, State.DONE)
    log.warning("message_set_aside", message_id=kept.id, kind="PART", at=kept.source)
    return Outcome(kept.id, State.ASIDE, translation.aside, landed=True)


def _failed(kept: Kept, failure: Failure, token: str) -> Outcome:
    """Aside when the message is to blame; else it waits, longer each time."""
    conflicts = failure.kind in _CONFLICTS and kept.reason.startswith(_CONFLICT_WORDS)
    worn_out = conflicts and kept.attempts >= PATIENCE
    if failure.kind in _CONTENT or worn_out:
        return _set_aside(kept, failure)
    delay_s = pause_s(kept.attempts, at_least_s=failure.after_s, spread=token)
    log.warning(
        "landing_failed", message_id=kept.id, kind=failure.kind.name, at=failure.at, delay_s=delay_s
    )
    return Outcome(kept.id, State.WAITING, str(failure), delay_s=delay_s)


def _set_aside(kept: Kept, failure: Failure) -> Outcome:
    log.warning("message_set_aside", message_id=kept.id, kind=failure.kind.name, at=failure.at)
    return Outcome(kept.id, State.ASIDE, str(failure))


def _where(error: BaseException) -> str:
    """The place in the code, not the error's text, which may repeat what the message says."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace else ""
