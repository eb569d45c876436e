"""A folder becomes the files of each data set in it, known by their columns and not their names."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from wherry_risk.training.data.tables import SUFFIXES, columns_of

DEPTH = 3
"""How many folders deep files are looked for."""

# By role, the columns that no other file has together, under their plain names.
ROLES: Mapping[str, frozenset[str]] = {
    "2012-events": frozenset({"minute", "param", "value"}),
    "2012-outcomes": frozenset({"recordid", "in_hospital_death"}),
    "2019-hours": frozenset({"iculos", "sepsislabel"}),
    "uci-encounters": frozenset({"encounter_id", "patient_nbr", "readmitted"}),
    "eicu-patients": frozenset({"patientunitstayid", "uniquepid", "hospitaldischargestatus"}),
    "eicu-aps": frozenset({"apacheapsvarid", "patientunitstayid", "meanbp"}),
}
Files = Mapping[str, tuple[Path, ...]]


def files_of(folder: Path) -> Files:
    """By role, the files under this folder in order of their paths."""
    found: dict[str, list[Path]] = defaultdict(list)
    for path in _tables(folder):
        columns = columns_of(path)
        for role, needed in ROLES.items():
            if needed <= columns:
                found[role].append(path)
    return {role: tuple(paths) for role, paths in found.items()}


def hashes(paths: tuple[Path, ...]) -> dict[str, str]:
    """The SHA-256 of each file, by name."""
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in paths}


def _tables(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        near = len(path.relative_to(folder).parts) <= DEPTH
        if near and path.is_file() and path.name.lower().endswith(SUFFIXES):
            yield path
