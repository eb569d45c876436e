"""One segment's text becomes fields, repetitions, components and leaves, split only when read."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from wherry.hl7.delimiters import Delimiters
from wherry.hl7.escapes import unescape
from wherry.resource import Issue


class _Null(str):
    """The explicit null: an empty text that is this object and no other."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NULL"


NULL: Final[str] = _Null("")
"""What a leaf of `""` reads as: the sender deletes the value. Compare with `is`."""

_DELETE = '""'
_OFFSET_NAMES = frozenset({"MSH", "FHS", "BHS"})
_VERBATIM = Delimiters("\r", "\r", "\r", "", "", "")  # a segment holds no CR: nothing splits


class Context:
    """What all parts of one message share: delimiters, codec and the remarks made on reading.

    `marked` finds, in the raw text of a field or of a part of it, the first character that has a
    meaning of its own; a text without one is read as it stands.
    """

    __slots__ = ("charset", "delimiters", "marked", "remarks")

    def __init__(self, delimiters: Delimiters, charset: str) -> None:
        self.delimiters = delimiters
        self.marked = _marked(delimiters)
        self.charset = charset
        self.remarks: dict[Issue, None] = {}

    def remark(self, at: str, text: str) -> None:
        """Note something odd once, however often it is read."""
        self.remarks[Issue(at, text)] = None


@lru_cache(maxsize=64)
def _marked(delimiters: Delimiters) -> Callable[[str], object]:
    marks = f'"{delimiters.encoding}'
    return re.compile(f"[{re.escape(marks)}]").search


class Rep:
    """One repetition of a field. Numbers start at 1; what is not there reads as an empty text."""

    __slots__ = ("_field", "_parts", "raw")

    def __init__(self, raw: str, field: "Field") -> None:
        self.raw = raw
        self._field = field
        self._parts: list[str] | None = None

    def __getitem__(self, component: int) -> str:
        """The component's text; of one with subcomponents the first (HL7 v2.5.1 §2.5.3.4)."""
        parts = self._parts or self._components()
        raw = parts[component - 1] if 0 < component <= len(parts) else ""
        if not raw or raw.isalnum():  # mostly there is nothing to split
            return raw
        if self._field.context.marked(raw):
            return self.sub(component, 1)
        return "" if raw.isspace() else raw

    def __bool__(self) -> bool:
        return bool(self.raw)

    def __len__(self) -> int:
        """How many components were sent, trailing empty ones included."""
        return len(self._components())

    def component(self, number: int) -> str:
        """The component as it was sent: not split, not unescaped."""
        parts = self._parts or self._components()
        return parts[number - 1] if 0 < number <= len(parts) else ""

    def sub(self, component: int, subcomponent: int) -> str:
        """The text of one subcomponent."""
        parts = self._parts or self._components()
        raw = parts[component - 1] if 0 < component <= len(parts) else ""
        if not raw:
            return ""
        mark = self._field.context.delimiters.subcomponent
        if mark and mark in raw:
            parts = raw.split(mark)
            raw = parts[subcomponent - 1] if 0 < subcomponent <= len(parts) else ""
        elif subcomponent != 1:
            return ""
        return self._field.leaf(raw)

    def subs(self, component: int) -> int:
        """How many subcomponents this component has; 0 when it is empty."""
        raw = self.component(component)
        mark = self._field.context.delimiters.subcomponent
        return (raw.count(mark) + 1 if mark else 1) if raw else 0

    def text_of(self, component: int) -> str:
        """The component's text with subcomponent delimiters kept: for names and descriptions."""
        raw = self.component(component)
        return self._field.leaf(raw)

    def part(self, component: int) -> "Rep":
        """A component as a repetition of its own, whose components are the subcomponents."""
        raw = self.component(component)
        mark = self._field.context.delimiters.subcomponent
        made = Rep(raw, self._field)
        made._parts = raw.split(mark) if mark else [raw]
        return made

    @property
    def parts(self) -> list[str]:
        """All components as they were sent, by their numbers; the one in place 0 is the whole."""
        return [self.raw, *self._components()]

    @property
    def divided(self) -> bool:
        """Whether any component may have subcomponents."""
        mark = self._field.context.delimiters.subcomponent
        return bool(mark) and mark in self.raw

    @property
    def at(self) -> str:
        """The field that this is a repetition of, such as PID-3."""
        return self._field.at

    @property
    def text(self) -> str:
        """The first component: the value of a coded or plain repetition."""
        return self.sub(1, 1)

    @property
    def whole(self) -> str:
        """The whole repetition as one text, delimiters kept: for ST, TX and FT."""
        return self._field.leaf(self.raw)

    @property
    def is_null(self) -> bool:
        """The sender deletes the value: `""` and nothing else."""
        return self.raw == _DELETE

    def _components(self) -> list[str]:
        if self._parts is None:
            self._parts = self.raw.split(self._field.context.delimiters.component)
        return self._parts


class Field:
    """One field; `reps` holds a place for every repetition, empty ones included."""

    __slots__ = ("_at", "_name", "_number", "_reps", "context", "raw")

    def __init__(self, raw: str, context: Context, name: str, number: int) -> None:
        self.raw = raw
        self.context = context
        self._name = name
        self._number = number
        self._at = ""
        self._reps: list[Rep] | None = None

    def __bool__(self) -> bool:
        """Something was sent, be it an explicit null."""
        return bool(self.raw)

    def __getitem__(self, component: int) -> str:
        """The component's text in the first repetition."""
        return self.first[component] if self.raw else ""

    @property
    def at(self) -> str:
        """Where this field is, such as OBX-5."""
        if not self._at:
            self._at = f"{self._name}-{self._number}"
        return self._at

    @property
    def reps(self) -> list[Rep]:
        """The repetitions in order; none when the field is empty."""
        if self._reps is None:
            mark = self.context.delimiters.repetition
            parts = self.raw.split(mark) if mark else [self.raw]
            self._reps = [Rep(part, self) for part in parts] if self.raw else []
        return self._reps

    @property
    def first(self) -> Rep:
        """The first repetition; an empty one when the field is empty."""
        return self.reps[0] if self.raw else Rep("", self)

    @property
    def text(self) -> str:
        """The first component of the first repetition: the value of a coded or plain field."""
        raw, marks = self.raw, self.context.delimiters
        if marks.component in raw or marks.repetition in raw or marks.subcomponent in raw:
            return self[1]
        return self.leaf(raw) if raw else ""

    @property
    def whole(self) -> str:
        """The whole field as one text, delimiters kept."""
        return self.leaf(self.raw)

    @property
    def is_null(self) -> bool:
        """The sender deletes the value: `""` and nothing else."""
        return self.raw == _DELETE

    def leaf(self, raw: str) -> str:
        """The text of a leaf of this field: NULL for `""`, empty for blanks, else unescaped."""
        if raw == _DELETE:
            return NULL
        escape = self.context.delimiters.escape
        if escape and escape in raw:
            raw, odd = unescape(raw, self.context.delimiters, self.context.charset)
            if odd:
                self.context.remark(self.at, "unknown escape sequence kept as it is")
        return "" if raw.isspace() else raw


class Segment:
    """One segment by its upper-case name; fields are split when the first one is read."""

    __slots__ = ("_context", "_parts", "_read", "name", "raw")

    def __init__(self, name: str, raw: str, context: Context) -> None:
        self.name = name
        self.raw = raw
        self._context = context
        self._parts: list[str] | None = None
        self._read: dict[int, Field] | None = None

    def __repr__(self) -> str:
        return f"Segment({self.name})"

    def __getitem__(self, number: int) -> Field:
        """The field by its HL7 number; MSH-1 is the field separator itself."""
        if self._read is None:
            self._read = {}
        known = self._read.get(number)
        if known is None:
            context = self._context
            if number < 3 and self.name in _OFFSET_NAMES:
                context = Context(_VERBATIM, context.charset)
            known = self._read[number] = Field(self.field(number), context, self.name, number)
        return known

    def __len__(self) -> int:
        """The number of the last field that was sent."""
        return len(self._fields()) - 1

    def field(self, number: int) -> str:
        """The field as it was sent, empty when it is not there."""
        parts = self._parts or self._fields()
        return parts[number] if 0 < number < len(parts) else ""

    @property
    def fields(self) -> list[str]:
        """All fields as they were sent, by their HL7 numbers; the first is the segment's name."""
        return self._parts or self._fields()

    def text(self, number: int, component: int = 1) -> str:
        """A component of the field's first repetition: short for `segment[number][component]`."""
        parts = self._parts or self._fields()
        raw = parts[number] if 0 < number < len(parts) else ""
        if not raw or raw.isalnum():  # the common case: nothing in it to split or to unescape
            return raw if component == 1 else ""
        if number > 2 and not self._context.marked(raw):  # 1 and 2 are different in MSH
            return raw if component == 1 and not raw.isspace() else ""
        return self[number][component]

    def _fields(self) -> list[str]:
        if self._parts is None:
            separator = self._context.delimiters.field
            self._parts = self.raw.split(separator)
            if self.name in _OFFSET_NAMES:
                self._parts.insert(1, separator)
        return self._parts
