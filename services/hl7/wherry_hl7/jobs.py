"""Kept HL7 messages become FHIR: parsed, translated, and the rest is what all sources share."""

from collections import Counter
from collections.abc import Callable

from wherry import draining
from wherry.draining import STEADY, Pace
from wherry.hl7.message import Message
from wherry.ports import Kept
from wherry.resource import Translation
from wherry_hl7.deps import Deps
from wherry_hl7.senders import Senders
from wherry_hl7.translate import translate
from wherry_hl7.triage import SOURCE


def drain(
    deps: Deps,
    *,
    owner: str,
    senders: Senders = Senders(),  # noqa: B008 - frozen
    pace: Pace = STEADY,
    stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Work off the HL7 messages that wait; how and until when: `wherry.draining.drain`."""

    def translated(kept: Kept) -> Translation:
        message = Message.parse(kept.body, charset=kept.charset)
        sender = senders.of(message, kept.channel)
        made = translate(message, sender=sender, received_at=kept.received_at)
        for table, times in made.unknown_codes.items():
            unknown[kept.sender, table] += times
        return made

    unknown: Counter[tuple[str, str]] = Counter()
    done = draining.drain(
        SOURCE,
        translated,
        deps,
        owner=owner,
        pace=pace,
        stopping=stopping,
    )
    deps.tally.add(unknown)
    return done


def work_waits(deps: Deps) -> bool:
    """Whether an HL7 message is still to be worked on; what the sweep asks."""
    return draining.work_waits(SOURCE, deps.desk)
