"""Each data set is read in its own words, with its own traps; every person here is invented."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.risk.training.conftest import write_csv

from wherry_risk.model.aggregate import Series
from wherry_risk.training.data import eicu_demo, physionet2012, physionet2019, uci_diabetes130
from wherry_risk.training.data.files import files_of
from wherry_risk.training.people import Person

HOUR_S = 3600.0


def words(*lines: str) -> list[str]:
    return " ".join(lines).split()


def by_id(people: Any) -> dict[str, Person]:
    return {one.id: one for one in people}


def hours(pid: int, rows: list[dict[str, float]]) -> list[dict[str, float]]:
    names = [*physionet2019.COLUMNS.values(), "Age", "Gender", "Unit1", "EtCO2"]
    empty = dict.fromkeys(names, float("nan"))
    return [{**empty, "pid": pid, "Age": 61.4, "Gender": 1, "SepsisLabel": 0, **row}
            for row in rows]  # fmt: skip


def write_2019(path: Path, rows: list[dict[str, float]]) -> None:
    columns: dict[str, Any] = {name: [row[name] for row in rows] for name in rows[0]}
    for name in ("pid", "ICULOS", "SepsisLabel", "Gender"):
        columns[name] = pa.array([int(x) for x in columns[name]], pa.int32())
    pq.write_table(pa.table(columns), path)


def test_2019_hours_are_put_in_order_and_only_what_was_measured_is_a_value(tmp_path: Path) -> None:
    told: list[dict[str, float]] = [
        {"ICULOS": 3, "HR": 99},
        {"ICULOS": 1, "HR": 80, "FiO2": 0.4},
        {"ICULOS": 2},
    ]
    write_2019(tmp_path / "b.parquet", hours(7, [{**one, "SepsisLabel": 0} for one in told]))
    write_2019(tmp_path / "a.parquet", hours(8, [{"ICULOS": 1, "SepsisLabel": 1}]))

    people = by_id(physionet2019.people(files_of(tmp_path)))

    assert list(people) == ["7", "8"]
    assert people["7"].series["heart-rate"] == Series([HOUR_S, 3 * HOUR_S], [80, 99])
    assert people["7"].series["fio2"] == Series([HOUR_S], [40])
    assert people["7"].moments_s == [HOUR_S, 2 * HOUR_S, 3 * HOUR_S]
    assert people["8"].outcomes == [True]
    assert people["8"].series["age"].values == (61.0,)
    assert "calcium" not in people["7"].series


def test_2012_stays_without_events_are_kept_and_blank_parameters_left_aside(
    tmp_path: Path,
) -> None:
    events = [(1, 0, "Age", 70.0), (1, 0, "Gender", -1.0), (1, 60, "", 5.0), (1, 60, "FiO2", 0.5)]
    events += [(1, 60, "HR", 88.0), (1, 10, "HR", 99.0), (1, 30, "NIMAP", 70.0)]
    events += [(1, 100, "Urine", 300.0), (1, 900, "Urine", 60000.0), (1, 1500, "Urine", 50.0)]
    columns = [list(one) for one in zip(*events, strict=True)]
    table = pa.table(columns, names=["RecordID", "minute", "param", "value"])  # plain strings
    pq.write_table(table, tmp_path / "events.parquet")
    names = ["RecordID", "set", "SAPS-I", "SOFA", "In-hospital_death"]
    write_csv(tmp_path / "o.csv.gz", names, [(1, "c", 9, 3, 1), (2, "c", 9, 3, 0)])

    people = by_id(physionet2012.people(files_of(tmp_path)))

    one = people["1"]
    assert one.series["heart-rate"] == Series([600, 3600], [99, 88])
    assert (one.series["fio2"].values, one.series["mean-bp"].values) == ([50], [70])
    assert one.series["urine"].values == [300, 50]
    day = one.series["urine-24h"]
    assert dict(zip(day.at_s, day.values, strict=True))[24 * HOUR_S] == 300
    assert (
        dict(zip(day.at_s, day.values, strict=True))[28 * HOUR_S] == 50
    )  # the first amount lies before the day
    assert (one.outcomes, one.about["sex"]) == ((True,), "")
    assert (people["2"].series, people["2"].outcomes) == ({}, (False,))


UCI = words(
    "encounter_id patient_nbr race gender age admission_type_id discharge_disposition_id",
    "admission_source_id time_in_hospital payer_code num_procedures num_medications",
    "number_outpatient number_emergency number_inpatient diag_1 diag_2 diag_3",
    "number_diagnoses readmitted",
)
UCI_ROW = words("1 9 ? Female [70-80) 1 3 7 4 ? 0 12 0 1 2 428 250.6 49.0 9 <30")


def uci(tmp_path: Path, *changes: dict[str, str]) -> list[Person]:
    rows = [list((dict(zip(UCI, UCI_ROW, strict=True)) | one).values()) for one in changes]
    write_csv(tmp_path / "d.csv.gz", UCI, rows)
    return list(uci_diabetes130.people(files_of(tmp_path)))


def test_a_uci_encounter_in_the_words_of_the_discharge_model(tmp_path: Path) -> None:
    (one,) = uci(tmp_path, {})

    told = {name: series.values[0] for name, series in one.series.items()}
    assert {name for name, value in told.items() if value} == {
        *("age", "length-of-stay", "inpatient-before", "emergency-before", "medications"),
        *("diagnoses", "admission-priority", "from-emergency", "to-nursing", "heart-failure"),
        "diabetes-complicated",
    }  # 49.0 has lost a zero and is no 490, which is a disease of the lung
    assert (told["age"], told["sex"], told["admission-priority"]) == (75, 0, 2)
    assert (one.outcomes, one.about["race"]) == ((True,), "")


@pytest.mark.parametrize("code", sorted(uci_diabetes130.GONE))
def test_the_dead_and_those_in_hospice_are_no_successes(tmp_path: Path, code: str) -> None:
    assert uci(tmp_path, {"discharge_disposition_id": code}) == []


def test_what_uci_does_not_know_is_not_known(tmp_path: Path) -> None:
    unknown = {"admission_type_id": "6", "discharge_disposition_id": "18"}
    (one,) = uci(tmp_path, {**unknown, "admission_source_id": "17", "diag_1": "?"})

    assert not {"admission-priority", "to-home", "from-emergency"} & set(one.series)


def test_the_same_encounter_in_two_files_counts_once(tmp_path: Path) -> None:
    deeper = tmp_path / "again"
    deeper.mkdir()
    write_csv(deeper / "d.csv.gz", UCI, [UCI_ROW])

    assert len(uci(tmp_path, {}, {"encounter_id": "2"})) == 2


APS = words(
    "apacheapsvarid patientunitstayid vent eyes motor verbal urine wbc temperature",
    "respiratoryrate sodium heartrate meanbp ph hematocrit creatinine albumin pao2 pco2 bun",
    "glucose bilirubin fio2",
)
APS_ROW = words("1 10 1 4 6 5 -1 9.5 37.2 22 140 95 70 -1 33 1.1 -1 -1 -1 20 150 -1 -1")
PATIENT = words(
    "patientunitstayid patienthealthsystemstayid gender age ethnicity",
    "hospitaldischargeyear hospitaldischargestatus unitvisitnumber uniquepid",
)


def test_the_first_stay_of_each_person_of_the_eicu_demo(tmp_path: Path) -> None:
    write_csv(tmp_path / "aps.csv.gz", APS, [APS_ROW, ["2", "11", *APS_ROW[2:]]])
    rows = [
        ("11", "5", "Female", "> 89", "Caucasian", "2014", "Expired", "1", "a"),
        ("10", "6", "Female", "> 89", "Caucasian", "2015", "Alive", "1", "a"),
        ("12", "7", "Male", "50", "NA", "2015", "Alive", "1", "b"),  # without APACHE values
    ]
    write_csv(tmp_path / "patient.csv.gz", PATIENT, rows)

    (one,) = eicu_demo.people(files_of(tmp_path))

    told = {name: series.values[0] for name, series in one.series.items()}
    assert (one.id, one.outcomes, told["age"]) == ("a", (True,), 90)
    assert (told["gcs"], told["ventilated"], told["heart-rate"]) == (15, 1, 95)
    assert not {"albumin", "urine-24h", "fio2"} & set(told)  # -1 is missing
