"""The balance finds what is lost, doubled or changed, and leaves earlier runs alone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from wherry.resource import Resource
from wherry.suite.demo.comparison import Held, Line, balance
from wherry.suite.demo.feed import Feed, Result

AT = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
LOINC = "http://loinc.org"
FEED = Feed(
    messages=(),
    mrns=("DEMO-1",),
    results=frozenset(
        {
            Result("DEMO-1", "8310-5", AT, "36.80"),
            Result("DEMO-1", "67775-7", AT, "LA9340-6"),
        }
    ),
    reports=frozenset({("DEMO-1", "85353-1", AT)}),
    visits=frozenset({("DEMO-1", "V1")}),
    problems=frozenset({("DEMO-1", "38341003")}),
    allergies=frozenset({("DEMO-1", "91936005")}),
)


def coded(code: str) -> Resource:
    return {"coding": [{"system": LOINC, "code": code}]}


def temperature(value: str = "36.80", at: datetime = AT) -> Resource:
    return {
        "code": coded("8310-5"),
        "effectiveDateTime": at.isoformat(),
        "valueQuantity": {"value": Decimal(value)},
    }


def whole() -> Held:
    alert = {
        "code": coded("67775-7"),
        "effectiveDateTime": "2024-05-01T14:00:00+02:00",
        "valueCodeableConcept": coded("LA9340-6"),
    }
    report = {"code": coded("85353-1"), "effectiveDateTime": AT.isoformat()}
    return Held(
        patients={"DEMO-1": [{"id": "a"}]},
        encounters={"DEMO-1": [{"identifier": [{"value": "V1"}]}]},
        reports={"DEMO-1": [report]},
        observations={"DEMO-1": [temperature(), alert]},
        problems={"DEMO-1": [{"code": {"coding": [{"code": "38341003"}]}}]},
        allergies={"DEMO-1": [{"code": {"coding": [{"code": "91936005"}]}}]},
    )


def test_a_server_that_holds_all_is_even() -> None:
    assert balance(FEED, whole()) == [
        Line("Patient", 1, 1, 0, 0),
        Line("Encounter", 1, 1, 0, 0),
        Line("Condition", 1, 1, 0, 0),
        Line("AllergyIntolerance", 1, 1, 0, 0),
        Line("DiagnosticReport", 1, 1, 0, 0),
        Line("Observation", 2, 2, 0, 0),
    ]


def test_a_problem_that_is_not_there_is_lost_and_one_without_a_code_is_too_many() -> None:
    held = whole()
    held.problems["DEMO-1"] = [{"code": {"text": "something"}}]

    (line,) = [line for line in balance(FEED, held) if line.name == "Condition"]

    assert line == Line("Condition", 1, 1, 1, 1)


def lose(held: Held) -> None:
    held.observations["DEMO-1"].pop()


def double(held: Held) -> None:
    held.observations["DEMO-1"].append(temperature())


def change_digits(held: Held) -> None:
    held.observations["DEMO-1"][0] = temperature("36.8")


def from_an_earlier_run(held: Held) -> None:
    held.observations["DEMO-1"].append(temperature("37.10", AT - timedelta(minutes=7)))


@pytest.mark.parametrize(
    ("happens", "line"),
    [
        (lose, Line("Observation", 2, 1, 1, 0)),
        (double, Line("Observation", 2, 3, 0, 1)),
        (change_digits, Line("Observation", 2, 2, 1, 1)),
        (from_an_earlier_run, Line("Observation", 2, 2, 0, 0)),
    ],
    ids=lambda part: getattr(part, "__name__", ""),
)
def test_differences_are_counted(happens: Callable[[Held], None], line: Line) -> None:
    held = whole()

    happens(held)

    assert balance(FEED, held)[-1] == line
    assert line.even is (happens is from_an_earlier_run)


def test_components_of_a_panel_count_as_values() -> None:
    held = whole()
    panel = {
        "code": coded("85354-9"),
        "effectiveDateTime": AT.isoformat(),
        "component": [temperature()],
    }

    held.observations["DEMO-1"][0] = panel

    assert balance(FEED, held)[-1].even


def test_two_patients_under_one_number_are_one_too_many() -> None:
    held = whole()

    held.patients["DEMO-1"].append({"id": "b"})

    assert balance(FEED, held)[0] == Line("Patient", 1, 2, 0, 1)
