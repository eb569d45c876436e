"""The PhysioNet 2019 hours become people in intensive care, judged each hour."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherry_risk.model.aggregate import Series
from wherry_risk.training.data.files import Files
from wherry_risk.training.data.tables import columns_of, id_in, numbers_of, plain, texts_of
from wherry_risk.training.people import Person, constant

NAME = "physionet2019"
ROLES = ("2019-hours",)
HOUR_S = 3600.0

# Source: PhysioNet Challenge 2019, description of the variables. Calcium mixes two units in set B;
# chloride, bicarbonate and base excess are missing for over 90 % of its people: none is read.
COLUMNS: Mapping[str, str] = {
    "heart-rate": "HR",
    "spo2": "O2Sat",
    "temperature": "Temp",
    "systolic-bp": "SBP",
    "mean-bp": "MAP",
    "diastolic-bp": "DBP",
    "respiratory-rate": "Resp",
    "fio2": "FiO2",
    "arterial-ph": "pH",
    "paco2": "PaCO2",
    "ast": "AST",
    "urea-nitrogen": "BUN",
    "alkaline-phosphatase": "Alkalinephos",
    "creatinine": "Creatinine",
    "bilirubin-direct": "Bilirubin_direct",
    "glucose": "Glucose",
    "lactate": "Lactate",
    "magnesium": "Magnesium",
    "phosphate": "Phosphate",
    "potassium": "Potassium",
    "bilirubin": "Bilirubin_total",
    "troponin-i": "TroponinI",
    "haematocrit": "Hct",
    "haemoglobin": "Hgb",
    "aptt": "PTT",
    "wbc": "WBC",
    "fibrinogen": "Fibrinogen",
    "platelets": "Platelets",
}
FRACTION = frozenset({"fio2"})
SEXES = {0: "women", 1: "men"}


def people(files: Files) -> Iterator[Person]:
    """Everybody, in order of their number, each with the hours in order of time.

    A file has the number of each person in `pid`, or is one person, as the challenge gave them out.
    Of an hour that comes twice the first counts.
    """
    parts = [_arrays(path) for path in files["2019-hours"]]
    arrays = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.lexsort((arrays["iculos"], arrays["pid"]))
    arrays = {name: array[order] for name, array in arrays.items()}
    first = np.r_[True, (np.diff(arrays["pid"]) != 0) | (np.diff(arrays["iculos"]) != 0)]
    arrays = {name: array[first] for name, array in arrays.items()}
    starts = np.flatnonzero(np.r_[True, np.diff(arrays["pid"]) != 0])
    ends = [*starts[1:].tolist(), len(arrays["pid"])]
    for start, end in zip(starts.tolist(), ends, strict=True):
        yield _person({name: array[start:end] for name, array in arrays.items()})


def _arrays(path: Path) -> dict[str, NDArray[Any]]:
    wanted = ["iculos", "sepsislabel", "age", "gender", *map(plain, COLUMNS.values())]
    if "pid" not in columns_of(path):
        told = numbers_of(path, wanted)
        return told | {"pid": np.full(len(told["iculos"]), float(id_in(path)))}
    pids = texts_of(path, ["pid"])["pid"]
    return numbers_of(path, wanted) | {"pid": pids.each(lambda text: float(text.lstrip("p")))}


def _person(hours: Mapping[str, Any]) -> Person:
    at_s = hours["iculos"].astype(float) * HOUR_S
    series = {
        name: Series(at_s[known].tolist(), _values(name, values[known]))
        for name, column in COLUMNS.items()
        if (known := ~np.isnan(values := hours[plain(column)])).any()
    }
    age, sex = float(hours["age"][0]), hours["gender"][0]
    series["age"] = constant(float(int(age)))
    if sex in SEXES:
        series["sex"] = constant(float(sex))
    return Person(
        id=str(int(hours["pid"][0])),
        series=series,
        moments_s=at_s.tolist(),
        outcomes=(hours["sepsislabel"] > 0).tolist(),
        about={"sex": SEXES.get(sex, "")},
    )


def _values(name: str, values: Any) -> list[float]:
    exact = values.astype(float).round(4)
    return (exact * 100).round(2).tolist() if name in FRACTION else exact.tolist()  # type: ignore[no-any-return]
