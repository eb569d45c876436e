"""Lines of text that follow one another under one code become one text."""

from dataclasses import dataclass, field

from wherry.hl7.segment import Segment
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.engine import Run
from wherry_hl7.translate.scope import Scope

_LINES = frozenset({"TX", "FT"})
_MAPPED = frozenset({1, 2, 3, 4, 5, 11, 14})


@dataclass(slots=True)
class Text:
    """One text: its first OBX, those that go on with it, and the comments after the last."""

    first: Segment
    more: list[Segment] = field(default_factory=list)
    notes: list[Segment] = field(default_factory=list)


@function("join_lines")
def join_lines(run: Run) -> None:
    """Find the OBX that go on with the text of the one before, before anything is made.

    They are TX or FT with the same OBX-3 and OBX-4, set ids that do not go back, and no other
    status or time; a comment ends a text. Each joined line is counted in a warning: as many OBX
    come in as there are Observations and joined lines. Source: HL7 v2.5.1 §7.4.2 and §7.1.4.
    """
    scope = run.scope
    if scope.sender.option("narrative") != "concat":
        return
    text: Text | None = None
    joined = 0
    for segment in scope.message.segments:
        if segment.name == "NTE":
            if text is not None:
                text.notes.append(segment)
        elif segment.name != "OBX" or segment.field(2).strip().upper() not in _LINES:
            text = None
        elif text is not None and _goes_on(text, segment):
            _join(text, segment, scope)
            joined += 1
        else:
            text = Text(segment)
    if joined:
        scope.warn("OBX-5", f"{joined} OBX with a further line of a text joined to its first")


def text_of(obx: Segment, at: At) -> Text | None:
    """The text that begins with this OBX, when others go on with it."""
    return at.scope.memory.get(("text", id(obx)))


def is_joined(obx: Segment, at: At) -> bool:
    """Whether this OBX goes on with the text of one before it."""
    return ("joined", id(obx)) in at.scope.memory


def _goes_on(text: Text, obx: Segment) -> bool:
    first, last = text.first, text.more[-1] if text.more else text.first
    return (
        not text.notes
        and obx.field(3) == first.field(3)
        and obx.field(4) == first.field(4)
        and _number(obx) >= _number(last)
        and all(obx.field(n) in ("", first.field(n)) for n in (11, 14))
    )


def _number(obx: Segment) -> int:
    digits = obx.field(1).strip()[:9]
    return int(digits) if digits.isdecimal() and digits.isascii() else 0


def _join(text: Text, obx: Segment, scope: Scope) -> None:
    text.more.append(obx)
    scope.memory["text", id(text.first)] = text
    scope.memory["joined", id(obx)] = True
    scope.take(obx, _MAPPED)
    scope.join("OBX")
