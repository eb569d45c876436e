"""The UCI Diabetes 130 encounters become stays that end, in the words of the discharge model."""

from collections.abc import Iterator, Mapping
from itertools import groupby

from wherry_risk.model.icd import CONDITIONS, ICD9CM, conditions
from wherry_risk.model.stay import DISPOSITIONS
from wherry_risk.training.data.files import Files
from wherry_risk.training.data.tables import rows_of
from wherry_risk.training.people import Person, constant

NAME = "uci-diabetes130"
ROLES = ("uci-encounters",)

# Source: IDs_mapping.csv of the data set.
GONE = frozenset({"11", "13", "14", "19", "20", "21"})
"""Dead or to a hospice: they cannot come back, and are no successes."""
STILL_HERE = frozenset({"9", "12"})
PRIORITY = {"1": 2.0, "7": 2.0, "2": 1.0, "3": 0.0}
SOURCE = {
    **dict.fromkeys(("1", "2", "3"), "elsewhere-not"),
    **dict.fromkeys(("7",), "from-emergency"),
    **dict.fromkeys(("4", "5", "6", "10", "22", "25"), "from-elsewhere"),
}
TO = {
    "1": "to-home",
    **dict.fromkeys(("6", "8"), "to-home-care"),
    **dict.fromkeys(("3", "4", "15", "24"), "to-nursing"),
    **dict.fromkeys(("22", "23"), "to-rehab"),
    **dict.fromkeys(("2", "5", "10", "27", "28", "29", "30"), "to-hospital"),
    "7": "against-advice",
}
COUNTS = {
    "length-of-stay": "time_in_hospital",
    "inpatient-before": "number_inpatient",
    "emergency-before": "number_emergency",
    "ambulatory-before": "number_outpatient",
    "medications": "num_medications",
    "diagnoses": "number_diagnoses",
    "procedures": "num_procedures",
}
NEEDED = (
    *COUNTS.values(),
    *("age", "gender", "admission_type_id", "admission_source_id", "discharge_disposition_id"),
    *("diag_1", "diag_2", "diag_3"),
)
SEXES = {"Female": ("women", 0.0), "Male": ("men", 1.0)}
BAND_YEARS = 10


def people(files: Files) -> Iterator[Person]:
    """One for each encounter that ended alive; encounters of one patient have the same id."""
    rows = [row for path in files["uci-encounters"] for row in rows_of(path, NEEDED)]
    rows.sort(key=lambda row: (int(row["patient_nbr"]), int(row["encounter_id"])))
    for _, same in groupby(rows, key=lambda row: (row["patient_nbr"], row["encounter_id"])):
        row = next(same)
        if row["discharge_disposition_id"] not in GONE:
            yield _person(row)


def _person(row: Mapping[str, str]) -> Person:
    sex = SEXES.get(row["gender"])
    told = {name: float(row[column]) for name, column in COUNTS.items()}
    told |= {"age": _age(row["age"])} | ({"sex": sex[1]} if sex else {})
    if row["admission_type_id"] in PRIORITY:
        told["admission-priority"] = PRIORITY[row["admission_type_id"]]
    if source := SOURCE.get(row["admission_source_id"]):
        told |= {name: float(source == name) for name in ("from-emergency", "from-elsewhere")}
    if to := TO.get(row["discharge_disposition_id"]):
        told |= {name: float(to == name) for name in DISPOSITIONS}
    return Person(
        id=row["patient_nbr"],
        series={name: constant(value) for name, value in (told | _diagnosed(row)).items()},
        moments_s=(0.0,),
        outcomes=(row["readmitted"] == "<30",),
        about={
            "sex": sex[0] if sex else "",
            "race": _known(row.get("race", "")),
            "payer": _known(row.get("payer_code", "")),
        },
    )


def _diagnosed(row: Mapping[str, str]) -> dict[str, float]:
    given = [row[f"diag_{n}"] for n in (1, 2, 3)]
    pairs = [(ICD9CM, _padded(code)) for code in given if code not in {"?", ""}]
    found = conditions(pairs)
    return {name: float(name in found) for name in CONDITIONS}


def _known(text: str) -> str:
    return "" if text == "?" else text


def _padded(code: str) -> str:
    """The data set has lost the zeros in front: 8 is 008, and 8.45 is 008.45."""
    whole, dot, rest = code.partition(".")
    return (whole.zfill(3) if whole.isdigit() else whole) + dot + rest


def _age(band: str) -> float:
    """The middle of a band such as [70-80)."""
    return float(band.strip("[)").split("-")[0]) + BAND_YEARS / 2
