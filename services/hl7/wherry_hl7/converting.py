"""A verdict on messages whose sender waits for their translation becomes one that knows it."""

from dataclasses import replace
from datetime import datetime

import structlog

from wherry.errors import Failure
from wherry.hl7.ack import Error
from wherry.hl7.message import Message
from wherry_hl7.translate import translate
from wherry_hl7.triage import Judged, Verdict, answer_of

log = structlog.get_logger()

_BROKE = "internal error; the message was kept for a person"


def waits_for_it(verdict: Verdict) -> bool:
    """Whether the answer to any of the messages depends on its translation."""
    return any(_asks(one) for one in verdict.messages)


def converted(verdict: Verdict, *, received_at: datetime) -> Verdict:
    """The same, where messages that cannot be translated are set aside and refused."""
    judged = (_one(one, received_at) if _asks(one) else one for one in verdict.messages)
    return replace(verdict, messages=tuple(judged))


def _asks(one: Judged) -> bool:
    return one.policy.on == "converted" and one.code == "AA" and not one.arrival.aside


def _one(judged: Judged, received_at: datetime) -> Judged:
    try:
        message = Message.parse(judged.arrival.body, charset=judged.arrival.charset)
        translate(message, sender=judged.sender, received_at=received_at)
    except Failure as failure:
        return _refused(judged, str(failure), Error("207", failure.at, failure.detail))
    except Exception as error:  # the edge: a bug in a map must not make the sender send for ever
        log.error("translation_broke", error=type(error).__name__)
        return _refused(judged, f"fault: {type(error).__name__}", Error("207", "", _BROKE))
    return judged


def _refused(judged: Judged, reason: str, error: Error) -> Judged:
    code = judged.policy.content_ack
    said = None if code == "AA" else error
    arrival = replace(judged.arrival, aside=reason, answer=answer_of(code, said))
    return replace(judged, arrival=arrival, code=code, error=said)
