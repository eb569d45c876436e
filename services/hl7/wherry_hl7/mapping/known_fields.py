"""The segments of HL7 v2 and how many fields each has: what a map may read."""

from functools import cache

from wherry.errors import Failure, Kind
from wherry_hl7.grammar.tables import definitions
from wherry_hl7.mapping.paths import Path


def refuse_unknown(where: Path) -> None:
    """Raise Failure(INVALID) at from for a field that HL7 does not define; Z-segments are free."""
    if not where.segment or where.segment.startswith("Z"):
        return
    most = _most(where.segment)
    if not most:
        raise Failure(Kind.INVALID, f"HL7 has no segment {where.segment}", at="from")
    if not 0 < where.field <= most:
        detail = f"{where.segment} has fields 1 to {most}, not {where.field}"
        raise Failure(Kind.INVALID, detail, at="from")


@cache
def _most(segment: str) -> int:
    """The highest field number of a segment in any version; 0 for one that HL7 does not know."""
    found = definitions("segments").get(segment, {})
    counts = [len(text.split()) for text in found.values()]
    return max(counts, default=0)


@cache
def begins_with_set_id(segment: str) -> bool:
    """Whether the first field only numbers segments of this name (SI): it says nothing more."""
    found = definitions("segments").get(segment, {})
    return any(text.startswith("SI") for text in found.values())
