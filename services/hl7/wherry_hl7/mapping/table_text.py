"""The CSV text of code tables becomes checked rows; what is wrong is said with file and line."""

import csv
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from wherry.errors import Failure, Kind
from wherry_hl7.mapping.table import Row

HEADER = ("from", "to", "system", "display", "note")
EXACT = "# matched: exactly as written"
"""The comment that makes a table tell upper from lower case, as units do."""

_URI = re.compile(r"(?:https?://[^\s/]\S*|urn:[a-z0-9][a-z0-9-]{1,31}:\S+)", re.ASCII)


class Line(NamedTuple):
    """The cells of one line and where it is."""

    at: str
    cells: Sequence[str]


def is_exact(text: str) -> bool:
    """Whether the table says that its codes match exactly as written."""
    return any(line.rstrip() == EXACT for line in _comments(text.splitlines()))


def lines(text: str, header: Sequence[str], path: str) -> Iterator[Line]:
    """The lines below the header, which follows the comments. Raises: Failure INVALID."""
    found = text.removeprefix("\ufeff").splitlines()
    start = len(_comments(found))
    if start == len(found) or tuple(found[start].split(",")) != tuple(header):
        raise Failure(
            Kind.INVALID, f"expected the header {','.join(header)}", at=f"{path}:{start + 1}"
        )
    reader = csv.reader(found[start + 1 :], strict=True)
    at = f"{path}:{start + 2}"
    try:
        for number, cells in enumerate(reader, start + 2):
            at = f"{path}:{number}"
            if reader.line_num != number - start - 1 or len(cells) != len(header):
                raise Failure(
                    Kind.INVALID, f"expected {len(header)} cells, found {len(cells)}", at=at
                )
            yield Line(at, cells)
    except csv.Error as error:
        raise Failure(Kind.INVALID, f"not CSV: {error}", at=at) from error


def row(line: Line) -> tuple[str, Row]:
    """The code and the row of a line with the cells of HEADER. Raises: Failure INVALID."""
    code, to, system, display, note = line.cells
    if any(cell != cell.strip() for cell in line.cells):
        raise Failure(Kind.INVALID, "white space around a cell", at=line.at)
    if system:
        _check_system(to, system, line.at)
    if not to and not note:
        raise Failure(Kind.INVALID, "no target: the note has to say why", at=line.at)
    if "  " in to:
        raise Failure(Kind.INVALID, "two blanks in a code", at=line.at)
    return code, Row(to, system, display, line.at)


def _check_system(to: str, system: str, at: str) -> None:
    if not to:
        raise Failure(Kind.INVALID, "a system without a target", at=at)
    if not _URI.fullmatch(system):
        raise Failure(Kind.INVALID, "the system is not a URI (http, https or urn)", at=at)


def _comments(found: Sequence[str]) -> Sequence[str]:
    count = next((n for n, line in enumerate(found) if not line.startswith("#")), len(found))
    return found[:count]
