"""A segment's definition → compiled rules: what is wrong with each field that was sent."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from wherry.hl7.delimiters import Delimiters
from wherry_hl7.grammar.notation import MANY, limits
from wherry_hl7.grammar.shapes import Shape, codes_of, length_of, shape_of
from wherry_hl7.grammar.tables import definition

Fault = tuple[str, str]
"""The rule that is broken and what is wrong: never the value."""

Leaf = Callable[[str], Fault | None]
"""One text that is not empty → its fault; a deleted value has none."""

# Free text: a component separator that was not escaped is common there and harms nobody.
_FREE = frozenset({"FT", "TX", "ST", "varies"})

# What OBX-2 may name; whatever else it says is not judged. Source: HL7 table 0125, v2.5.1 §2.A.
_TYPES = """
    CE CNE CWE CX DT DTM ED EI FT NA NM NR RP SN ST TM TS TX XAD XCN XPN XTN
"""
_TYPED = frozenset(_TYPES.split())

_DELETE = '""'
_WORD = re.compile(r"(?P<type>\w+?)(?P<limit>[?*+-]|\{-?\d+,-?\d+\})?(?:@(?P<table>\w+))?")


@dataclass(frozen=True, slots=True)
class FieldRule:
    """What one field may hold.

    `plain` tests a field that is one text without delimiters; `leaves` are the tests of components
    by their place.
    """

    most: int
    components: int
    plain: Leaf | None
    leaves: tuple[tuple[int, Leaf], ...]

    def faults(self, raw: str, marks: Delimiters) -> list[Fault]:
        """What is wrong with this field, which is not empty."""
        if not marks.repetition or marks.repetition not in raw:
            return self._faults_within(raw, marks.component)
        reps = raw.split(marks.repetition)
        many = ("repetition", f"repeats more than {self.most} times")
        found = [many] if len(reps) > self.most else []
        for rep in reps:
            found += self._faults_within(rep, marks.component)
        return found

    def _faults_within(self, rep: str, mark: str) -> list[Fault]:
        found: list[Fault] = []
        parts = rep.split(mark)
        sent = len(parts)
        if sent > self.components:
            found.append(("components", f"more than {self.components} components"))
        for at, leaf in self.leaves:
            if at >= sent:
                break
            if parts[at] and (fault := leaf(parts[at])):
                found.append(fault)
        return found


Row = tuple[str, Leaf | None, FieldRule]
"""Where a field is, the test of it when it is one plain text, and all of its rules."""


@dataclass(frozen=True, slots=True)
class SegmentRule:
    """The rules of a segment's fields by number, and the numbers of those that must be valued.

    Row 0 stands for the segment's name.
    """

    rows: tuple[Row, ...]
    required: tuple[int, ...]


_NAME = FieldRule(MANY, MANY, None, ())


@cache
def rule_of(segment: str, *, newer: bool) -> SegmentRule | None:
    """The rules of a segment; None for one that no version has."""
    text = definition("segments", segment, newer=newer)
    if text is None:
        return None
    rows: list[Row] = [(segment, None, _NAME)]
    needed = []
    for number, word in enumerate(text.split(), 1):
        field = _field(f"{segment}-{number}", word, newer)
        rows.append((f"{segment}-{number}", field.plain, field))
        if _read(word)[0] and (segment != "MSH" or number > 2):  # MSH-1 and MSH-2 were read already
            needed.append(number)
    return SegmentRule(tuple(rows), tuple(needed))


@cache
def typed(datatype: str, *, newer: bool) -> FieldRule:
    """The rules of a field whose type another field names, such as OBX-5 by OBX-2."""
    known = datatype.strip().upper()
    return _field("", f"{known}*" if known in _TYPED else "varies*", newer)


def _field(at: str, word: str, newer: bool) -> FieldRule:
    _, high, datatype, table = _read(word)
    if not high:
        return FieldRule(MANY, MANY, _withdrawn, ((0, _withdrawn),))
    text = definition("datatypes", datatype, newer=newer)
    parts = text.split() if text else [datatype + (f"@{table}" if table else "")]
    tests = ((n, _leaf(part, length_of(at, newer=newer), newer)) for n, part in enumerate(parts))
    leaves = tuple((n, leaf) for n, leaf in tests if leaf)
    plain = leaves[0][1] if leaves and leaves[0][0] == 0 else None
    free = text is None and datatype in _FREE
    return FieldRule(high, MANY if free else len(parts), plain, leaves)


def _read(word: str) -> tuple[int, int, str, str]:
    match = _WORD.fullmatch(word)
    if match is None:
        raise ValueError(f"segments.txt or datatypes.txt: cannot read {word!r}")
    return *limits(match["limit"] or ""), match["type"], match["table"] or ""


def _leaf(word: str, most: int | None, newer: bool) -> Leaf | None:
    """The test of one component; None when any text will do."""
    _, _, datatype, table = _read(word)
    shape = shape_of(datatype)
    most = most or length_of(datatype, newer=newer)
    codes = codes_of(table, newer=newer) if datatype == "ID" and table else None
    if codes is not None:
        return _coded(codes, ("code", f"not a code of HL7 table {table}"))
    if shape is not None:
        return _shaped(shape, ("data-type", f"not a value of type {datatype}"), most or MANY)
    return _sized(most) if most else None


def _withdrawn(_: str) -> Fault | None:
    return "withdrawn", "withdrawn from this version"


def _coded(codes: frozenset[str], fault: Fault) -> Leaf:
    known = codes | {_DELETE}
    return lambda text: None if text in known else fault


def _shaped(shape: Shape, fault: Fault, most: int) -> Leaf:
    longer = ("length", f"longer than {most}")

    def test(text: str) -> Fault | None:
        if shape(text) and len(text) <= most:
            return None
        if text == _DELETE or (shape(text.strip()) and len(text) <= most):
            return None
        return longer if shape(text.strip()) else fault

    return test


def _sized(most: int) -> Leaf:
    fault = ("length", f"longer than {most}")
    return lambda text: None if len(text) <= most else fault
