"""A message becomes its shape: segments and delimiters as sent, each value a single x."""

import re

from wherry.errors import Failure
from wherry.hl7 import head as heads
from wherry.hl7.lines import KNOWN

_LINE_END = re.compile(r"[\r\n]+")
_NAME = re.compile(r"Z[A-Z0-9]{2}")
_MASK = "x"

# Fields of MSH that route a message and are in the inbox's list anyway
_SHOWN = frozenset({3, 4, 5, 6, 7, 9, 10, 11, 12, 18})


def masked(body: bytes) -> str:
    """The message with a line for each segment; nothing of a patient is left in it.

    A line that starts no segment is a single x, and so is a body without MSH.
    """
    try:
        head = heads.read(body)
    except Failure:
        return _MASK
    mark = head.delimiters
    kept = re.escape(mark.field + mark.encoding.replace(mark.escape or "\0", ""))
    value = re.compile(f"[^{kept}]+")
    lines = _LINE_END.split(body[head.start :].decode("latin-1").strip())
    return "\n".join(
        [_msh(head, value), *(_line(line, mark.field, value) for line in lines[1:] if line)]
    )


def _msh(head: heads.Head, value: re.Pattern[str]) -> str:
    separator = head.delimiters.field
    sent = [
        head.field(number) if number in _SHOWN else value.sub(_MASK, head.field(number))
        for number in range(3, len(head.fields) + 1)
    ]
    return separator.join(["MSH", head.field(2), *sent])


def _line(line: str, separator: str, value: re.Pattern[str]) -> str:
    name = line[:3]
    if line[3:4] not in ("", separator) or not (name in KNOWN or _NAME.fullmatch(name)):
        return _MASK
    return name + value.sub(_MASK, line[3:])
