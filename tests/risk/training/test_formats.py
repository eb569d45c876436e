"""The same people are read from every format in which the data sets are passed on."""

import csv
import gzip
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wherry.errors import Failure, Kind
from wherry_risk.model.aggregate import Series
from wherry_risk.training.data import physionet2012, physionet2019, uci_diabetes130
from wherry_risk.training.data.files import files_of
from wherry_risk.training.people import Person

Rows = Sequence[Mapping[str, Any]]
HOURS = ["HR", "O2Sat", "Temp", "SBP", "MAP", "DBP", "Resp", "EtCO2", "FiO2", "pH", "PaCO2", "AST",
         "BUN", "Alkalinephos", "Creatinine", "Bilirubin_direct", "Glucose", "Lactate", "Magnesium",
         "Phosphate", "Potassium", "Bilirubin_total", "TroponinI", "Hct", "Hgb", "PTT", "WBC",
         "Fibrinogen", "Platelets", "Age", "Gender", "Unit1", "ICULOS", "SepsisLabel"]  # fmt: skip


def hours_of(pid: int) -> list[dict[str, Any]]:
    """Five made-up hours of one person."""
    random = np.random.default_rng(pid)
    rows = []
    for hour in range(1, 6):
        row = dict.fromkeys(HOURS, "NaN")
        row |= {"HR": f"{random.integers(60, 120)}", "Temp": f"{random.normal(37, 1):.2f}"}
        row |= {"FiO2": "0.4", "Age": "63.5", "Gender": f"{pid % 2}", "ICULOS": f"{hour}"}
        rows.append({"pid": pid, **row, "SepsisLabel": f"{int(hour > 3)}"})
    return rows


def write(path: Path, rows: Rows, delimiter: str) -> None:
    opened = gzip.open if path.suffix == ".gz" else Path.open
    with opened(path, "wt", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        table.writeheader()
        table.writerows(rows)


def told(people: Any) -> list[tuple[Any, ...]]:
    """All that training and measuring read of people."""
    return [_all_of(one) for one in people]


def _all_of(one: Person) -> tuple[Any, ...]:
    series = {name: (list(s.at_s), list(s.values)) for name, s in sorted(one.series.items())}
    return one.id, series, list(one.moments_s), list(one.outcomes), dict(one.about)


def one_psv_a_person(folder: Path, rows: Rows) -> None:
    for pid in {row["pid"] for row in rows}:
        own = [{k: v for k, v in row.items() if k != "pid"} for row in rows if row["pid"] == pid]
        write(folder / f"p{pid:06}.psv", own, "|")


def parquet(folder: Path, rows: Rows) -> None:
    names = {name: [row[name] for row in rows] for name in rows[0]}
    numbers = {n: pa.array([float(x) for x in v], pa.float32()) for n, v in names.items()}
    numbers["pid"] = pa.array([int(x) for x in names["pid"]], pa.int32())
    pq.write_table(pa.table(numbers), folder / "setB.parquet")


def one_csv(folder: Path, rows: Rows) -> None:
    write(folder / "test.csv", rows, ",")


def packed_with_other_names_and_order(folder: Path, rows: Rows) -> None:
    """As passed on elsewhere: an index in front, the number under another name, in capitals."""
    shuffled = [
        {"": n, "Hour": n, **{name.upper(): row[name] for name in reversed(HOURS)}}
        | {"Patient_ID": f"p{row['pid']:06}"}
        for n, row in enumerate(reversed(rows))
    ]
    write(folder / "Dataset.csv.gz", shuffled, ",")


def in_two_files_that_overlap(folder: Path, rows: Rows) -> None:
    write(folder / "a.tsv", rows[:7], "\t")
    write(folder / "b.txt", rows[5:], ";")


@pytest.mark.parametrize(
    "form",
    [
        parquet,
        one_psv_a_person,
        one_csv,
        packed_with_other_names_and_order,
        in_two_files_that_overlap,
    ],
)
def test_2019_hours_are_the_same_in_every_format(
    form: Callable[[Path, Rows], None], tmp_path: Path
) -> None:
    rows = [row for pid in (100007, 100009) for row in hours_of(pid)]
    form(tmp_path, rows)

    people = told(physionet2019.people(files_of(tmp_path)))

    assert [one[0] for one in people] == ["100007", "100009"]
    for id_, series, moments, outcomes, about in people:
        own = [row for row in rows if str(row["pid"]) == id_]
        assert moments == [hour * 3600 for hour in range(1, 6)]
        assert outcomes == [False, False, False, True, True]
        assert series["heart-rate"][1] == [float(row["HR"]) for row in own]
        assert series["temperature"][1] == [float(row["Temp"]) for row in own]
        assert series["fio2"][1] == [40.0] * 5
        assert "lactate" not in series
        assert about == {"sex": "men" if int(id_) % 2 else "women"}


def test_a_2019_file_without_a_column_is_named_with_what_it_lacks(tmp_path: Path) -> None:
    rows = [{k: v for k, v in row.items() if k not in {"Lactate", "WBC"}} for row in hours_of(7)]
    write(tmp_path / "test.csv", rows, ",")

    with pytest.raises(Failure) as failed:
        list(physionet2019.people(files_of(tmp_path)))

    assert (failed.value.kind, failed.value.at) == (Kind.UNPROCESSABLE, "test.csv")
    assert failed.value.detail == "the file has no column lactate, wbc"


def test_a_text_among_the_numbers_fails_without_being_repeated(tmp_path: Path) -> None:
    rows = hours_of(7)
    rows[2]["HR"] = "John"
    write(tmp_path / "test.csv", rows, ",")

    with pytest.raises(Failure, match="a value is no number") as failed:
        list(physionet2019.people(files_of(tmp_path)))

    assert "John" not in str(failed.value)


def test_hours_that_do_not_say_whose_they_are_fail(tmp_path: Path) -> None:
    rows = [{k: v for k, v in row.items() if k != "pid"} for row in hours_of(7)]
    write(tmp_path / "test.psv", rows, "|")

    with pytest.raises(Failure, match="nothing says whom"):
        list(physionet2019.people(files_of(tmp_path)))


EVENTS = [
    (132540, 0, "Age", 76.0),
    (132540, 0, "Gender", 1.0),
    (132540, 0, "ICUType", 2.0),
    (132540, 37, "HR", 88.0),
    (132540, 1465, "HR", 71.5),
    (132540, 1465, "pH", 7.39),
    (132551, 0, "Age", 51.0),
    (132551, 9, "HR", 120.0),
]
DEATHS = [(132540, 16, 8, 8, -1, 0), (132551, 10, 5, 6, 4, 1)]
OUTCOME = ("RecordID", "SAPS-I", "SOFA", "Length_of_stay", "Survival", "In-hospital_death")


def outcomes(path: Path) -> None:
    write(path, [dict(zip(OUTCOME, row, strict=True)) for row in DEATHS], ",")


def stays_as_parquet(folder: Path) -> None:
    types = (pa.int32(), pa.int16(), pa.dictionary(pa.int8(), pa.string()), pa.float32())
    columns = [
        pa.array(list(one), t) for one, t in zip(zip(*EVENTS, strict=True), types, strict=True)
    ]
    pq.write_table(
        pa.table(columns, names=["RecordID", "minute", "param", "value"]), folder / "x.parquet"
    )
    outcomes(folder / "y.csv.gz")


def one_txt_a_stay(folder: Path) -> None:
    """As the challenge gave them out: set-c/<number>.txt and Outcomes-c.txt."""
    (folder / "set-c").mkdir()
    for id_ in (132540, 132551):
        rows: list[dict[str, Any]] = [{"Time": "00:00", "Parameter": "RecordID", "Value": id_}]
        rows += [
            {"Time": f"{minute // 60:02}:{minute % 60:02}", "Parameter": name, "Value": value}
            for number, minute, name, value in EVENTS
            if number == id_
        ]
        write(folder / "set-c" / f"{id_}.txt", rows, ",")
    outcomes(folder / "Outcomes-c.txt")


def one_long_csv(folder: Path) -> None:
    rows = [
        {"Value": value, "set": "c", "Parameter": name, "Time": minute, "RecordID": float(id_)}
        for id_, minute, name, value in EVENTS
    ]
    write(folder / "events.csv.gz", rows, ",")
    outcomes(folder / "outcomes.csv")


@pytest.mark.parametrize("form", [stays_as_parquet, one_txt_a_stay, one_long_csv])
def test_2012_stays_are_the_same_in_every_format(
    form: Callable[[Path], None], tmp_path: Path
) -> None:
    form(tmp_path)

    first, second = physionet2012.people(files_of(tmp_path))

    assert (first.id, second.id) == ("132540", "132551")
    assert [*first.outcomes, *second.outcomes] == [False, True]
    assert first.series["heart-rate"] == Series([37 * 60, 1465 * 60], [88.0, 71.5])
    assert first.series["arterial-ph"].values == [7.39]
    assert first.series["age"].values == (76.0,)
    assert first.about == {"saps": "16", "sofa": "8", "sex": "men", "unit": "cardiac surgery"}


ENCOUNTER = {
    **dict.fromkeys(uci_diabetes130.NEEDED, "1"),
    "encounter_id": "5",
    "patient_nbr": "77",
    "race": "Caucasian",
    "gender": "Female",
    "age": "[70-80)",
    "payer_code": "?",
    "diag_1": "428",
    "diag_2": "250.02",
    "diag_3": "?",
    "max_glu_serum": "None",
    "readmitted": "<30",
}


def encounters_as_parquet(folder: Path) -> None:
    made = {k: pa.array([int(v)] if v.isdigit() else [v]) for k, v in ENCOUNTER.items()}
    pq.write_table(pa.table(made), folder / "test.parquet")


def encounters_in_another_order(folder: Path) -> None:
    write(folder / "t.csv", [{"Unnamed: 0": "3", **dict(reversed(ENCOUNTER.items()))}], ",")


@pytest.mark.parametrize("form", [encounters_as_parquet, encounters_in_another_order])
def test_encounters_are_the_same_in_every_format(
    form: Callable[[Path], None], tmp_path: Path
) -> None:
    form(tmp_path)

    (one,) = uci_diabetes130.people(files_of(tmp_path))

    assert (one.id, one.outcomes, one.about["race"]) == ("77", (True,), "Caucasian")
    assert one.about["payer"] == ""
    assert (one.series["age"].values, one.series["length-of-stay"].values) == ((75.0,), (1.0,))
    assert one.series["heart-failure"].values == (1.0,)
