"""The bytes of one block become arrivals to keep and the answers that their sender gets."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace

from wherry.errors import Failure
from wherry.hl7 import batch
from wherry.hl7 import head as heads
from wherry.hl7.ack import NOBODY, Error
from wherry.hl7.head import Head
from wherry.hl7.message import Message
from wherry.hl7.outline import Outline, outline
from wherry.ports import Arrival, Reuse
from wherry.repeats import USED_AGAIN
from wherry_hl7.identity import Naming, facility, patient_keys
from wherry_hl7.kinds import kind_of, known_by_name
from wherry_hl7.mapping.profile import Acknowledge
from wherry_hl7.sender_labels import label, sender_of
from wherry_hl7.senders import Senders
from wherry_hl7.supported import codes, only_kept, supported
from wherry_hl7.translate.sender import DEFAULT, Sender

SOURCE = "hl7"
NOT_HL7 = "not_hl7"
_KIND = re.compile(r"[A-Z0-9]{2,4}(?:\^[A-Z0-9]{2,4})?")
_WHOLE_KIND = re.compile(r"[A-Z0-9]+\^[A-Z0-9]+")  # nothing to unescape, no event to look for
_ANSWERS = frozenset({"ACK", "MCF", "NAK"})
_VERSION = re.compile(r"2\.\d(\.\d){0,2}")


@dataclass(frozen=True, slots=True)
class Policy:
    """What a site decided, where a sender's profile says nothing else.

    The answers to types that are only kept and to content that cannot be used; the MSH-11 values
    that are taken; when a message is acknowledged (`on`) and how a block of several is (`batch`);
    what becomes of a control id that is used again (wherry_hl7.mapping.profile.Profile).
    """

    unsupported_ack: str = "AR"
    processing_ids: frozenset[str] = frozenset("PTD")
    content_ack: str = "AE"
    on: str = "received"
    batch: str = "together"
    duplicates: str = "process"

    def of(self, sender: Sender) -> "Policy":
        """The same with what the sender's profile says."""
        said = sender.acknowledge
        if said == _NOTHING_SAID and not sender.duplicates:
            return self
        return replace(
            self,
            unsupported_ack=said.unsupported or self.unsupported_ack,
            content_ack=said.content_error or self.content_ack,
            on=said.on or self.on,
            batch=said.batch or self.batch,
            duplicates=sender.duplicates or self.duplicates,
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """One message: what to keep, what to answer once that is safe; an empty `code` is no answer."""

    arrival: Arrival
    code: str
    error: Error | None = None
    sender: Sender = DEFAULT
    policy: Policy = Policy()
    head: Head | None = field(default=None, repr=False, compare=False)  # where it was read already


@dataclass(frozen=True, slots=True)
class Verdict:
    """The messages of one block, and the envelope around them if there is one."""

    messages: tuple[Judged, ...]
    header: bytes = field(default=b"", repr=False)
    remarks: tuple[str, ...] = ()

    @property
    def arrivals(self) -> tuple[Arrival, ...]:
        """What to keep, in order."""
        return tuple(one.arrival for one in self.messages)

    @property
    def code(self) -> str:
        """The answer to the first message."""
        return self.messages[0].code if self.messages else ""

    @property
    def error(self) -> Error | None:
        """What is wrong with the first message."""
        return self.messages[0].error if self.messages else None


@dataclass(frozen=True, slots=True)
class _Check:
    """The outcome of the checks on one message: code, reason to set it aside, what was wrong."""

    code: str
    aside: str = ""
    error: Error | None = None


_LOOKED_AT = frozenset({b"EVN", b"PID", b"MRG", b"DSC"})
_NOTHING_SAID = Acknowledge()
_GOOD = _Check("AA")
# What becomes of a message whose control id stood for other bytes before, by the policy.
_REUSE = {
    "reject": Reuse("duplicate: the control id was used before", USED_AGAIN),
    "replay": Reuse("duplicate: answered as the first message of this control id"),
}


def triage(
    payload: bytes,
    *,
    channel: str,
    policy: Policy,
    senders: Senders = Senders(),  # noqa: B008 - frozen
    charset: str = "",
) -> Verdict:
    """Judge one block by fast checks alone; whatever the verdict, all of it is kept.

    A block may hold several messages, in an envelope or without; each is judged by itself.
    `charset` is a Python codec that the carrier named; it goes before MSH-18.
    Source: HL7 v2.5.1 §2.9.2 (AE is content; AR is type, processing id or version).
    """
    found = batch.read(payload)
    judged = tuple(_one(body, channel, policy, senders, charset) for body in found.bodies)
    return Verdict(judged, found.header, found.remarks)


def aside(body: bytes, reason: str, *, channel: str) -> Arrival:
    """Bytes that no translator will see, kept for a person."""
    return Arrival(SOURCE, body, channel, aside=reason)


def answer_of(code: str, error: Error | None) -> str:
    """An answer as the inbox remembers it: AA, or AE 101."""
    return f"{code} {error.condition}" if error else code


def _one(body: bytes, channel: str, site: Policy, senders: Senders, charset: str) -> Judged:
    try:
        head = heads.read(body)
    except Failure as failure:
        error = Error("100", failure.at, failure.detail)
        return Judged(aside(body, NOT_HL7, channel=channel), "AR", error, policy=site, head=NOBODY)
    sender = senders.by(head.component, channel)
    policy = site.of(sender)
    keys: tuple[str, ...] = ()
    kind, check = known_by_name(head.component(9), head.component(9, 2)), _head(head, policy)
    if not check.aside:
        try:
            found = outline(body, head, _LOOKED_AT, charset=charset)
        except Failure as failure:
            check = _content("102", failure.at, failure.detail, policy)
        else:
            if not _WHOLE_KIND.fullmatch(kind):
                kind = kind_of(found.message)
            check, keys = _content_of(kind, found, policy, sender)
    arrival = Arrival(
        SOURCE,
        body,
        channel,
        sender=sender_of(head),
        kind=label(kind),
        control_id=label(head.control_id),
        keys=keys,
        aside=check.aside,
        charset=charset,
        answer=answer_of(check.code, check.error),
        reused=_REUSE.get(policy.duplicates),
    )
    return Judged(arrival, check.code, check.error, sender, policy, head)


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


def _content_of(
    kind: str, found: Outline, policy: Policy, sender: Sender
) -> tuple[_Check, tuple[str, ...]]:
    """The checks on the message itself, and whose it is."""
    if kind not in supported():
        return _unsupported(kind, policy), ()
    if kind in only_kept():
        return _Check("AA", f"kept: nothing is made of {kind}"), ()
    message, present = found.message, found.names
    if part := _part_of_more(message, present):
        said = "a message in several parts is not put together here"
        return _refused(
            policy.unsupported_ack, f"unsupported: {part}", Error("200", part, said)
        ), ()
    keys = patient_keys(message, Naming(facility(message), sender.systems, sender.trust))
    for name in supported()[kind]:
        if name not in present:
            return _content("101", name, f"the {name} segment is missing", policy), keys
    if not keys and not sender.unidentified and "PID" in supported()[kind]:
        return _content("101", "PID-3", "there is no patient identifier", policy), keys
    return _GOOD, keys


def _part_of_more(message: Message, present: Collection[str]) -> str:
    """The segment that says that the rest is in another message.

    MSH-14 alone does not say so: senders write all sorts of things there.
    Source: HL7 v2.5.1 §2.10.2 (continuation), §2.15.1 (ADD), §2.15.4 (DSC).
    """
    if "ADD" in present:
        return "ADD"
    dsc = message.first("DSC") if "DSC" in present else None
    return "DSC" if dsc is not None and dsc.text(1) else ""


def _unsupported(said: str, policy: Policy) -> _Check:
    code_known = said.partition("^")[0] in codes()
    error = Error(
        "201" if code_known else "200", "MSH-9", "this message type is kept but not translated"
    )
    kind = said if _KIND.fullmatch(said) else "no known type"
    return _refused(policy.unsupported_ack, f"unsupported: {kind}", error)


def _content(condition: str, at: str, text: str, policy: Policy) -> _Check:
    return _refused(policy.content_ack, f"content: {text}", Error(condition, at, text))


def _refused(code: str, aside: str, error: Error) -> _Check:
    """Set aside; a sender that is told AA all the same is not told what was wrong."""
    return _Check(code, aside, None if code == "AA" else error)
