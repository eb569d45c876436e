"""The PhysioNet 2012 files become stays with what was charted in up to 48 hours."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherry_risk.model.aggregate import Series
from wherry_risk.training.data.files import Files
from wherry_risk.training.data.tables import Coded, columns_of, id_in, numbers_of, rows_of, texts_of
from wherry_risk.training.people import Person, constant

Array = NDArray[np.float64]
NAME = "physionet2012"
ROLES = ("2012-events", "2012-outcomes")
HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
MORE_H = (16, 20, 28, 32, 40, 48)
"""Later and earlier moments of the same stays, so that trees see each stay in other windows."""

# Source: PhysioNet Challenge 2012, descriptions of the variables. MechVent is only charted as 1.
PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "heart-rate": ("HR",),
    "mean-bp": ("MAP", "NIMAP"),
    "systolic-bp": ("SysABP", "NISysABP"),
    "diastolic-bp": ("DiasABP", "NIDiasABP"),
    "respiratory-rate": ("RespRate",),
    "temperature": ("Temp",),
    "haematocrit": ("HCT",),
    "wbc": ("WBC",),
    "platelets": ("Platelets",),
    "creatinine": ("Creatinine",),
    "urea-nitrogen": ("BUN",),
    "sodium": ("Na",),
    "potassium": ("K",),
    "magnesium": ("Mg",),
    "bicarbonate": ("HCO3",),
    "glucose": ("Glucose",),
    "lactate": ("Lactate",),
    "albumin": ("Albumin",),
    "bilirubin": ("Bilirubin",),
    "alkaline-phosphatase": ("ALP",),
    "alt": ("ALT",),
    "ast": ("AST",),
    "troponin-t": ("TroponinT",),
    "arterial-ph": ("pH",),
    "paco2": ("PaCO2",),
    "pao2": ("PaO2",),
    "fio2": ("FiO2",),
    "gcs": ("GCS",),
    "urine": ("Urine",),
    "ventilated": ("MechVent",),
    "weight": ("Weight",),
    "age": ("Age",),
    "sex": ("Gender",),
}
FRACTION = frozenset({"fio2"})
WHOLE = frozenset({"age", "sex"})
MAX_URINE_ML = 5000
"""One charted amount above this is a slip of the pen: no bag holds it."""
SEXES = {0.0: "women", 1.0: "men"}
UNITS = {1: "coronary", 2: "cardiac surgery", 3: "medical", 4: "surgical"}


def people(files: Files) -> Iterator[Person]:
    """All stays that have an outcome, in order of their number."""
    outcomes = {
        int(float(row["recordid"])): row for path in files["2012-outcomes"] for row in rows_of(path)
    }
    charted = _charted(files["2012-events"])
    for id_, outcome in sorted(outcomes.items()):
        series = charted.get(id_, {})
        yield _person(id_, outcome, series)


def _person(id_: int, outcome: Mapping[str, str], charted: Mapping[str, Series]) -> Person:
    series = {name: _meant(name, one) for name, one in charted.items() if name != "unit"}
    if urine := charted.get("urine"):
        series["urine"] = urine = _bagged(urine)
        series["urine-24h"] = _totals(urine)
    unit = charted.get("unit")
    return Person(
        id=str(id_),
        series=series,
        moments_s=(DAY_S,),
        outcomes=(float(outcome["in_hospital_death"]) == 1,),
        more_s=tuple(h * HOUR_S for h in MORE_H),
        about={
            "saps": outcome.get("saps_i", ""),
            "sofa": outcome.get("sofa", ""),
            "sex": SEXES.get(sex.values[0], "") if (sex := charted.get("sex")) else "",
            "unit": UNITS.get(int(unit.values[0]), "") if unit else "",
        },
    )


def _meant(name: str, series: Series) -> Series:
    if name in WHOLE:
        return constant(series.values[0])
    if name in FRACTION:
        return Series(series.at_s, [round(value * 100, 4) for value in series.values])
    return series


def _bagged(series: Series) -> Series:
    kept = [n for n, value in enumerate(series.values) if 0 <= value <= MAX_URINE_ML]
    return Series([series.at_s[n] for n in kept], [series.values[n] for n in kept])


def _totals(urine: Series) -> Series:
    """The total of the 24 h before each moment, as a chart would state it then."""
    at_s, totals = [], []
    for hours in (24, *MORE_H):
        end = hours * HOUR_S
        inside = [v for t, v in zip(*urine, strict=True) if end - DAY_S <= t <= end]
        if inside:
            at_s.append(end)
            totals.append(sum(inside))
    order = sorted(range(len(at_s)), key=at_s.__getitem__)
    return Series([at_s[n] for n in order], [totals[n] for n in order])


def _charted(paths: Sequence[Path]) -> dict[int, dict[str, Series]]:
    """By stay and input, the values in order of time."""
    names = {parameter: name for name, all_ in PARAMETERS.items() for parameter in all_}
    names["ICUType"] = "unit"
    inputs = sorted(set(names.values()))
    ids, seconds, places, values = (
        np.concatenate(parts)
        for parts in zip(*(_arrays(path, names, inputs) for path in paths), strict=True)
    )
    order = np.lexsort((seconds, places, ids))
    ids, seconds, places, values = ids[order], seconds[order], places[order], values[order]
    starts = np.flatnonzero(np.r_[True, (np.diff(ids) != 0) | (np.diff(places) != 0)])
    found: dict[int, dict[str, Series]] = {}
    for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(ids)], strict=True):
        if start < end:
            series = Series(seconds[start:end].tolist(), values[start:end].tolist())
            found.setdefault(int(ids[start]), {})[inputs[places[start]]] = series
    return found


def _arrays(path: Path, names: Mapping[str, str], inputs: Sequence[str]) -> tuple[Any, ...]:
    """A file has the number of each stay, or is one stay, as the challenge gave them out."""
    told = texts_of(path, ["minute", "param"])
    values = numbers_of(path, ["value"])["value"]
    place = told["param"].each(lambda p: inputs.index(names[p]) if p in names else -1)
    kept = (place >= 0) & ~np.isnan(values)
    return (
        _ids(path, told["param"], values)[kept].astype(np.int64),
        told["minute"].each(_minute)[kept] * 60,
        place[kept].astype(int),
        values[kept].astype(np.float32).astype(float).round(4),
    )


def _ids(path: Path, parameter: Coded, values: Array) -> Array:
    if "recordid" in columns_of(path):
        return numbers_of(path, ["recordid"])["recordid"]
    own = values[parameter.each(lambda text: text == "RecordID") > 0]
    return np.full(len(values), float(own[0]) if len(own) else float(id_in(path)))


def _minute(text: str) -> float:
    """Minutes since admission, which the challenge wrote as hours and minutes: 24:30."""
    hours, colon, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes) if colon else float(text or "nan")
