"""Files of tables in several formats become columns under plain names, whatever their order."""

import csv
import gzip
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from wherry.errors import Failure, Kind

PARQUET = ".parquet"
SUFFIXES = (PARQUET, *(f"{text}{packed}" for text in (".csv", ".psv", ".tsv", ".txt")
                       for packed in ("", ".gz")))  # fmt: skip
DELIMITERS = "|;\t,"
MISSING = ("", "NaN", "nan", "NA", "null")
"""How files write that a number is not known."""
BROKEN = (OSError, EOFError, UnicodeDecodeError, csv.Error, pa.ArrowException)
# Other names under which the same columns are passed on.
ALIASES: Mapping[str, str] = {
    "patient_id": "pid",
    "patient": "pid",
    "record_id": "recordid",
    "parameter": "param",
    "time": "minute",
}
_OTHER = re.compile(r"[^a-z0-9]+")


def plain(name: str) -> str:
    """A column's name in lower case, with "_" for whatever is no letter or digit."""
    told = _OTHER.sub("_", name.strip().lower()).strip("_")
    return ALIASES.get(told, told)


def columns_of(path: Path) -> frozenset[str]:
    """The plain names of a file's columns; none of what is no table."""
    try:
        return frozenset(plain(name) for name in _names(path))
    except BROKEN:
        return frozenset()


class Coded(NamedTuple):
    """A column of texts: each text once, and which one a row has."""

    texts: Sequence[str]
    places: NDArray[np.int64]

    def each(self, of: Callable[[str], float]) -> NDArray[np.float64]:
        """What `of` makes of the text of each row."""
        return np.array([of(text) for text in self.texts], dtype=float)[self.places]


def numbers_of(path: Path, wanted: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    """These columns by plain name, with NaN where nothing is known.

    Raises: Failure(UNPROCESSABLE) when the file lacks one, or a value is no number.
    """
    try:
        return {name: _numbers(column) for name, column in _table(path, wanted).items()}
    except pa.ArrowException:
        raise Failure(Kind.UNPROCESSABLE, "a value is no number", at=path.name) from None


def texts_of(path: Path, wanted: Sequence[str]) -> dict[str, Coded]:
    """These columns by plain name, without spaces around; "" where nothing is known.

    Raises: Failure(UNPROCESSABLE) when the file lacks one.
    """
    return {name: _texts(column) for name, column in _table(path, wanted).items()}


def rows_of(path: Path, needed: Sequence[str] = ()) -> Iterator[dict[str, str]]:
    """The rows of a file as texts by plain name; the text "None" stays a text.

    Raises: Failure(UNPROCESSABLE) when the file lacks a needed column.
    """
    lacking = sorted(set(needed) - columns_of(path))
    if lacking:
        raise _lacking(path, lacking)
    if path.suffix == PARQUET:
        for row in pq.read_table(path).to_pylist():
            yield {plain(name): _said(value) for name, value in row.items()}
        return
    with _text(path) as file:
        first = file.readline()
        names = [plain(name) for name in next(csv.reader([first], delimiter=_delimiter(first)), [])]
        yield from csv.DictReader(file, names, delimiter=_delimiter(first), restval="")


def id_in(path: Path) -> str:
    """The number in a file's name, where each file is one person: p100001.psv."""
    digits = re.sub(r"\D", "", path.name.partition(".")[0])
    if not digits:
        raise Failure(Kind.UNPROCESSABLE, "nothing says whom the rows are about", at=path.name)
    return str(int(digits))


def _names(path: Path) -> list[str]:
    if path.suffix == PARQUET:
        return list(pq.read_schema(path).names)
    with _text(path) as file:
        first = file.readline()
    return next(csv.reader([first], delimiter=_delimiter(first)), [])


def _table(path: Path, wanted: Sequence[str]) -> dict[str, pa.ChunkedArray]:
    try:
        return _read(path, wanted)
    except BROKEN:
        raise Failure(Kind.UNPROCESSABLE, "the file cannot be read", at=path.name) from None


def _read(path: Path, wanted: Sequence[str]) -> dict[str, pa.ChunkedArray]:
    names = {plain(name): name for name in reversed(_names(path))}
    if lacking := sorted(set(wanted) - set(names)):
        raise _lacking(path, lacking)
    kept = [names[name] for name in wanted]
    if path.suffix == PARQUET:
        table = pq.read_table(path, columns=kept)
    else:
        with _text(path) as file:
            delimiter = _delimiter(file.readline())
        table = pacsv.read_csv(
            path,
            parse_options=pacsv.ParseOptions(delimiter=delimiter),
            convert_options=pacsv.ConvertOptions(
                include_columns=kept,
                column_types=dict.fromkeys(kept, pa.string()),
            ),
        )
    return {name: table[names[name]] for name in wanted}


def _numbers(column: pa.ChunkedArray) -> NDArray[np.float64]:
    if pa.types.is_dictionary(column.type):
        column = pc.cast(column, pa.string())
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        trimmed = pc.utf8_trim_whitespace(column)
        column = pc.if_else(pc.is_in(trimmed, pa.array(MISSING)), None, trimmed)
    whole = pc.cast(column, pa.float64()).combine_chunks()
    return np.asarray(pc.fill_null(whole, float("nan")).to_numpy(zero_copy_only=False))


def _texts(column: pa.ChunkedArray) -> Coded:
    filled = pc.fill_null(pc.cast(column, pa.string()), "").combine_chunks().dictionary_encode()
    if isinstance(filled, pa.ChunkedArray):
        filled = filled.combine_chunks()
    texts = [text.strip() for text in filled.dictionary.to_pylist()]
    return Coded(texts, np.asarray(filled.indices.to_numpy(zero_copy_only=False), np.int64))


def _said(value: object) -> str:
    """A value as a file of texts would have it: 6, not 6.0."""
    if value is None or value != value:  # noqa: PLR0124 - NaN
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _lacking(path: Path, names: Sequence[str]) -> Failure:
    text = f"the file has no column {', '.join(names)}"
    return Failure(Kind.UNPROCESSABLE, text, at=path.name)


def _delimiter(header: str) -> str:
    return max(DELIMITERS, key=header.count)


def _text(path: Path) -> io.TextIOBase:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", newline="", encoding="utf-8-sig")
    return path.open(newline="", encoding="utf-8-sig")
