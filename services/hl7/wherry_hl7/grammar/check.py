"""A message beside its structure → findings: what the standard asks for and this does not do."""

from collections.abc import Iterator
from dataclasses import dataclass

from wherry.hl7.delimiters import Delimiters
from wherry.hl7.message import Message
from wherry.hl7.segment import Segment
from wherry_hl7.grammar.demands import Demand, Demands, demands_of
from wherry_hl7.grammar.fields import Fault, SegmentRule, rule_of, typed
from wherry_hl7.grammar.grouping import along
from wherry_hl7.grammar.tables import is_newer
from wherry_hl7.grammar.tree import Group, Grouped

RULES = (
    "segment-missing",
    "segment-unexpected",
    "segment-repetition",
    "field-required",
    "field-unknown",
    "withdrawn",
    "repetition",
    "components",
    "data-type",
    "code",
    "length",
)
"""Every rule that a finding can name; a sender's profile may turn each off or make it an error."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One deviation: which rule, where (PID-3, or a segment), what is wrong; never a value."""

    rule: str
    at: str
    text: str


_Findings = dict[tuple[str, str, str], None]
"""Rule, place and text of each finding, once."""


def check(message: Message, structure: str, *, version: str) -> list[Finding]:
    """What in this message is not as the standard has it; each finding once.

    Messages up to 2.6 are held against 2.5.1, later ones against 2.8.2.
    Source: HL7 v2.5.1 §2.6, §2.8.
    """
    newer = is_newer(version)
    demands = demands_of(structure, newer=newer)
    grouped = along(demands.plan, message.segments)
    found: _Findings = dict.fromkeys(_structure(grouped, demands))
    for segment in message.segments:
        rule = rule_of(segment.name, newer=newer)
        if rule is not None:
            _fields(segment, rule, message.delimiters, found)
    for segment in message.all("OBX"):
        _value(segment, message.delimiters, newer, found)
    return [Finding(*each) for each in found]


def _structure(grouped: Grouped, demands: Demands) -> Iterator[tuple[str, str, str]]:
    for segment in grouped.misplaced:
        known = segment.name in demands.plan.names
        text = "not allowed at this place" if known else "not part of this structure"
        yield "segment-unexpected", segment.name, text
    kinds: dict[tuple[str, ...], Group] = {}  # groups with the same members are judged once
    _gather(grouped.root, kinds)
    for names, group in kinds.items():
        for demand in demands.groups[group.path]:
            count = sum(map(names.count, demand.names))
            if not demand.low <= count <= demand.high:
                yield _miscount(demand, group, count)


def _gather(group: Group, kinds: dict[tuple[str, ...], Group]) -> None:
    kinds.setdefault((group.path, *[member.name for member in group.members]), group)
    for member in group.members:
        if isinstance(member, Group):
            _gather(member, kinds)


def _miscount(demand: Demand, group: Group, count: int) -> tuple[str, str, str]:
    if count < demand.low:
        return "segment-missing", demand.segment, f"required in {group.name}"
    return "segment-repetition", demand.segment, f"more than {demand.high} in {group.name}"


def _fields(segment: Segment, rule: SegmentRule, marks: Delimiters, found: _Findings) -> None:
    sent = segment.raw.split(marks.field)
    if segment.name == "MSH":  # MSH-1 and MSH-2 are the delimiters themselves
        sent[1:2] = ["", ""]
    for number in rule.required:
        if number >= len(sent) or not sent[number]:
            at = f"{segment.name}-{number}"
            found["field-required", at, "required, but empty"] = None
    component, repetition = marks.component, marks.repetition
    for raw, (at, plain, field) in zip(sent, rule.rows, strict=False):
        if not raw:
            continue
        if component in raw or repetition in raw:
            if field.leaves or repetition in raw or raw.count(component) >= field.components:
                _note(field.faults(raw, marks), at, found)
        elif plain is not None and (fault := plain(raw)):
            _note([fault], at, found)
    if len(sent) > len(rule.rows):
        _unknown(segment.name, sent, len(rule.rows), found)


def _note(faults: list[Fault], at: str, found: _Findings) -> None:
    for rule, text in faults:
        found[rule, at, text] = None


def _unknown(name: str, sent: list[str], start: int, found: _Findings) -> None:
    for number in range(start, len(sent)):
        if sent[number]:
            at = f"{name}-{number}"
            found["field-unknown", at, "no such field in this version"] = None


def _value(obx: Segment, marks: Delimiters, newer: bool, found: _Findings) -> None:
    """OBX-5 has the type that OBX-2 names. Source: HL7 v2.5.1 §7.4.2.5."""
    raw = obx.field(5)
    if raw:
        by_type = typed(obx.field(2), newer=newer)
        if by_type.leaves or raw.count(marks.component) >= by_type.components:
            _note(by_type.faults(raw, marks), "OBX-5", found)
