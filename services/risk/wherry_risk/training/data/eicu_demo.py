"""The tables of the eICU demo become first stays with APACHE's values of the first day."""

from collections.abc import Iterator, Mapping

from wherry_risk.training.data.files import Files
from wherry_risk.training.data.tables import rows_of
from wherry_risk.training.people import Person, constant

NAME = "eicu-demo"
ROLES = ("eicu-patients", "eicu-aps")
LEAST_AGE = 16
OLDEST = 90.0
"""What "> 89" stands for."""

COLUMNS: Mapping[str, str] = {
    "heart-rate": "heartrate",
    "mean-bp": "meanbp",
    "respiratory-rate": "respiratoryrate",
    "temperature": "temperature",
    "haematocrit": "hematocrit",
    "wbc": "wbc",
    "creatinine": "creatinine",
    "sodium": "sodium",
    "albumin": "albumin",
    "glucose": "glucose",
    "arterial-ph": "ph",
    "paco2": "pco2",
    "urea-nitrogen": "bun",
    "bilirubin": "bilirubin",
    "pao2": "pao2",
    "fio2": "fio2",
    "urine-24h": "urine",
}
ORDER = ("hospitaldischargeyear", "patienthealthsystemstayid", "unitvisitnumber")
COMA = ("eyes", "motor", "verbal")
SEXES = {"Female": "women", "Male": "men"}


def people(files: Files) -> Iterator[Person]:
    """The first stay of each person of 16 and over with APACHE values and a known outcome."""
    scores = {row["patientunitstayid"]: row for path in files["eicu-aps"] for row in rows_of(path)}
    first: dict[str, dict[str, str]] = {}
    for row in (row for path in files["eicu-patients"] for row in rows_of(path)):
        known = first.get(row["uniquepid"])
        if known is None or _order(row) < _order(known):
            first[row["uniquepid"]] = row
    for id_, row in sorted(first.items()):
        aps, age = scores.get(row["patientunitstayid"]), _age(row["age"])
        ended = row["hospitaldischargestatus"] in {"Alive", "Expired"}
        if aps is not None and age is not None and age >= LEAST_AGE and ended:
            yield _person(id_, row, aps, age)


def _person(id_: str, row: Mapping[str, str], aps: Mapping[str, str], age: float) -> Person:
    told = {name: value for name, column in COLUMNS.items()
            if (value := _known(aps[column])) is not None}  # fmt: skip
    coma = [_known(aps[part]) for part in COMA]
    if None not in coma:
        told["gcs"] = sum(part for part in coma if part is not None)
    if aps["vent"] == "1":
        told["ventilated"] = 1.0
    told["age"] = age
    return Person(
        id=id_,
        series={name: constant(value) for name, value in told.items()},
        moments_s=(0.0,),
        outcomes=(row["hospitaldischargestatus"] == "Expired",),
        about={"sex": SEXES.get(row["gender"], ""), "ethnicity": row["ethnicity"]},
    )


def _order(row: Mapping[str, str]) -> tuple[int, ...]:
    """Admissions in order: by year, hospital stay, and visit of a unit; there are no dates."""
    return tuple(int(row[name]) for name in ORDER)


def _known(text: str) -> float | None:
    """-1 and blanks are missing."""
    try:
        value = float(text)
    except ValueError:
        return None
    return None if value == -1 else value


def _age(text: str) -> float | None:
    return OLDEST if text.strip() == "> 89" else _known(text)
