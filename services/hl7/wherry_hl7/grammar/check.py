"""A message beside its structure → findings: what the standard asks for and this does not do."""

from collections.abc import Iterator
from dataclasses import dataclass

from wherry.hl7.delimiters import Delimiters
from wherry.hl7.message import Message
from wherry.hl7.segment import Segment
from wherry_hl7.grammar.demands import Demand, Demands, demands_of
from wherry_hl7.grammar.fields import SegmentRule, rule_of, typed
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


def check(message: Message, structure: str, *, version: str) -> list[Finding]:
    """What in this message is not as the standard has it; each finding once.

    Messages up to 2.6 are held against 2.5.1, later ones against 2.8.2.
    Source: HL7 v2.5.1 §2.6, §2.8.
    """
    newer = is_newer(version)
    demands = demands_of(structure, newer=newer)
    grouped = along(demands.plan, message.segments)
    found = dict.fromkeys(_structure(grouped, demands))
    for segment in message.segments:
        rule = rule_of(segment.name, newer=newer)
        if rule is not None:
            for finding in _fields(segment, rule, message.delimiters, newer):
                found[finding] = None
    return list(found)


def _structure(grouped: Grouped, demands: Demands) -> Iterator[Finding]:
    for segment in grouped.misplaced:
        known = segment.name in demands.plan.names
        text = "not allowed at this place" if known else "not part of this structure"
        yield Finding("segment-unexpected", segment.name, text)
    kinds: dict[tuple[str, tuple[str, ...]], Group] = {}  # groups with the same members count once
    _gather(grouped.root, kinds)
    for (path, names), group in kinds.items():
        for demand in demands.groups[path]:
            count = sum(map(names.count, demand.names))
            if not demand.low <= count <= demand.high:
                yield _miscount(demand, group, count)


def _gather(group: Group, kinds: dict[tuple[str, tuple[str, ...]], Group]) -> None:
    kinds.setdefault((group.path, tuple([member.name for member in group.members])), group)
    for member in group.members:
        if isinstance(member, Group):
            _gather(member, kinds)


def _miscount(demand: Demand, group: Group, count: int) -> Finding:
    if count < demand.low:
        return Finding("segment-missing", demand.segment, f"required in {group.name}")
    text = f"more than {demand.high} in {group.name}"
    return Finding("segment-repetition", demand.segment, text)


def _fields(
    segment: Segment, rule: SegmentRule, marks: Delimiters, newer: bool
) -> Iterator[Finding]:
    name, sent = segment.name, segment.raw.split(marks.field)
    if name == "MSH":  # MSH-1 and MSH-2 are the delimiters themselves
        sent[1:2] = ["", ""]
    for number in rule.required:
        if (number >= len(sent) or not sent[number]) and not (name == "MSH" and number < 3):
            yield Finding("field-required", f"{name}-{number}", "required, but empty")
    for number, raw in enumerate(sent[1:], 1):
        if raw and number <= len(rule.fields):
            for broken, text in rule.fields[number - 1].faults(raw, marks):
                yield Finding(broken, f"{name}-{number}", text)
        elif raw:
            yield Finding("field-unknown", f"{name}-{number}", "no such field in this version")
    if name == "OBX" and len(sent) > 5 and sent[5]:
        by_type = typed(sent[2].strip().upper(), newer=newer)
        for broken, text in by_type.faults(sent[5], marks):
            yield Finding(broken, "OBX-5", text)
