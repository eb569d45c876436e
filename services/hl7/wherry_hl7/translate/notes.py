"""NTE segments that follow one another become one Annotation, line by line."""

from collections.abc import Sequence

from wherry.hl7.segment import Segment
from wherry.resource import Resource
from wherry_hl7.translate.scope import Scope

_MAPPED = frozenset({1, 3})


def annotation(notes: Sequence[Segment], scope: Scope) -> Resource | None:
    """The comments as one text, a line for each repetition of NTE-3; None when they are empty."""
    lines = []
    for nte in notes:
        scope.take(nte, _MAPPED)
        lines += [rep.whole for rep in nte[3].reps]
    text = "\n".join(lines).strip("\n")
    return {"text": text} if text.strip() else None
