"""The PhysioNet 2012 files become stays: series per feature, outcome, and the columns beside it."""

import csv
import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from wherry.errors import Failure, Kind
from wherry.units import conversion
from wherry_risk.training.recipe import DAY_MIN, SALT

NAME = "physionet2012"
EVENTS, OUTCOMES = "events.parquet", "outcomes.csv.gz"

# Source: PhysioNet Challenge 2012, descriptions of the variables. FiO2 is a fraction there, and
# MechVent is only ever charted as 1.
PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "heart-rate": ("HR",),
    "mean-bp": ("MAP", "NIMAP"),
    "respiratory-rate": ("RespRate",),
    "temperature": ("Temp",),
    "haematocrit": ("HCT",),
    "wbc": ("WBC",),
    "creatinine": ("Creatinine",),
    "sodium": ("Na",),
    "albumin": ("Albumin",),
    "glucose": ("Glucose",),
    "arterial-ph": ("pH",),
    "paco2": ("PaCO2",),
    "urea-nitrogen": ("BUN",),
    "bilirubin": ("Bilirubin",),
    "pao2": ("PaO2",),
    "fio2": ("FiO2",),
    "gcs": ("GCS",),
    "urine-24h": ("Urine",),
    "ventilated": ("MechVent",),
    "age": ("Age",),
    "systolic-bp": ("SysABP", "NISysABP"),
    "saturation": ("SaO2",),
    "sex": ("Gender",),
}
FRACTION_TO_PERCENT = conversion("1", "%")
MAX_URINE_ML = 5000
"""One charted amount above this is a slip of the pen: no bag holds it."""

Stay = dict[str, list[tuple[float, float]]]


@dataclass(frozen=True, slots=True)
class Stays:
    """Stays in order of their number; `series` are in minutes before the end of the first day."""

    ids: NDArray[np.int64]
    sets: NDArray[np.str_]
    died: NDArray[np.bool_]
    saps: NDArray[np.float64]
    sofa: NDArray[np.float64]
    series: list[Stay]

    def of(self, chosen: NDArray[np.bool_]) -> "Stays":
        """Only these."""
        return Stays(
            self.ids[chosen],
            self.sets[chosen],
            self.died[chosen],
            self.saps[chosen],
            self.sofa[chosen],
            [self.series[n] for n in np.flatnonzero(chosen)],
        )


def folder_of(data: Path) -> Path:
    """The folder that holds the files: `data` itself or its sub-folder of the data set's name.

    Raises: Failure(NOT_FOUND).
    """
    for folder in (data, data / NAME):
        if (folder / EVENTS).is_file() and (folder / OUTCOMES).is_file():
            return folder
    raise Failure(Kind.NOT_FOUND, f"no {EVENTS} and {OUTCOMES} here", at="data")


def hashes(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file that is read."""
    return {name: sha256((folder / name).read_bytes()).hexdigest() for name in (EVENTS, OUTCOMES)}


def read(folder: Path) -> Stays:
    """All stays of the files with what was charted in the first 24 h."""
    with gzip.open(folder / OUTCOMES, "rt", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: int(row["RecordID"]))
    ids = np.array([int(row["RecordID"]) for row in rows])
    series = _series(folder / EVENTS, {int(id_): n for n, id_ in enumerate(ids)})
    return Stays(
        ids=ids,
        sets=np.array([row["set"] for row in rows]),
        died=np.array([row["In-hospital_death"] == "1" for row in rows]),
        saps=np.array([float(row["SAPS-I"]) for row in rows]),
        sofa=np.array([float(row["SOFA"]) for row in rows]),
        series=series,
    )


def _series(path: Path, places: Mapping[int, int]) -> list[Stay]:
    table = pq.read_table(path, columns=["RecordID", "minute", "param", "value"])
    codes = table.column("param").combine_chunks()
    known = codes.dictionary.to_pylist()
    names = {parameter: name for name, all_ in PARAMETERS.items() for parameter in all_}
    wanted = np.array([parameter in names for parameter in known])
    code = codes.indices.to_numpy()
    minute = table.column("minute").to_numpy()
    kept = wanted[code] & (minute <= DAY_MIN)
    stays: list[Stay] = [{} for _ in places]
    for id_, at, parameter, value in zip(
        table.column("RecordID").to_numpy()[kept].tolist(),
        minute[kept].tolist(),
        code[kept].tolist(),
        table.column("value").to_numpy()[kept].tolist(),
        strict=True,
    ):
        if id_ in places:
            name = names[known[parameter]]
            stays[places[id_]].setdefault(name, []).append((float(DAY_MIN - at), value))
    return [_neutral(stay) for stay in stays]


def _neutral(stay: Stay) -> Stay:
    """The series in the units and meanings of the features."""
    return {name: _MEANINGS[name](series) if name in _MEANINGS else series
            for name, series in stay.items()}  # fmt: skip


def _percent(series: list[tuple[float, float]]) -> list[tuple[float, float]]:
    assert FRACTION_TO_PERCENT is not None  # noqa: S101 - wherry.units knows it
    shown = [(minutes, Decimal(str(np.float32(value)))) for minutes, value in series]
    return [(minutes, float(FRACTION_TO_PERCENT(value))) for minutes, value in shown]


def _total(series: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The 24 h total, as a chart would state it at the end of the day."""
    return [(0.0, sum(value for _, value in series if 0 <= value <= MAX_URINE_ML))]


def _at_the_end(series: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """What holds for the whole stay."""
    return [(0.0, value) for _, value in series[:1]]


_MEANINGS: dict[str, Callable[[list[tuple[float, float]]], list[tuple[float, float]]]] = {
    "fio2": _percent,
    "urine-24h": _total,
    "age": _at_the_end,
    "sex": _at_the_end,
}


def shares(ids: NDArray[np.int64], salt: str = SALT) -> NDArray[np.float64]:
    """A number in [0, 1) for each stay, the same for ever: what decides its part."""
    return np.array([_share(f"{salt}/{id_}") for id_ in ids.tolist()])


def _share(text: str) -> float:
    return int.from_bytes(sha256(text.encode()).digest()[:6], "big") / float(1 << 48)
