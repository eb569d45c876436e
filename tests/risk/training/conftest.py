"""Data sets in the formats of the real ones; every stay is invented."""

import csv
import gzip
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

DAY_MIN = 24 * 60

# What is charted in the made-up stays: parameter, middle, spread, share of stays
CHARTED = (
    ("HR", 90, 20, 1.0),
    ("MAP", 75, 15, 1.0),
    ("SysABP", 120, 18, 1.0),
    ("RespRate", 20, 5, 0.3),
    ("Temp", 37, 0.8, 1.0),
    ("HCT", 31, 5, 0.9),
    ("WBC", 12, 5, 0.9),
    ("Creatinine", 1.4, 0.4, 0.9),
    ("Na", 139, 4, 0.9),
    ("Albumin", 3, 0.5, 0.4),
    ("Glucose", 140, 40, 0.9),
    ("pH", 7.36, 0.07, 0.7),
    ("PaCO2", 41, 7, 0.7),
    ("BUN", 28, 9, 0.9),
    ("Bilirubin", 1.2, 0.5, 0.4),
    ("PaO2", 110, 30, 0.7),
    ("FiO2", 0.5, 0.1, 0.6),
    ("GCS", 11, 3, 1.0),
    ("Urine", 400, 150, 1.0),
    ("MechVent", 1, 0, 0.6),
)
Write = Callable[..., Path]


@pytest.fixture(scope="session")
def write_2012(tmp_path_factory: pytest.TempPathFactory) -> Write:
    """Write stays with these numbers; each number always gets the same stay."""

    def write(ids: Sequence[int], folder: Path | None = None) -> Path:
        folder = folder or tmp_path_factory.mktemp("stays")
        events: list[tuple[int, int, str, float]] = []
        outcomes = []
        for id_ in ids:
            random = np.random.default_rng(id_)
            age, worst = int(random.integers(17, 90)), random.normal()
            events += [(id_, 0, "Age", float(age)), (id_, 0, "Gender", float(id_ % 2))]
            events.append((id_, 0, "", 1.0))  # a blank parameter, as set c has them
            for name, middle, spread, share in CHARTED:
                if random.random() < share:
                    for minute in (30, DAY_MIN - 20, DAY_MIN + 400):
                        value = max(middle + spread * (random.normal() + worst), 0.25)
                        events.append((id_, minute, name, round(value, 2)))
            died = int(random.random() < 1 / (1 + np.exp(1.5 - worst - (age - 60) / 30)))
            outcomes.append((id_, "ab"[id_ % 2], 10, 5, 6, -1, died))
        columns = zip(*events, strict=True)
        types = (pa.int32(), pa.int16(), pa.dictionary(pa.int32(), pa.string()), pa.float32())
        arrays = [pa.array(list(one), type_) for one, type_ in zip(columns, types, strict=True)]
        pq.write_table(
            pa.table(arrays, names=["RecordID", "minute", "param", "value"]),
            folder / "events.parquet",
        )
        names = [
            "RecordID",
            "set",
            "SAPS-I",
            "SOFA",
            "Length_of_stay",
            "Survival",
            "In-hospital_death",
        ]
        write_csv(folder / "outcomes.csv.gz", names, outcomes)
        return folder

    return write


@pytest.fixture(scope="session")
def stays(write_2012: Write) -> Path:
    """Five hundred stays."""
    return write_2012(range(1, 501))


def write_csv(path: Path, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A CSV file, packed."""
    with gzip.open(path, "wt", newline="") as file:
        csv.writer(file).writerows([names, *rows])
