"""Points become figures: of each corpus and message type, how much agrees, is listed or is open."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hl7corpus.compare import Point, points
from hl7corpus.exceptions import Listed, reason
from hl7corpus.golden import Golden
from hl7corpus.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Figure:
    """How many points agree, differ for a listed reason, or just differ."""

    corpus: str
    kind: str
    agreed: int
    listed: int
    open: tuple[Point, ...]

    @property
    def total(self) -> int:
        """All points compared."""
        return self.agreed + self.listed + len(self.open)

    @property
    def percent(self) -> float:
        """What agrees or is listed, in percent, never rounded up."""
        return (self.agreed + self.listed) * 1000 // self.total / 10 if self.total else 100.0


def compared(
    outcomes: Iterable[Outcome], goldens: Mapping[str, Golden]
) -> dict[tuple[str, str], list[Point]]:
    """The points of every message that has a counterpart, by corpus and message type."""
    found: dict[tuple[str, str], list[Point]] = {}
    for one in outcomes:
        golden = goldens.get(one.piece.source)
        if golden is not None and one.piece.index == 0:
            found.setdefault((one.piece.corpus, one.kind), []).extend(points(one, golden))
    return found


def figures(
    found: Mapping[tuple[str, str], Sequence[Point]], lines: Sequence[Listed]
) -> list[Figure]:
    """One figure for each corpus and message type, in their order."""
    return [_figure(corpus, kind, found[corpus, kind], lines) for corpus, kind in sorted(found)]


def together(parts: Sequence[Figure], corpus: str) -> Figure:
    """The figure of a whole corpus."""
    mine = [one for one in parts if one.corpus == corpus]
    return Figure(
        corpus,
        "all",
        sum(one.agreed for one in mine),
        sum(one.listed for one in mine),
        tuple(point for one in mine for point in one.open),
    )


def _figure(corpus: str, kind: str, found: Sequence[Point], lines: Sequence[Listed]) -> Figure:
    differing = [point for point in found if not point.agreed]
    unlisted = tuple(point for point in differing if reason(point, lines) is None)
    return Figure(
        corpus, kind, len(found) - len(differing), len(differing) - len(unlisted), unlisted
    )
