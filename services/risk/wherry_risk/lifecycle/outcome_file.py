"""A file of outcomes becomes outcomes, or a failure that names the line and the column."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn, TextIO

from wherry.errors import Failure, Kind
from wherry_risk.model.moments import moment
from wherry_risk.monitoring.outcomes import Happening, Outcome

COLUMNS = ("patient", "kind", "at")
"""What every line has; `encounter` and `happened` may be left out."""
_KNOWN = frozenset({*COLUMNS, "encounter", "happened"})
_YES = frozenset({"", "true", "yes", "1"})
_NO = frozenset({"false", "no", "0"})
_LONGEST = 64

Line = tuple[int, Mapping[str, Any]]


def read_outcomes(path: Path) -> Iterator[Outcome]:
    """The outcomes of a CSV file with a header, or of NDJSON, known by the file's name.

    Raises: Failure(INVALID) at the line and column; what stands there is not repeated.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, told in _LINES.get(path.suffix, _of_csv)(file):
                yield _outcome(number, told)
    except UnicodeDecodeError:
        raise Failure(Kind.INVALID, "the file is not UTF-8", at="file") from None


def _of_csv(file: TextIO) -> Iterator[Line]:
    rows = csv.DictReader(file)
    if missing := [name for name in COLUMNS if name not in (rows.fieldnames or [])]:
        raise Failure(Kind.INVALID, f"the header has no {missing[0]}", at="line 1")
    for row in rows:
        if None in row:
            raise Failure(Kind.INVALID, "more values than columns", at=f"line {rows.line_num}")
        yield rows.line_num, {name: value for name, value in row.items() if value is not None}


def _of_ndjson(file: TextIO) -> Iterator[Line]:
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            told = json.loads(line)
        except (json.JSONDecodeError, RecursionError):
            raise Failure(Kind.INVALID, "not JSON", at=f"line {number}") from None
        if not isinstance(told, dict):
            raise Failure(Kind.INVALID, "not an object", at=f"line {number}")
        yield number, told


_LINES: Mapping[str, Callable[[TextIO], Iterator[Line]]] = {
    ".csv": _of_csv,
    ".ndjson": _of_ndjson,
    ".jsonl": _of_ndjson,
}


def _outcome(number: int, told: Mapping[str, Any]) -> Outcome:
    if unknown := sorted(name[:_LONGEST] for name in told if name not in _KNOWN):
        raise Failure(Kind.INVALID, f"unknown column {unknown[0]}", at=f"line {number}")
    texts = {name: _text(number, name, told.get(name)) for name in _KNOWN}
    at = moment(texts["at"])
    if at is None:
        _refuse(number, "at", "not a date and time with seconds and an offset")
    if texts["kind"] not in set(Happening):
        _refuse(number, "kind", f"not one of {', '.join(Happening)}")
    if not texts["patient"]:
        _refuse(number, "patient", "a FHIR id is needed")
    return Outcome(
        patient=_id(texts["patient"]),
        encounter=_id(texts["encounter"]),
        kind=Happening(texts["kind"]),
        happened=_happened(number, texts["happened"]),
        at=at,
        source="file",
    )


def _text(number: int, name: str, value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if value is not None and not isinstance(value, str | int):
        _refuse(number, name, "not a text")
    return "" if value is None else str(value).strip()


def _happened(number: int, text: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() not in _NO:
        _refuse(number, "happened", "neither yes nor no")
    return False


def _id(text: str) -> str:
    """The id of Type/id, or of a bare id."""
    return text.rpartition("/")[2]


def _refuse(number: int, column: str, detail: str) -> NoReturn:
    raise Failure(Kind.INVALID, detail, at=f"line {number}, {column}")
