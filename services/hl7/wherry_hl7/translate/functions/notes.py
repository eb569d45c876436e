"""NTE segments that follow one another become Annotations: one text, unless others wrote on."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from wherry.fhir.systems import NOTE
from wherry.hl7.segment import Segment
from wherry.resource import Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At

_MAPPED = frozenset({1, 3})
_SIGNED = frozenset({1, 3, 5, 6})


def annotations(notes: Sequence[Segment], at: At) -> list[Resource]:
    """The comments as texts, a line for each repetition of NTE-3; those of one author are one.

    Source: HL7 v2.5.1 §2.15.10 and v2.8 (NTE-5 by whom, NTE-6 when); FHIR R4 Annotation.
    """
    found = []
    for (who, when), lines in groupby(notes, key=lambda nte: (nte.field(5), nte.field(6))):
        group = list(lines)
        if said := _annotation(group, at, signed=bool(who or when)):
            found.append(said)
    return found


def _annotation(notes: list[Segment], at: At, *, signed: bool) -> Resource | None:
    lines = []
    for nte in notes:
        at.scope.take(nte, _SIGNED if signed else _MAPPED)
        lines += [rep.whole for rep in nte[3].reps]
    text = "\n".join(lines).strip("\n")
    if not text.strip():
        return None
    out: Resource = {}
    if signed:
        who = at.scope.convert("XCN.Practitioner", notes[0][5].first, at)
        if who and "reference" in who:
            out["authorReference"] = who
        elif who and "display" in who:
            out["authorString"] = who["display"]
        at.scope.set_date_time(out, "time", notes[0].text(6), "NTE-6")
    return {**out, "text": text}


@function("note")
def note(segment: Segment, out: dict[str, Any], at: At) -> None:
    """The comments on this segment, as `note`."""
    del segment
    if (notes := at.notes()) and (said := annotations(notes, at)):
        out["note"] = [*out.get("note", ()), *said]


@function("note_extension")
def note_extension(segment: Segment, out: dict[str, Any], at: At) -> None:
    """The comments on this segment, for resources that have no `note` in R4."""
    del segment
    if (notes := at.notes()) and (said := annotations(notes, at)):
        found = [{"url": NOTE, "valueAnnotation": one} for one in said]
        out["extension"] = [*found, *out.get("extension", ())]
