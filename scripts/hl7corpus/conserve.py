"""What a message holds and what it became are counted against one another: nothing is lost.

Source: reference counts of HL7 v2-to-FHIR, by message family; the message's own segments decide.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hl7corpus.outcome import Outcome
from wherry.hl7.message import Message
from wherry.hl7.segment import Segment

Count = Callable[[Message], int]

_LINES = frozenset({"TX", "FT"})
_DOCUMENTS = frozenset({"ED", "RP"})


@dataclass(frozen=True, slots=True)
class Rule:
    """In these messages, between `least` and `most` resources of a type come from a segment."""

    kinds: str
    segment: str
    type: str
    least: Count
    most: Count | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """Whether one rule held for one message, and in which numbers."""

    message: str
    kind: str
    rule: str
    made: int
    expected: str
    held: bool


def every(*names: str) -> Count:
    """How many segments of these names there are."""
    return lambda message: sum(segment.name in names for segment in message.segments)


def different(*names: str, fields: tuple[int, ...] = ()) -> Count:
    """How many segments of these names differ, in these fields or beside their set id."""

    def count(message: Message) -> int:
        return len({_content(s, fields) for s in message.segments if s.name in names} - {""})

    return count


def _content(segment: Segment, fields: tuple[int, ...]) -> str:
    if fields:
        return "|".join(segment.field(number) for number in fields).strip("|")
    said = "|".join(segment.field(n) for n in range(2, len(segment) + 1)).strip("|")
    return said and segment.name + said


def results(message: Message) -> int:
    """OBX that cannot be part of another Observation or of a document.

    Lines of one text (TX and FT with the OBX-3 and OBX-4 of the one before) may be joined; what is
    encapsulated or pointed to (ED, RP) may be a document instead.
    """
    found, before = 0, ""
    for segment in message.segments:
        name, type_ = segment.name, segment.text(2).strip() if segment.name == "OBX" else ""
        same = f"{segment.field(3)}|{segment.field(4)}" if type_ in _LINES else ""
        if name == "OBX" and type_ not in _DOCUMENTS and not (same and same == before):
            found += 1
        if name != "NTE":
            before = same
    return found


def vaccines(message: Message) -> int:
    """RXA that say that something was or was not given; 998 is neither (CVX)."""
    return sum(segment.text(5).strip() != "998" for segment in message.all("RXA"))


def one(name: str) -> Count:
    """1 when there is such a segment with more than its set id."""
    return lambda message: min(1, different(name)(message))


def orders(message: Message) -> int:
    """1 when somebody is there to order an OBR for: a ServiceRequest must have a subject."""
    return one("OBR")(message) if message.first("PID") is not None else 0


RESULTS, ORDERS = r"ORU\^R01|ORU\^R30|OUL\^R2[234]", r"ORM\^O01|OML\^O21|OMG\^O19"
VISITS = r"ADT\^A(?!2[489]|3[0-9]|4\d)\d\d|ORU\^.*|SIU\^.*|DFT\^P03|MDM\^.*|RDE\^.*|VXU\^.*"
RULES = (
    Rule(f"{RESULTS}|{ORDERS}|ADT.*|REF.*", "OBX", "Observation", results, every("OBX")),
    Rule(RESULTS, "OBR", "DiagnosticReport", every("OBR"), every("OBR")),
    Rule(RESULTS, "OBR", "ServiceRequest", orders, every("OBR", "ORC")),
    Rule(ORDERS, "OBR", "ServiceRequest", orders, every("OBR", "ORC")),
    Rule(RESULTS, "SPM", "Specimen", different("SPM"), None),
    Rule(r"VXU\^V04", "RXA", "Immunization", vaccines, every("RXA")),
    Rule(r"RAS\^O17", "RXA", "MedicationAdministration", every("RXA"), every("RXA")),
    Rule(r"RDE\^.*", "RXE", "MedicationRequest", every("RXE"), None),
    Rule(r"RDS\^O13", "RXD", "MedicationDispense", every("RXD"), every("RXD")),
    Rule(r"SIU\^.*", "SCH", "Appointment", every("SCH"), every("SCH")),
    Rule(r"MDM\^.*", "TXA", "DocumentReference", every("TXA"), None),
    Rule(r"DFT\^.*", "FT1", "ChargeItem", every("FT1"), every("FT1")),
    Rule(r".*", "PID", "Patient", one("PID"), None),
    Rule(VISITS, "PV1", "Encounter", one("PV1"), None),
    Rule(r".*", "DG1", "Condition", different("DG1", fields=(3, 4)), None),
    Rule(r"PPR\^.*", "PRB", "Condition", different("PRB", fields=(3, 4)), None),
    Rule(r".*", "AL1", "AllergyIntolerance", different("AL1", fields=(2, 3)), every("AL1", "IAM")),
    Rule(r".*", "IN1", "Coverage", different("IN1"), every("IN1")),
    Rule(r".*", "NK1", "RelatedPerson", different("NK1"), None),
    Rule(r".*", "PR1", "Procedure", different("PR1", fields=(3, 4, 5)), None),
)


def kept(outcome: Outcome, rules: tuple[Rule, ...] = RULES) -> list[Kept]:
    """How each rule that applies to the message held; none when there is no translation."""
    message = outcome.message
    if message is None or outcome.made is None:
        return []
    made = Counter(resource["resourceType"] for resource in outcome.resources)
    return [
        _kept(rule, outcome, message, made)
        for rule in rules
        if re.fullmatch(rule.kinds, outcome.kind) and message.first(rule.segment) is not None
    ]


def _kept(rule: Rule, outcome: Outcome, message: Message, made: Mapping[str, int]) -> Kept:
    least, count = rule.least(message), made.get(rule.type, 0)
    most = None if rule.most is None else rule.most(message)
    expected = {None: f"{least} or more", least: str(least)}.get(most, f"{least} to {most}")
    held = least <= count and (most is None or count <= most)
    name = f"{rule.segment} to {rule.type}"
    return Kept(outcome.piece.source, outcome.kind, name, count, expected, held)
