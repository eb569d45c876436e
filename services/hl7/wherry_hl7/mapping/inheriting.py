"""A segment map that is `like` another becomes a whole one: its own words before the other's."""

from collections.abc import Mapping

import msgspec

from wherry.errors import Failure, Kind
from wherry_hl7.mapping.library import Placed
from wherry_hl7.mapping.rule import SegmentMap

_WORDS = ("resource", "into", "identity", "when", "weak", "append", "uses", "later")


def inherited(segments: Mapping[str, Placed]) -> dict[str, Placed]:
    """The maps with what they take over; a sender's changes to the other are in it.

    Raises: Failure(INVALID) at file:line for a map that does not exist or is of another segment.
    """
    return {name: _whole(name, placed, segments) for name, placed in segments.items()}


def _whole(name: str, placed: Placed, segments: Mapping[str, Placed]) -> Placed:
    own: SegmentMap = placed.said
    if not own.like:
        return placed
    under = segments.get(own.like)
    if under is None or own.like.partition(".")[0] != name.partition(".")[0]:
        raise Failure(Kind.INVALID, f"no map of this segment is called {own.like}", at=placed.line)
    if under.said.like:
        raise Failure(Kind.INVALID, f"{own.like} is itself like another", at=placed.line)
    bare = SegmentMap()
    said = {
        word: getattr(own if getattr(own, word) != getattr(bare, word) else under.said, word)
        for word in _WORDS
    }
    mine = {rule.key for rule in own.rules}
    rest = [
        (rule, line)
        for rule, line in zip(under.said.rules, under.lines, strict=True)
        if rule.key not in mine
    ]
    kept = [
        (rule, line)
        for rule, line in [*zip(own.rules, placed.lines, strict=True), *rest]
        if not rule.drop
    ]
    rules = tuple(rule for rule, _ in kept)
    whole = msgspec.structs.replace(own, like="", rules=rules, **said)
    return Placed(whole, tuple(line for _, line in kept), placed.line)
