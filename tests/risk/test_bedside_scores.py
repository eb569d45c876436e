"""qSOFA, LACE and HOSPITAL behind the interface of all models; a partial total says so."""

from decimal import Decimal
from typing import Any

import pytest
from tests.risk.test_readmission import before, stay

from wherry_risk.model.bedside_scores import HOSPITAL, LACE, QSOFA
from wherry_risk.model.charlson import comorbidity
from wherry_risk.model.icd import ICD9CM, ICD10CM


@pytest.mark.parametrize(
    ("values", "score", "tier"),
    [
        ({}, 0, "low"),
        ({"respiration_rate": "22"}, 1, "low"),
        ({"respiration_rate": "21", "systolic_bp": "101"}, 0, "low"),
        ({"respiration_rate": "30", "systolic_bp": "100"}, 2, "high"),
    ],
)
def test_qsofa(world: Any, make: Any, values: dict[str, str], score: int, tier: str) -> None:
    told = world.score(*make.normal(**values), model="qsofa")

    assert (told["score"], told["tier"], told["partial"]) == (score, tier, False)
    assert "beside" not in told


def test_altered_mentation_is_anything_but_alert(world: Any, make: Any) -> None:
    confused = [*make.normal(), make.alert("LA6560-2", age_min=5)]

    assert world.score(*confused, model="qsofa")["score"] == 1


def test_qsofa_without_consciousness_is_partial_and_says_how_high_it_could_be(
    world: Any, make: Any
) -> None:
    told = world.score(*make.normal(respiration_rate="25")[:-1], model="qsofa")

    assert (told["score"], told["partial"], told["at_most"]) == (1, True, 2)
    assert [one["name"] for one in told["missing"]] == ["consciousness"]


def test_qsofa_without_a_pressure_is_no_number(world: Any, make: Any) -> None:
    told = world.score(make.patient(), make.vital("respiration-rate"), model="qsofa")

    assert told["refusal"]["code"] == "missing_inputs"


@pytest.mark.parametrize(
    ("model", "name", "value", "points"),
    [
        *((LACE, "length-of-stay", d, p) for d, p in
          ((1, 1), (2, 2), (3, 3), (4, 4), (6, 4), (7, 5), (13, 5), (14, 7), (60, 7))),
        *((LACE, "admission-priority", v, p) for v, p in ((0, 0), (1, 3), (2, 3))),
        *((LACE, "comorbidity", v, p) for v, p in ((0, 0), (3, 3), (4, 5), (12, 5))),
        *((LACE, "emergency-6-months", v, p) for v, p in ((0, 0), (3, 3), (4, 4), (9, 4))),
        *((HOSPITAL, "inpatient-before", v, p) for v, p in ((1, 0), (2, 2), (5, 2), (6, 5))),
        *((HOSPITAL, "length-of-stay", v, p) for v, p in ((4, 0), (5, 2))),
        *((HOSPITAL, "haemoglobin", v, p) for v, p in ((11.9, 1), (12, 0))),
        *((HOSPITAL, "sodium", v, p) for v, p in ((134, 1), (135, 0))),
        *((HOSPITAL, "procedures", v, p) for v, p in ((0, 0), (3, 1))),
        *((HOSPITAL, "from-oncology", v, p) for v, p in ((0, 0), (1, 2))),
    ],
)  # fmt: skip
def test_points_at_the_edges(model: Any, name: str, value: float, points: int) -> None:
    assert model.rules[name].points(Decimal(str(value))) == points


def test_the_most_of_all_parts_is_the_most_of_the_score() -> None:
    totals = [sum(rule.most for rule in one.rules.values()) for one in (QSOFA, LACE, HOSPITAL)]

    assert totals == [3, 19, 13]


def test_lace_of_a_stay(world: Any) -> None:
    """5 days 4, acute 3, no visits; heart, diabetes, kidney and lung are over 4 points: 5."""
    told = world.score(*stay(), model="lace")

    assert (told["score"], told["tier"], told["partial"]) == (12, "high", False)


def test_hospital_without_laboratory_values_is_partial(world: Any) -> None:
    told = world.score(*stay(), *before(3), model="hospital")

    assert (told["score"], told["partial"], told["at_most"]) == (2 + 2 + 1, True, 9)
    assert {one["name"] for one in told["missing"]} == {"haemoglobin", "sodium", "from-oncology"}


def test_hospital_reads_the_last_values_before_discharge(world: Any, make: Any) -> None:
    labs = [make.measured("718-7", "101", "g/L"), make.measured("2951-2", "129", "mmol/L")]
    service = {"coding": [{"system": "http://snomed.info/sct", "code": "394593009"}]}

    told = world.score(*stay(serviceType=service), *labs, model="hospital")

    points = {one["name"]: one["points"] for one in told["parts"]}
    assert points["sodium"] == 1
    assert points["from-oncology"] == 2
    assert [one["name"] for one in told["missing"]] == ["haemoglobin"]  # 101 g/L is no g/dL here


@pytest.mark.parametrize(
    ("codes", "points"),
    [
        ([], 0),
        ([(ICD10CM, "I21.4")], 1),
        ([(ICD9CM, "412")], 1),
        ([(ICD10CM, "E11.9")], 1),
        ([(ICD10CM, "E11.9"), (ICD10CM, "E11.40")], 2),  # the worse form takes its place
        ([(ICD10CM, "C34.90")], 2),
        ([(ICD10CM, "C34.90"), (ICD10CM, "C79.51")], 6),
        ([(ICD10CM, "N18.30")], 2),
        ([(ICD10CM, "N18.6")], 4),
        ([(ICD10CM, "F03.90"), (ICD9CM, "042")], 7),
    ],
)
def test_comorbidity(codes: list[tuple[str, str]], points: int) -> None:
    assert comorbidity(codes) == points
