"""A payload and a verdict on it become the acknowledgment that goes back to its sender."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from wherry.errors import Failure
from wherry.hl7 import head as heads
from wherry.hl7.delimiters import STANDARD, Delimiters
from wherry.hl7.escapes import escape
from wherry.hl7.head import Head

# Source: HL7 table 0357, message error condition codes (v2.5.1 §2.16.5)
CONDITIONS = {
    "0": "Message accepted",
    "100": "Segment sequence error",
    "101": "Required field missing",
    "102": "Data type error",
    "103": "Table value not found",
    "104": "Value too long",
    "200": "Unsupported message type",
    "201": "Unsupported event code",
    "202": "Unsupported processing id",
    "203": "Unsupported version id",
    "204": "Unknown key identifier",
    "205": "Duplicate key identifier",
    "206": "Application record locked",
    "207": "Application internal error",
}

_OURSELVES = "WHERRY"
_PLACE = re.compile(r"([A-Z][A-Z0-9]{2})(?:-(\d+))?")
_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")
_NEWEST_KNOWN = (2, 5, 1)
NOBODY = Head(0, STANDARD, ())
"""The MSH of a payload in which none can be read."""
_ECHOED = (2, 3, 4, 5, 6, 11, 12, 18)  # what our own MSH is made of, beside the event
_TIME, _ID = "\ue000", "\ue001"  # stand in a template; a byte never reads as one of them
_LONG_CHARS = 1000  # a longer one is not remembered


@dataclass(frozen=True, slots=True)
class Error:
    """What was wrong: a code of table 0357, a place such as PID-3, words without patient data."""

    condition: str
    at: str
    text: str


def build(
    payload: bytes, code: str, *, at: datetime, id_: str, text: str = "", error: Error | None = None
) -> bytes:
    """The acknowledgment of this payload, as `of` makes it."""
    return of(head_of(payload), code, at=at, id_=id_, text=text, error=error)


def head_of(payload: bytes) -> Head:
    """The MSH that an acknowledgment answers; one without anything when none can be read."""
    try:
        return heads.read(payload)
    except Failure:
        return NOBODY


def of(
    head: Head, code: str, *, at: datetime, id_: str, text: str = "", error: Error | None = None
) -> bytes:
    """The acknowledgment of the message with this MSH, in its own delimiters and charset.

    `code` is of table 0008: AA, AE, AR, or CA, CE, CR at the accept level. MSA follows MSH directly
    and MSA-2 is MSH-10 byte for byte; MSH-13 comes back in MSA-4. Without a readable MSH the answer
    has our own and an empty MSA-2.
    Source: HL7 v2.5.1 §2.9.2, §2.15.5 (ERR), §2.15.8 (MSA); ERR before v2.5: v2.4 §2.16.5.
    """
    mark = head.delimiters
    msa = ["MSA", code, head.control_id]
    sequence = head.field(13)
    if text or sequence:
        msa.append(escape(text, mark))
    if sequence:
        msa.append(sequence)
    segments = [_msh(head, at, id_), mark.field.join(msa)]
    if error:
        segments.append(_err(head, error))
    return "".join(f"{segment}\r" for segment in segments).encode("latin-1", "replace")


def _msh(head: Head, at: datetime, id_: str) -> str:
    said = tuple(map(head.field, _ECHOED))
    event, version = head.component(9, 2), _version(head)
    short = sum(map(len, said)) + len(event) < _LONG_CHARS
    make = _template if short else _template.__wrapped__
    made = make(head.delimiters, bool(head.remark), said, event, version)
    return made.replace(_TIME, at.strftime("%Y%m%d%H%M%S%z"), 1).replace(_ID, id_, 1)


@lru_cache(maxsize=1024)
def _template(
    mark: Delimiters, odd: bool, said: tuple[str, ...], event: str, version: tuple[int, ...]
) -> str:
    """Our MSH without its time and id: the same for all messages of a sender and an event."""
    encoding, sender, facility, receiver, its_facility, processing, version_id, charset = said
    fields = [
        "MSH",
        ("" if odd else encoding) or mark.encoding,
        receiver or _OURSELVES,
        its_facility,
        sender,
        facility,
        _TIME,
        "",
        _message_type(event, version, mark),
        _ID,
        processing or "P",
        version_id or "2.5.1",
    ]
    if charset:
        fields += [""] * 5 + [charset]
    return mark.field.join(fields)


def _message_type(event: str, version: tuple[int, ...], mark: Delimiters) -> str:
    """ACK alone before v2.3.1, with the trigger from there on, with the structure from v2.4 on."""
    if not event or version < (2, 3, 1):
        return "ACK"
    parts = ["ACK", event] if version < (2, 4) else ["ACK", event, "ACK"]
    return mark.component.join(parts)


def _err(head: Head, error: Error) -> str:
    mark = head.delimiters
    place = _PLACE.fullmatch(error.at)
    segment, field = (place[1], place[2] or "") if place else ("", "")
    condition = CONDITIONS.get(error.condition, "")
    where = [segment, "1", field] if field else [segment]
    if _version(head) < (2, 5):
        coded = mark.subcomponent.join((error.condition, condition, "HL70357"))
        parts = [segment, "1" if field else "", field, coded]
        return mark.field.join(("ERR", mark.component.join(parts)))
    coded = mark.component.join((error.condition, condition, "HL70357"))
    text = escape(error.text, mark)
    return mark.field.join(("ERR", "", mark.component.join(where), coded, "E", "", "", "", text))


def _version(head: Head) -> tuple[int, ...]:
    return _numbers(head.component(12)[:_LONG_CHARS])


@lru_cache(maxsize=64)
def _numbers(version: str) -> tuple[int, ...]:
    found = _VERSION.match(version)
    return tuple(int(part or 0) for part in found.groups()) if found else _NEWEST_KNOWN
