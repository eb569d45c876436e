"""A table of listed exceptions becomes the reason why we differ on a point, if there is one."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from hl7corpus.compare import NOTHING, Point

COLUMNS = ("message", "subject", "ours", "theirs", "reason")


@dataclass(frozen=True, slots=True)
class Listed:
    """One line: patterns (*, ?, [ab]) of what it is about, and why ours is so."""

    message: str
    subject: str
    ours: str
    theirs: str
    reason: str

    def covers(self, point: Point) -> bool:
        """Whether the point is of this line; a message that we did not translate never is."""
        return point.ours != NOTHING and all(
            fnmatchcase(value, pattern)
            for value, pattern in (
                (point.message, self.message),
                (point.subject, self.subject),
                (point.ours, self.ours),
                (point.theirs, self.theirs),
            )
        )


def listed(path: Path) -> list[Listed]:
    """The lines of a table. Raises: ValueError when a column is missing or a reason is empty."""
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise ValueError(f"{path.name}: columns must be {', '.join(COLUMNS)}")
        lines = [Listed(**row) for row in reader]
    if any(not line.reason for line in lines):
        raise ValueError(f"{path.name}: a line without a reason")
    return lines


def reason(point: Point, lines: Sequence[Listed]) -> Listed | None:
    """The first line that covers the point."""
    return next((line for line in lines if line.covers(point)), None)


def unused(points: Iterable[Point], lines: Sequence[Listed]) -> list[Listed]:
    """Lines about which nothing differs any longer."""
    left = list(lines)
    for point in points:
        if not point.agreed and left:
            left = [line for line in left if not line.covers(point)]
    return left
