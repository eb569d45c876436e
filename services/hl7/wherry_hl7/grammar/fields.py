"""A segment's definition → compiled rules: what is wrong with each field that was sent."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from wherry.hl7.delimiters import Delimiters
from wherry_hl7.grammar.notation import MANY, limits
from wherry_hl7.grammar.shapes import codes_of, length_of, shape_of
from wherry_hl7.grammar.tables import definition

Fault = tuple[str, str]
"""The name of the rule that is broken, and what is wrong: never the value."""

Leaf = Callable[[str], Fault | None]
"""One text → its fault; a missing or deleted value has none."""

# Free text: a component separator that was not escaped is common there and harms nobody.
_FREE = frozenset({"FT", "TX", "ST", "varies"})

_WORD = re.compile(r"(?P<type>\w+?)(?P<limit>[?*+-]|\{-?\d+,-?\d+\})?(?:@(?P<table>\w+))?")


@dataclass(frozen=True, slots=True)
class FieldRule:
    """What one field may hold.

    `plain` tests a field that is one text without delimiters; `leaves` are the tests of components
    by their place; `most` is 0 for a field that was withdrawn.
    """

    most: int
    components: int
    plain: Leaf | None
    leaves: tuple[tuple[int, Leaf], ...]

    def faults(self, raw: str, marks: Delimiters) -> list[Fault]:
        """What is wrong with this field, which is not empty."""
        if not self.most:
            return [("withdrawn", "withdrawn from this version")]
        if not marks.repetition or marks.repetition not in raw:
            return self._faults_within(raw, marks.component)
        reps = raw.split(marks.repetition)
        many = [("repetition", f"repeats more than {self.most} times")]
        found = many if len(reps) > self.most else []
        for rep in reps:
            found += self._faults_within(rep, marks.component)
        return found

    def _faults_within(self, rep: str, mark: str) -> list[Fault]:
        if mark not in rep:
            return [fault] if self.plain and (fault := self.plain(rep)) else []
        found: list[Fault] = []
        if rep.count(mark) >= self.components:
            found.append(("components", f"more than {self.components} components"))
        if self.leaves:
            parts = rep.split(mark)
            tested = (leaf(parts[at]) for at, leaf in self.leaves if at < len(parts))
            found += [fault for fault in tested if fault]
        return found


@dataclass(frozen=True, slots=True)
class SegmentRule:
    """The rules of a segment's fields in order, and the numbers of those that must be valued."""

    fields: tuple[FieldRule, ...]
    required: tuple[int, ...]


@cache
def rule_of(segment: str, *, newer: bool) -> SegmentRule | None:
    """The rules of a segment; None for one that no version has."""
    text = definition("segments", segment, newer=newer)
    if text is None:
        return None
    words = text.split()
    fields = (_field(f"{segment}-{number}", word, newer) for number, word in enumerate(words, 1))
    needed = (number for number, word in enumerate(words, 1) if _read(word)[0])
    return SegmentRule(tuple(fields), tuple(needed))


@cache
def typed(datatype: str, *, newer: bool) -> FieldRule:
    """The rules of a field whose type another field names, such as OBX-5 by OBX-2."""
    return _field("", f"{datatype}*" if datatype.isalnum() else "varies*", newer)


def _field(at: str, word: str, newer: bool) -> FieldRule:
    _, high, datatype, table = _read(word)
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
    if shape is None and most is None and codes is None:
        return None

    def fault(text: str) -> Fault | None:
        if not text or text == '""':
            return None
        if codes is not None and text not in codes:
            return "code", f"not a code of HL7 table {table}"
        if shape is not None and not shape(text.strip()):
            return "data-type", f"not a value of type {datatype}"
        if most is not None and len(text) > most:
            return "length", f"longer than {most}"
        return None

    return fault
