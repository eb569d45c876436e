"""What was handled becomes the list of what was not: every other field that holds something."""

from wherry.hl7.message import Message
from wherry.resource import Issue
from wherry_hl7.translate.scope import Scope

_OFFSET_NAMES = frozenset({"MSH", "FHS", "BHS"})
_NOTHING: frozenset[int] = frozenset()


def unmapped(scope: Scope) -> tuple[Issue, ...]:
    """Each field that holds something and was not mapped, once, with how many segments have it."""
    message = scope.message
    blank = _blank(message)
    counts: dict[str, int] = {}
    for segment in message.segments:
        handled = scope.handled.get(id(segment), _NOTHING)
        first = 1 if segment.name in _OFFSET_NAMES else 0  # MSH-1 is the separator itself
        left = [n for n, raw in enumerate(segment.fields) if raw and n not in handled and n > first]
        for number in left:
            if segment.field(number).strip(blank):
                at = f"{segment.name}-{number}"
                counts[at] = counts.get(at, 0) + 1
    return tuple(
        Issue(at, "not mapped" if many == 1 else f"not mapped ({many} segments)")
        for at, many in counts.items()
    )


def _blank(message: Message) -> str:
    marks = message.delimiters
    return f"{marks.component}{marks.repetition}{marks.subcomponent} \t\r\n"
