"""Kept messages become FHIR: claim, translate, land, note who changed, settle; then the next."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from wherry.errors import Failure, Kind
from wherry.hl7.message import Message
from wherry.landing import Landed, land
from wherry.ports import Claim, Kept, Outcome, State
from wherry.resource import Translation
from wherry_hl7.deps import Deps
from wherry_hl7.lease import Lease
from wherry_hl7.translate import DEFAULT, Sender, translate
from wherry_hl7.triage import SOURCE

log = structlog.get_logger()

ALONE_AFTER = 3
"""After so many attempts messages land one by one: one that breaks the server holds up no other."""
PATIENCE = 10
"""After so many attempts a conflict is no longer somebody else being quicker: a person looks."""
_LONGEST_DELAY_S = 300.0
_CONFLICTS = frozenset({Kind.STALE, Kind.CONFLICT})
_CONTENT = frozenset({Kind.INVALID, Kind.TOO_LARGE, Kind.UNPROCESSABLE, Kind.FAULT})


@dataclass(frozen=True, slots=True)
class Pace:
    """How much at a time: messages in one claim, seconds of its lease, seconds of one job."""

    limit: int = 50
    lease_s: float = 8.0
    budget_s: float = 60.0
    brake: int = 100


@dataclass(slots=True)
class Brake:
    """Messages set aside in a row; from the limit on one at a time is tried, until one passes."""

    limit: int = 100
    in_a_row: int = 0

    @property
    def on(self) -> bool:
        """Whether so many failed that the mapping, and not the messages, must be wrong."""
        return self.in_a_row >= self.limit

    def note(self, outcomes: Sequence[Outcome]) -> None:
        """Count what ended; messages that go back to waiting say nothing."""
        was_on = self.on
        for outcome in outcomes:
            if outcome.state is State.DONE:
                self.in_a_row = 0
            elif outcome.state is State.ASIDE:
                self.in_a_row += 1
        if self.on and not was_on:
            log.error("brake_applied", set_aside_in_a_row=self.in_a_row)


def drain(
    deps: Deps,
    *,
    owner: str,
    sender: Sender = DEFAULT,
    pace: Pace = Pace(),
    brake: Brake | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Work until nothing can be claimed, the time is up or the FHIR server is away.

    Returns how many messages ended as done or aside. Safe to run twice, and beside others.
    Raises: Failure(UNAVAILABLE) when the inbox is away; what was claimed is then claimed again.
    """
    brake = brake or Brake(pace.brake)
    until = deps.clock.now() + timedelta(seconds=pace.budget_s)
    ended = 0
    while not stopping():
        if deps.clock.now() >= until:
            _wake(deps, SOURCE)
            break
        limit = 1 if brake.on else pace.limit
        claim = deps.inbox.claim(SOURCE, owner=owner, limit=limit, lease_s=pace.lease_s)
        if claim is None:
            break
        with Lease(deps.inbox, claim, lease_s=pace.lease_s) as lease:
            outcomes = _worked(claim, deps, sender, lease)
            if outcomes is None:
                log.warning("claim_lost", owner=owner, messages=len(claim.messages))
                break
            deps.inbox.settle(claim, outcomes)
        brake.note(outcomes)
        ended += sum(outcome.state is not State.WAITING for outcome in outcomes)
        if brake.on or any(outcome.state is State.WAITING for outcome in outcomes):
            break
    return ended


def work_waits(deps: Deps) -> bool:
    """Whether a message is still to be worked on; what the sweep asks."""
    return deps.desk.oldest_waiting_s() > 0


def _worked(claim: Claim, deps: Deps, sender: Sender, lease: Lease) -> list[Outcome] | None:
    """How each message of the claim ended; None when the claim was lost before it was written."""
    outcomes: list[Outcome] = []
    ready: list[tuple[Kept, Translation]] = []
    for kept in claim.messages:
        made = _translated(kept, sender)
        if isinstance(made, Outcome):
            outcomes.append(made)
        else:
            ready.append((kept, made))
    for group in _groups(ready):
        if not lease.held():
            return None
        ended = _landed(group, deps)
        outcomes += ended
        if any(outcome.state is State.WAITING for outcome in ended):
            break
    met = {outcome.id for outcome in outcomes}
    left = [kept for kept in claim.messages if kept.id not in met]
    return [*outcomes, *(Outcome(kept.id, State.WAITING, tried=False) for kept in left)]


def _translated(kept: Kept, sender: Sender) -> Translation | Outcome:
    try:
        message = Message.parse(kept.body)
        return translate(message, sender=sender, received_at=kept.received_at)
    except Failure as failure:
        return _set_aside(kept, failure)
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


def _landed(group: Sequence[tuple[Kept, Translation]], deps: Deps) -> list[Outcome]:
    """Land a group and note the patients that changed, before anything is settled.

    One that was tried before may have been written by a worker that died: its patients are noted
    even when nothing is written now.
    """
    results = land([translation for _, translation in group], deps.fhir)
    changed = dict.fromkeys(
        patient
        for (kept, _), result in zip(group, results, strict=True)
        if isinstance(result, Landed) and (result.written or kept.attempts)
        for patient in result.patients
    )
    if changed:
        deps.changes.mark(list(changed))
        _wake(deps, "risk")
    outcomes = [
        Outcome(kept.id, State.DONE) if isinstance(result, Landed) else _failed(kept, result)
        for (kept, _), result in zip(group, results, strict=True)
    ]
    log.info(
        "messages_landed",
        first_id=group[0][0].id,
        messages=len(group),
        resources=sum(result.written for result in results if isinstance(result, Landed)),
        warnings=sum(len(translation.warnings) for _, translation in group),
        unmapped=sum(len(translation.unmapped) for _, translation in group),
    )
    return outcomes


def _failed(kept: Kept, failure: Failure) -> Outcome:
    """Aside when the message is to blame; else it waits, longer each time."""
    worn_out = failure.kind in _CONFLICTS and kept.attempts >= PATIENCE
    if failure.kind in _CONTENT or worn_out:
        return _set_aside(kept, failure)
    delay_s = min(_LONGEST_DELAY_S, 2.0 ** min(kept.attempts, 16))
    log.warning(
        "landing_failed", message_id=kept.id, kind=failure.kind.name, at=failure.at, delay_s=delay_s
    )
    return Outcome(kept.id, State.WAITING, str(failure), delay_s=delay_s)


def _set_aside(kept: Kept, failure: Failure) -> Outcome:
    log.warning("message_set_aside", message_id=kept.id, kind=failure.kind.name, at=failure.at)
    return Outcome(kept.id, State.ASIDE, str(failure))


def _wake(deps: Deps, name: str) -> None:
    """A ticket is a hint: when the queue is away, the sweep finds the work."""
    with contextlib.suppress(Failure):
        deps.queue.ticket(name)


def _where(error: BaseException) -> str:
    """The place in the code, not the error's text, which may repeat what the message says."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace else ""
