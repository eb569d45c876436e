"""The PhysioNet 2019 hours become people in intensive care, judged each hour."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from wherry_risk.model.aggregate import Series
from wherry_risk.training.data.files import Files
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
    """Everybody, in order of their number, each with the hours in order of time."""
    wanted = ["pid", "ICULOS", "SepsisLabel", "Age", "Gender", *COLUMNS.values()]
    tables = [pq.read_table(path, columns=wanted) for path in files["2019-hours"]]
    arrays = {name: pa.concat_tables(tables)[name].to_numpy() for name in wanted}
    order = np.lexsort((arrays["ICULOS"], arrays["pid"]))
    arrays = {name: array[order] for name, array in arrays.items()}
    starts = np.flatnonzero(np.r_[True, np.diff(arrays["pid"]) != 0])
    for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(order)], strict=True):
        yield _person({name: array[start:end] for name, array in arrays.items()})


def _person(hours: Mapping[str, Any]) -> Person:
    at_s = hours["ICULOS"].astype(float) * HOUR_S
    series = {
        name: Series(at_s[known].tolist(), _values(name, values[known]))
        for name, column in COLUMNS.items()
        if (known := ~np.isnan(values := hours[column])).any()
    }
    age, sex = float(hours["Age"][0]), int(hours["Gender"][0])
    series["age"], series["sex"] = constant(float(int(age))), constant(float(sex))
    return Person(
        id=str(int(hours["pid"][0])),
        series=series,
        moments_s=at_s.tolist(),
        outcomes=(hours["SepsisLabel"] > 0).tolist(),
        about={"sex": SEXES.get(sex, "")},
    )


def _values(name: str, values: Any) -> list[float]:
    exact = values.astype(float).round(4)
    return (exact * 100).round(2).tolist() if name in FRACTION else exact.tolist()  # type: ignore[no-any-return]
