"""What was handled becomes the list of what was not: every other field that holds something."""

from wherry.hl7.message import Message
from wherry.resource import Issue
from wherry_hl7.translate.scope import Scope

_NOTHING: frozenset[int] = frozenset()


def unmapped(scope: Scope) -> tuple[Issue, ...]:
    """Each field that holds something and was not mapped, once, with how many segments have it."""
    message = scope.message
    blank = _blank(message)
    counts: dict[str, int] = {}
    for segment in message.segments:
        handled = scope.handled.get(id(segment), _NOTHING)
        for number in range(1, len(segment) + 1):
            if number in handled:
                continue
            raw = segment.field(number)
            if raw and raw.strip(blank):
                at = f"{segment.name}-{number}"
                counts[at] = counts.get(at, 0) + 1
    return tuple(
        Issue(at, "not mapped" if many == 1 else f"not mapped ({many} segments)")
        for at, many in counts.items()
    )


def _blank(message: Message) -> str:
    marks = message.delimiters
    return f"{marks.component}{marks.repetition}{marks.subcomponent} \t\r\n"
