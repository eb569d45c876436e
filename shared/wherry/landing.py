"""Translations become what is stored: read once, merged in order, written in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wherry import linking
from wherry.errors import Failure, Kind
from wherry.fhir.identity import full_url, search_url
from wherry.ports import Fhir
from wherry.recognising import searches
from wherry.resource import Entry, Translation
from wherry.stored import read
from wherry.writing import Plan

TRIES = 3
_RACED = frozenset({Kind.STALE, Kind.CONFLICT})

# Failures that one translation can cause; all others are the server's or ours, whoever asks.
_ITS_OWN = _RACED | {Kind.INVALID, Kind.TOO_LARGE, Kind.UNPROCESSABLE, Kind.FAULT}


@dataclass(frozen=True, slots=True)
class Landed:
    """What became of one translation: the ids of its patients, how many resources it changed."""

    patients: tuple[str, ...]
    written: int


def land(
    batch: Sequence[Translation], fhir: Fhir, ours: Callable[[], bool] = lambda: True
) -> list[Landed | Failure]:
    """Store translations in order, all in one transaction, and say what became of each.

    What is stored and says the same is not written again, so a batch may land any number of times.
    When the server refuses the transaction, halves are tried, so that only the translation that it
    refuses fails. When the server is away or lets nobody in, all that are left get that failure; so
    they do when one may be tried again, because a later one of its patient must not go first.

    `ours` says whether the batch is still the caller's to write. It is asked before each try again:
    whoever was overtaken while asleep must not merge what is old now into what came after it.
    """
    if not batch:
        return []
    try:
        return list(_together(batch, fhir, ours))
    except Failure as failure:
        if len(batch) == 1 or failure.kind not in _ITS_OWN:
            return [failure] * len(batch)
    middle = len(batch) // 2
    first, rest = land(batch[:middle], fhir, ours), batch[middle:]
    for one in first:
        if isinstance(one, Failure) and (one.kind.again or one.kind not in _ITS_OWN):
            return [*first, *([one] * len(rest))]
    return [*first, *land(rest, fhir, ours)]


def _together(batch: Sequence[Translation], fhir: Fhir, ours: Callable[[], bool]) -> list[Landed]:
    """One read, one merge, one write; again from the read when somebody else wrote in between."""
    entries = [entry for translation in batch for entry in translation.bundle["entry"]]
    also = {
        full_url(one.type, named["system"], named["value"]): search_url(one.type, named)
        for translation in batch
        for one in translation.merges
        for named in (one.old, one.new)
    }
    others = searches(batch)
    also |= others | linking.searches(batch)
    lenient = frozenset(
        (*others, *(url for one in batch for url, names in one.known_as.items() if names))
    )
    written = [0] * len(batch)
    resent: frozenset[str] = frozenset()
    wrote = False
    for left in reversed(range(TRIES)):
        if left < TRIES - 1 and not ours():
            raise Failure(Kind.UNAVAILABLE, "somebody else works on these messages", at="claim")
        plan = Plan(read(entries, fhir, also, lenient))
        if not wrote:  # only before we wrote ourselves is a record a sign of an earlier time
            resent = frozenset(url for url in _records(entries) if url in plan.stored.resources)
        changes = [_added(plan, translation, resent) for translation in batch]
        try:
            lost = plan.write(fhir)
        except Failure as failure:
            if failure.kind not in _RACED or not left:
                raise
            continue
        wrote = True
        written = [max(pair) for pair in zip(written, changes, strict=True)]
        if not lost:
            plan.carry_over(fhir)
            return [
                Landed(plan.patients(translation), count)
                for translation, count in zip(batch, written, strict=True)
            ]
    raise Failure(Kind.CONFLICT, "somebody else keeps writing the same resources", at="Bundle")


def _added(plan: Plan, translation: Translation, resent: frozenset[str]) -> int:
    """Merge one translation's resources in; how many of them change something."""
    entries = translation.bundle["entry"]
    again = any(url in resent or url in plan.changed for url in _records(entries))
    return plan.add(translation, resent=again)


def _records(entries: Sequence[Entry]) -> list[str]:
    """What is not known by an identifier has an id of our making: the record of one message."""
    return [entry["fullUrl"] for entry in entries if "?" not in entry["request"]["url"]]
