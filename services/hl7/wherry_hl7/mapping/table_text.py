"""The CSV text of code tables becomes checked rows; what is wrong is said with file and line."""

import csv
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from wherry.errors import Failure, Kind
from wherry_hl7.mapping.table import Row

HEADER = ("from", "to", "system", "display", "note")
EXACT = "# matched: exactly as written"
"""The comment that makes a table tell upper from lower case, as units do."""

# White space that may be at the edge of a cell, or be doubled. Inside of quotes it may be neither.
_BLANKS = re.compile(r"^\s|\s$|\s,|,\s|\s\s", re.MULTILINE)
_URI = re.compile(r"(?:https?://[^\s/]\S*|urn:[a-z0-9][a-z0-9-]{1,31}:\S+)", re.ASCII)


def is_exact(text: str) -> bool:
    """Whether the table says that its codes match exactly as written."""
    return any(line.rstrip() == EXACT for line in _comments(text.splitlines()))


def lines(text: str, header: Sequence[str], path: str) -> Iterator[tuple[str, list[str]]]:
    """File and line and the cells of each line below the header, which follows the comments.

    Raises: Failure INVALID.
    """
    found = text.removeprefix("\ufeff").splitlines()
    start = len(_comments(found)) + 1
    if found[start - 1 : start] != [",".join(header)]:
        raise Failure(Kind.INVALID, f"expected the header {','.join(header)}", at=f"{path}:{start}")
    careful = _BLANKS.search("\n".join(found[start:])) is not None
    reader = csv.reader(found[start:], strict=True)
    at = f"{path}:{start + 1}"
    try:
        for cells in reader:
            at = f"{path}:{start + reader.line_num}"
            if len(cells) != len(header):
                detail = f"expected {len(header)} cells, found {len(cells)}"
                raise Failure(Kind.INVALID, detail, at=at)
            if careful and [" ".join(cell.split()) for cell in cells] != cells:
                raise Failure(Kind.INVALID, "white space around a cell or doubled in it", at=at)
            yield at, cells
    except csv.Error as error:
        raise Failure(Kind.INVALID, f"not CSV: {error}", at=at) from error


def row(cells: Sequence[str], at: str) -> tuple[str, Row]:
    """The code and the row of a line with the cells of HEADER. Raises: Failure INVALID."""
    code, to, system, display, note = cells
    if system and not _is_uri(system):
        raise Failure(Kind.INVALID, "the system is not a URI (http, https or urn)", at=at)
    if not to and (system or not note):
        detail = "no target: no system either, and the note has to say why"
        raise Failure(Kind.INVALID, detail, at=at)
    return code, Row(to, system, display, at)


@lru_cache(maxsize=1024)
def _is_uri(text: str) -> bool:
    return _URI.fullmatch(text) is not None


def _comments(found: Sequence[str]) -> Sequence[str]:
    count = next((n for n, line in enumerate(found) if not line.startswith("#")), len(found))
    return found[:count]
