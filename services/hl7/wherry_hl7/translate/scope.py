"""What holds for the whole of one message, and what was noticed while it was translated."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from wherry.fhir.identity import derived_id, key
from wherry.fhir.interval import interval
from wherry.fhir.systems import SOURCE_TIME, SOURCE_VALUE, ours
from wherry.hl7.delimiters import STANDARD
from wherry.hl7.message import Message
from wherry.hl7.segment import Rep, Segment
from wherry.resource import CodeableConcept, Issue, Resource
from wherry_hl7.identity import Naming, Systems, facility
from wherry_hl7.kinds import kind_of
from wherry_hl7.mapping.plan import Plans
from wherry_hl7.translate.sender import Sender
from wherry_hl7.translate.times import Moment, offset_of, read

_DIVIDED = re.compile(r'[\^~\\&"]')


class Scope:
    """One message's sender, names, zone and stamp; collects warnings and what was handled."""

    __slots__ = (
        "_converters",
        "_moments",
        "application",
        "code",
        "concepts",
        "event",
        "facility",
        "handled",
        "id",
        "joined",
        "memory",
        "message",
        "message_key",
        "meta",
        "naming",
        "noticed",
        "received_at",
        "referred",
        "said_at",
        "sender",
        "stamp",
        "standard",
        "structure",
        "systems",
        "tables",
        "unknown",
        "used",
        "warnings",
        "zone",
    )

    def __init__(
        self,
        message: Message,
        sender: Sender,
        received_at: datetime,
        structure: str,
        *,
        plans: Plans,
    ) -> None:
        msh = message.msh
        self.message = message
        self.sender = sender
        self.standard = message.delimiters == STANDARD
        self.received_at = received_at.isoformat()
        self.warnings: dict[Issue, None] = {}
        self.handled: dict[int, frozenset[int]] = {}
        self.unknown: dict[str, int] = {}
        self.noticed = 0
        self.referred = 0
        self.joined: dict[str, int] = {}
        self.used: set[int] = set()
        self.memory: dict[Any, Any] = {}
        self.concepts: dict[tuple[str, str], CodeableConcept] = {}
        self.code, _, self.event = kind_of(message).partition("^")
        self.structure = structure
        self.tables = plans.tables
        self.systems = _systems(plans, sender.systems)
        self._converters = plans.converters
        self._moments: dict[str, Moment] = {}
        self.application = msh.text(3).strip()
        self.facility = facility(message)
        self.naming = Naming(self.facility, sender.systems, sender.trust)
        sent = msh.text(7)
        self.message_key = key(self.application, message.control_id, sent)
        self.zone = offset_of(sent) or sender.zone
        self.said_at = self.moment(sent, "MSH-7").full or self.received_at
        self.id = derived_id("Message", self.facility, *(s.raw for s in message.segments))
        source = ours("hl7", self.facility, self.application or "unknown")
        self.meta = {"source": f"{source}#{self.id}"}
        self.stamp = {"url": SOURCE_TIME, "valueDateTime": self.said_at}

    def own(self, *names: str) -> str:
        """An identifier or code system of this sender's own: its facility and what it calls it."""
        return ours("hl7", self.facility, *names)

    def convert(self, name: str, rep: Rep, at: Any, **with_: Any) -> Any:
        """One repetition, read by the converter or datatype map of this name."""
        return self._converters[name](rep, at, **with_)

    def warn(self, at: str, text: str) -> None:
        """Note something odd once, however often it occurs."""
        self.noticed += 1
        self.warnings[Issue(at, text)] = None

    def take(self, segment: Segment, fields: frozenset[int]) -> None:
        """Note which fields of a segment are mapped, beside those noted before."""
        known = self.handled.get(id(segment))
        self.handled[id(segment)] = fields if known is None or known is fields else known | fields

    def join(self, name: str) -> None:
        """Note that a segment of this name is part of a resource made for another one."""
        self.joined[name] = self.joined.get(name, 0) + 1

    def use(self, segment: Segment, fields: frozenset[int]) -> None:
        """Note that a segment went into a resource made for another: in maps it is `used`."""
        self.take(segment, fields)
        if id(segment) not in self.used:
            self.used.add(id(segment))
            self.join(segment.name)

    def unknown_code(self, table: str, at: str) -> None:
        """Note a code that a table does not have; the code itself is never repeated."""
        self.unknown[table] = self.unknown.get(table, 0) + 1
        self.warn(at, f"a code that is not in the table {table}; not mapped")

    def text(self, segment: Segment, number: int) -> str:
        """`segment.text(number)`, without taking apart what has nothing to take apart."""
        raw = segment.field(number)
        if not raw or (self.standard and not _DIVIDED.search(raw)):
            return "" if raw.isspace() else raw
        return segment.text(number)

    def moment(self, raw: str, at: str) -> Moment:
        """Read a date or time in the message's zone; what cannot be kept is a warning."""
        if not raw:
            return Moment()
        known = self._moments.get(raw)
        if known is None:
            known = self._moments[raw] = read(raw.strip(), self.zone)
        if known.remark:
            self.warn(at, known.remark)
        return known

    def set_date_time(self, out: Resource, name: str, raw: str, at: str) -> None:
        """Set a dateTime; the source's text goes beside it when FHIR cannot hold all of it."""
        moment = self.moment(raw, at)
        if text := moment.full or moment.date:
            out[name] = text
        if moment.remark and not moment.full:
            out["_" + name] = {"extension": [{"url": SOURCE_VALUE, "valueString": raw}]}

    def period(self, start: str, end: str, at: str, end_at: str = "") -> Resource:
        """A Period from two raw times, empty when neither can be used. Source: FHIR R4 per-1."""
        out: Resource = {}
        if start:
            self.set_date_time(out, "start", start, at)
        if end:
            self.set_date_time(out, "end", end, end_at or at)
        if "start" in out and "end" in out and _before(out["end"], out["start"]):
            self.warn(end_at or at, "the end is before the start; left out")
            del out["end"]
        return out

    def stamped(self, type_: str, elements: Mapping[str, Any]) -> Resource:
        """A resource that says which source it came from and when that source spoke."""
        extension = [*elements.get("extension", ()), self.stamp]
        return {"resourceType": type_, "meta": self.meta, **elements, "extension": extension}


def _before(one: str, other: str) -> bool:
    return interval(one)[1] <= interval(other)[0]


@lru_cache(maxsize=64)
def _systems(plans: Plans, own: Systems) -> Systems:
    """The URIs of coding systems by name, a sender's own before those that all know."""
    return Systems({**plans.codes("CodingSystems"), **own})
