"""The bytes of one MLLP block become arrivals to keep and the answer that their sender gets."""

import re
from dataclasses import dataclass

from wherry.errors import Failure
from wherry.hl7 import head as heads
from wherry.hl7.ack import Error
from wherry.hl7.batch import split
from wherry.hl7.head import Head
from wherry.hl7.message import Message
from wherry.ports import Arrival
from wherry_hl7.identity import patient_keys
from wherry_hl7.kinds import kind_of, known_by_name
from wherry_hl7.supported import codes, only_kept, supported

SOURCE = "hl7"
NOT_HL7 = "not_hl7"
_LABEL_CHARS = 120
_UNSAFE = re.compile(r"[^\x20-\x7e]")
_KIND = re.compile(r"[A-Z0-9]{2,4}(?:\^[A-Z0-9]{2,4})?")
_ANSWERS = frozenset({"ACK", "MCF", "NAK"})
_VERSION = re.compile(r"2\.\d(\.\d){0,2}")


@dataclass(frozen=True, slots=True)
class Policy:
    """What a site decided: the answer to types we only keep, the MSH-11 values it takes."""

    unsupported_ack: str = "AR"
    processing_ids: frozenset[str] = frozenset("PTD")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to keep and, after that is safe, what to answer; an empty `code` means no answer."""

    arrivals: tuple[Arrival, ...]
    code: str
    error: Error | None = None


@dataclass(frozen=True, slots=True)
class _Check:
    """The outcome of the checks on one message: code, reason to set it aside, what was wrong."""

    code: str
    aside: str = ""
    error: Error | None = None


_GOOD = _Check("AA")


def triage(payload: bytes, *, channel: str, policy: Policy) -> Verdict:
    """Judge one block by fast checks alone; whatever the verdict, all of it is kept.

    A block with several messages is kept as several and answered once, for the first.
    Source: HL7 v2.5.1 §2.9.2 (AE is content; AR is type, processing id or version).
    """
    judged = [_one(body, channel, policy) for body in split(payload)]
    arrivals = tuple(arrival for arrival, _ in judged)
    first = judged[0][1]
    return Verdict(arrivals, first.code, first.error)


def aside(body: bytes, reason: str, *, channel: str) -> Arrival:
    """Bytes that no translator will see, kept for a person."""
    return Arrival(SOURCE, body, channel, aside=reason)


def _one(body: bytes, channel: str, policy: Policy) -> tuple[Arrival, _Check]:
    try:
        head = heads.read(body)
    except Failure as failure:
        error = Error("100", failure.at, failure.detail)
        return aside(body, NOT_HL7, channel=channel), _Check("AR", NOT_HL7, error)
    keys: tuple[str, ...] = ()
    kind, check = known_by_name(head.component(9), head.component(9, 2)), _head(head, policy)
    if not check.aside:
        try:
            message = Message.parse(body)
        except Failure as failure:
            check = _content("102", failure.at, failure.detail)
        else:
            kind = kind_of(message)
            check, keys = _content_of(kind, message, policy)
    arrival = Arrival(
        SOURCE,
        body,
        channel,
        sender=_label(f"{head.component(3)}|{head.component(4)}"),
        kind=_label(kind),
        control_id=_label(head.control_id),
        keys=keys,
        aside=check.aside,
    )
    return arrival, check


def _head(head: Head, policy: Policy) -> _Check:
    """The checks on MSH, in the order in which a sender would want to hear of them."""
    if head.component(9).upper() in _ANSWERS:
        return _Check("", "acknowledgment: nothing here was waiting for it")
    version = head.component(12)
    if version and not _VERSION.fullmatch(version):
        return _Check(
            "AR", "unsupported: version", Error("203", "MSH-12", "this version is not supported")
        )
    processing = head.component(11)
    if processing and processing not in policy.processing_ids:
        return _Check(
            "AR",
            "unsupported: processing id",
            Error("202", "MSH-11", "this processing id is not accepted here"),
        )
    return _GOOD


def _content_of(kind: str, message: Message, policy: Policy) -> tuple[_Check, tuple[str, ...]]:
    """The checks on the message itself, and whose it is."""
    if kind not in supported():
        return _unsupported(kind, policy), ()
    if kind in only_kept():
        return _Check("AA", f"kept: nothing is made of {kind}"), ()
    check, keys = _segments(kind, message), patient_keys(message)
    if not check.aside and not keys and "PID" in supported()[kind]:
        check = _content("101", "PID-3", "there is no patient identifier")
    return check, keys


def _unsupported(said: str, policy: Policy) -> _Check:
    code_known = said.partition("^")[0] in codes()
    error = Error(
        "201" if code_known else "200", "MSH-9", "this message type is kept but not translated"
    )
    kind = said if _KIND.fullmatch(said) else "no known type"
    code = policy.unsupported_ack
    return _Check(code, f"unsupported: {kind}", None if code == "AA" else error)


def _segments(kind: str, message: Message) -> _Check:
    present = {segment.name for segment in message.segments}
    for name in supported()[kind]:
        if name not in present:
            return _content("101", name, f"the {name} segment is missing")
    return _GOOD


def _content(condition: str, at: str, text: str) -> _Check:
    return _Check("AE", f"content: {text}", Error(condition, at, text))


def _label(text: str) -> str:
    return _UNSAFE.sub("?", text)[:_LABEL_CHARS]
