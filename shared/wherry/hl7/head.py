"""The MSH segment of a payload as single bytes: enough to route a message and to answer it."""

import re
from dataclasses import dataclass

from wherry.errors import Failure, Kind
from wherry.hl7 import delimiters as marks
from wherry.hl7.delimiters import Delimiters

_MSH = re.compile(rb"[Mm][Ss][Hh][^\w\s]")
_LINE_END = re.compile(rb"[\r\n]")


@dataclass(frozen=True, slots=True)
class Head:
    """MSH with one character per byte (Latin-1), so that an answer repeats bytes and not text."""

    start: int
    delimiters: Delimiters
    fields: tuple[str, ...]
    remark: str = ""

    def field(self, number: int) -> str:
        """The field by its HL7 number as it was sent, empty when it is not there."""
        return self.fields[number - 1] if 1 < number <= len(self.fields) else ""

    def component(self, number: int, component: int = 1) -> str:
        """A component of the field's first repetition, blanks around it removed."""
        first = self.field(number).split(self.delimiters.repetition or "\r", 1)[0]
        parts = first.split(self.delimiters.component)
        return parts[component - 1].strip() if component <= len(parts) else ""

    @property
    def kind(self) -> str:
        """Message code and trigger event, such as ADT^A01."""
        code, event = self.component(9), self.component(9, 2)
        return f"{code}^{event}" if event else code

    @property
    def control_id(self) -> str:
        """MSH-10, byte for byte."""
        return self.field(10)


def read(data: bytes) -> Head:
    """The first MSH segment in the payload, wherever it starts.

    Raises: Failure(INVALID) at MSH, MSH-1 or MSH-2.
    Source: HL7 v2.5.1 §2.15.9.
    """
    start = 0
    if not data.startswith(b"MSH"):
        found = _MSH.search(data)
        if found is None:
            raise Failure(Kind.INVALID, "no MSH segment", at="MSH")
        start = found.start()
    end = _LINE_END.search(data, start)
    line = data[start : end.start() if end else len(data)].decode("latin-1")
    delimiters, remark = marks.read(line)
    return Head(start, delimiters, tuple(line.split(delimiters.field)), remark)
