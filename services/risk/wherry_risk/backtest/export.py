"""The files of a FHIR bulk export become lines of resources, each with whose and of what type."""

import gzip
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import NamedTuple

import msgspec

from wherry.errors import Failure, Kind

# Source: FHIR Bulk Data Access IG, NDJSON files; several files of a type are numbered.
ENDINGS = (".ndjson", ".ndjson.gz", ".jsonl", ".jsonl.gz")
LONGEST_LINE = 8 * 1024 * 1024


class Line(NamedTuple):
    """One resource as it stands in the file; `codes` are those of an Observation's code."""

    type: str
    patient: str
    codes: frozenset[tuple[str, str]]
    body: bytes


class _Reference(msgspec.Struct, frozen=True):
    reference: str = ""


class _Coding(msgspec.Struct, frozen=True):
    system: str = ""
    code: str = ""


class _Concept(msgspec.Struct, frozen=True):
    coding: tuple[_Coding, ...] = ()


class _Head(msgspec.Struct, frozen=True, rename="camel"):
    resource_type: str
    id: str = ""
    subject: _Reference = _Reference()
    patient: _Reference = _Reference()


class _Coded(msgspec.Struct, frozen=True):
    code: _Concept = _Concept()


_heads = msgspec.json.Decoder(_Head)
_coded = msgspec.json.Decoder(_Coded)


def files_of(folder: Path) -> list[Path]:
    """The NDJSON files under this folder, in order. Raises: Failure(NOT_FOUND) when none is."""
    found = sorted(path for path in folder.rglob("*") if path.name.endswith(ENDINGS))
    if not found:
        raise Failure(Kind.NOT_FOUND, f"no files with {', '.join(ENDINGS)}", at="export")
    return found


def lines_of(path: Path, wanted: frozenset[str], *, skip: int = 0) -> Iterator[tuple[int, Line]]:
    """The resources of these types, numbered by line; the first `skip` lines are passed over.

    Raises: Failure(UNPROCESSABLE) at the file and line; what stands there is not repeated.
    """
    number = 0
    try:
        with _open(path) as file:
            while text := file.readline(LONGEST_LINE + 1):
                number += 1
                if number <= skip or not text.strip():
                    continue
                if len(text) > LONGEST_LINE:
                    raise Failure(Kind.UNPROCESSABLE, "the line is too long", at=_at(path, number))
                if (line := _line(text, _at(path, number))).type in wanted:
                    yield number, line
    except (EOFError, gzip.BadGzipFile):
        raise Failure(Kind.UNPROCESSABLE, "the file ends early", at=_at(path, number)) from None


def _line(text: bytes, at: str) -> Line:
    try:
        head = _heads.decode(text)
        codes = _coded.decode(text).code.coding if head.resource_type == "Observation" else ()
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Failure(Kind.UNPROCESSABLE, "not a FHIR resource", at=at) from None
    subject = head.subject.reference or head.patient.reference
    patient = head.id if head.resource_type == "Patient" else subject.rpartition("/")[2]
    return Line(
        head.resource_type, patient, frozenset((one.system, one.code) for one in codes), text
    )


def _open(path: Path) -> gzip.GzipFile | BufferedReader:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")


def _at(path: Path, number: int) -> str:
    return f"{path.name}:{number}"
