"""What the patient list and a chart show."""

from decimal import Decimal
from typing import Any

BY_API = "entered through the FHIR API"
UCUM = "http://unitsofmeasure.org"


def test_an_empty_store_is_said_to_be_empty(sandbox: Any) -> None:
    assert "No patient is stored yet" in sandbox.page("/chart")


def test_the_list_names_each_patient_with_the_newest_assessment(sandbox: Any, made: Any) -> None:
    sandbox.put(
        made.patient(),
        made.patient("p-2", "Other", gender="male", birthDate="1980"),
        made.assessment("r-1", "low", "2026-03-01T08:00:00Z"),
        made.assessment("r-2", "high", "2026-03-01T11:00:00Z"),
    )

    page = sandbox.parsed("/chart")

    assert page.rows[1:] == [
        [
            "Testperson, Ada B.",
            "1951-03-02 (74 y)",
            "female",
            "ID MRN-77",
            "high",
            "2026-03-01 11:00 UTC",
        ],
        ["Other, Ada B.", "1980 (age not known)", "male", "ID MRN-77", "none stored"],
    ]
    links = [attrs["href"] for tag, attrs in page.tags if tag == "a"]
    assert links[-2:] == ["/chart/p-1", "/chart/p-2"]


def test_whoever_is_most_at_risk_is_listed_first(sandbox: Any, made: Any) -> None:
    tiers = {"p-1": "low", "p-2": "unheard of", "p-3": "high", "p-4": "medium", "p-5": "low"}
    sandbox.put(*(made.patient(id_, f"Family-{id_}") for id_ in [*tiers, "p-6"]))
    for n, (id_, tier) in enumerate(tiers.items()):
        about = {"subject": {"reference": f"Patient/{id_}"}}
        sandbox.put({**made.assessment(f"r-{n}", tier, "2026-03-01T11:00:00Z"), **about})

    rows = sandbox.parsed("/chart").rows[1:]

    assert [(row[0].removesuffix(", Ada B."), row[4]) for row in rows] == [
        ("Family-p-3", "high"),
        ("Family-p-4", "medium"),
        ("Family-p-5", "low"),
        ("Family-p-1", "low"),
        ("Family-p-2", "unheard of"),
        ("Family-p-6", "none stored"),
    ]


def test_of_two_models_the_list_shows_the_more_urgent_and_of_one_the_newest(
    sandbox: Any, made: Any
) -> None:
    other = {"method": {"text": "Another model"}}
    sandbox.put(
        made.patient(),
        made.assessment("r-1", "high", "2026-03-01T08:00:00Z"),
        made.assessment("r-2", "medium", "2026-03-01T09:00:00Z"),
        {**made.assessment("r-3", "low", "2026-03-01T11:00:00Z"), **other},
    )

    assert sandbox.parsed("/chart").rows[1][4:] == ["medium", "2026-03-01 09:00 UTC"]


def test_a_chart_shows_the_latest_of_each_measurement_with_its_digits(
    sandbox: Any, made: Any
) -> None:
    pulse = {"value": Decimal("98.60"), "unit": "beats", "system": UCUM, "code": "{beats}/min"}
    later = "2026-03-01T11:45:00+01:00"
    sandbox.put(
        made.patient(),
        made.observation(
            "o-1", "vital-signs", "Pulse", valueQuantity={"value": 70, "unit": "/min"}
        ),
        made.observation(
            "o-2", "vital-signs", "Pulse", valueQuantity=pulse, effectiveDateTime=later
        ),
        made.observation(
            "o-3",
            "laboratory",
            "Potassium",
            status="preliminary",
            valueQuantity={"value": Decimal("5.90"), "unit": "mmol/L", "comparator": ">"},
            interpretation=[{"coding": [{"code": "H", "display": "High"}]}],
            referenceRange=[
                {"low": {"value": Decimal("3.50")}, "high": {"value": Decimal("5.10")}}
            ],
        ),
        made.observation("o-4", "vital-signs", "Wrong", status="entered-in-error", valueString="x"),
    )

    rows = sandbox.parsed("/chart/p-1").rows

    assert rows == [
        ["Measurement", "Value", "Time", "Age", "From", "Status"],
        ["Pulse", "98.60 /min", "2026-03-01 11:45 +01:00", "75 min ago", BY_API, "final"],
        ["Measurement", "Value", "Flag", "Reference", "Time", "Age", "From", "Status"],
        [
            "Potassium",
            ">5.90 mmol/L",
            "High",
            "3.50 – 5.10",
            "2026-03-01 11:30 +01:00",
            "90 min ago",
            BY_API,
            "preliminary",
        ],
    ]


def test_a_chart_shows_stored_assessments_with_their_basis(sandbox: Any, made: Any) -> None:
    sandbox.put(made.patient(), made.assessment("r-1", "high", "2026-03-01T11:00:00Z"))

    rows, page = sandbox.parsed("/chart/p-1").rows, sandbox.page("/chart/p-1")

    assert rows[1] == [
        "high",
        "NEWS2: high.",
        "2 observations",
        "2026-03-01 11:00 UTC",
        "final",
    ]
    assert "Supports judgement." in page


def test_another_patients_data_stay_out_of_a_chart(sandbox: Any, made: Any) -> None:
    sandbox.put(
        made.patient(),
        made.patient("p-2"),
        made.observation("o-1", "vital-signs", "Pulse", valueQuantity={"value": 70}),
        made.assessment("r-1", "high", "2026-03-01T11:00:00Z"),
    )

    assert sandbox.parsed("/chart/p-2").rows == []
