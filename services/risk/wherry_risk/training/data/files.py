"""A folder becomes the files of each data set in it, known by their columns and not their names."""

import csv
import gzip
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

DEPTH = 3
"""How many folders deep files are looked for."""

# By role, the columns that no other file has together.
ROLES: Mapping[str, frozenset[str]] = {
    "2012-events": frozenset({"RecordID", "minute", "param", "value"}),
    "2012-outcomes": frozenset({"RecordID", "In-hospital_death"}),
    "2019-hours": frozenset({"pid", "ICULOS", "SepsisLabel"}),
    "uci-encounters": frozenset({"encounter_id", "patient_nbr", "readmitted"}),
    "eicu-patients": frozenset({"patientunitstayid", "uniquepid", "hospitaldischargestatus"}),
    "eicu-aps": frozenset({"apacheapsvarid", "patientunitstayid", "meanbp"}),
}
Files = Mapping[str, tuple[Path, ...]]


def files_of(folder: Path) -> Files:
    """By role, the files under this folder in order of their paths."""
    found: dict[str, list[Path]] = defaultdict(list)
    for path in _tables(folder):
        columns = _columns(path)
        for role, needed in ROLES.items():
            if needed <= columns:
                found[role].append(path)
    return {role: tuple(paths) for role, paths in found.items()}


def hashes(paths: tuple[Path, ...]) -> dict[str, str]:
    """The SHA-256 of each file, by name."""
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in paths}


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV file; the text "None" stays a text."""
    with _text(path) as file:
        yield from csv.DictReader(file)


def _tables(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        near = len(path.relative_to(folder).parts) <= DEPTH
        if near and path.is_file() and path.name.endswith((".parquet", ".csv", ".csv.gz")):
            yield path


def _columns(path: Path) -> frozenset[str]:
    """The names of its columns; none of what is no table."""
    try:
        if path.suffix == ".parquet":
            return frozenset(pq.read_schema(path).names)
        with _text(path) as file:
            return frozenset(next(csv.reader(file), []))
    except (OSError, EOFError, UnicodeDecodeError, csv.Error, pa.ArrowException):
        return frozenset()


def _text(path: Path) -> io.TextIOBase:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", newline="", encoding="utf-8-sig")
    return path.open(newline="", encoding="utf-8-sig")
