"""The flat segments of an ORU become patients with orders with results, in any order."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from wherry.hl7.segment import Segment


@dataclass(slots=True)
class Result:
    """One OBX and its comments."""

    obx: Segment
    notes: list[Segment] = field(default_factory=list)


@dataclass(slots=True)
class Ordered:
    """One OBR with its own ORC, its comments and results; no OBR when results came without one."""

    obr: Segment | None = None
    orc: Segment | None = None
    notes: list[Segment] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)


@dataclass(slots=True)
class Group:
    """One patient's part of the message."""

    pid: Segment | None = None
    pv1: Segment | None = None
    pv2: Segment | None = None
    notes: list[Segment] = field(default_factory=list)
    orders: list[Ordered] = field(default_factory=list)


def groups(segments: Iterable[Segment]) -> list[Group]:
    """Sort segments by position: each belongs to the nearest one before it that can hold it.

    A comment belongs to the nearest PID, OBR or OBX (one after ORC to the OBR that follows, one
    after a specimen to its order); a result to the nearest OBR, also when a specimen or a visit
    comes between. Other segments hold nothing here. Source: HL7 v2.5.1 §7.3.1 (ORU_R01).
    """
    found = [Group()]
    orc: Segment | None = None
    early: list[Segment] = []  # comments between ORC and its OBR
    notes = found[0].notes
    for segment in segments:
        group = found[-1]
        match segment.name:
            case "PID":
                if group.pid is not None:
                    group = Group()
                    found.append(group)
                group.pid, orc, notes = segment, None, group.notes
            case "PV1":
                group.pv1 = group.pv1 or segment
            case "PV2":
                group.pv2 = group.pv2 or segment
            case "ORC":
                orc, early = segment, []
                notes = early
            case "OBR":
                group.orders.append(Ordered(segment, orc, early))
                orc, notes, early = None, early, []
            case "OBX":
                if not group.orders:
                    group.orders.append(Ordered())
                group.orders[-1].results.append(Result(segment))
                notes = group.orders[-1].results[-1].notes
            case "SPM":
                notes = group.orders[-1].notes if group.orders else notes
            case "NTE":
                notes.append(segment)
    return found
