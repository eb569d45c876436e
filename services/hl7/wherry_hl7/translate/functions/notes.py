"""NTE segments that follow one another become one Annotation, line by line."""

from collections.abc import Sequence
from typing import Any

from wherry.fhir.systems import NOTE
from wherry.hl7.segment import Segment
from wherry.resource import Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
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


@function("note")
def note(segment: Segment, out: dict[str, Any], at: At) -> None:
    """The comments on this segment, as `note`."""
    del segment
    if (notes := at.notes()) and (said := annotation(notes, at.scope)):
        out["note"] = [*out.get("note", ()), said]


@function("note_extension")
def note_extension(segment: Segment, out: dict[str, Any], at: At) -> None:
    """The comments on this segment, for resources that have no `note` in R4."""
    del segment
    if (notes := at.notes()) and (said := annotation(notes, at.scope)):
        extension = {"url": NOTE, "valueAnnotation": said}
        out["extension"] = [extension, *out.get("extension", ())]
