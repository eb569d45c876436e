"""Coded and written answers about consciousness and oxygen; what is not known is not guessed."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from wherry.resource import Resource
from wherry_risk.model.facts import Facts
from wherry_risk.model.reading import Reason

Known = Callable[..., Facts]
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"


def concept(*codings: tuple[str, str, str], text: str = "") -> Resource:
    coding = [{"system": s, "code": c, "display": d} for s, c, d in codings]
    return {"valueCodeableConcept": {"coding": coding, "text": text}}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (concept((LOINC, "LA9340-6", "")), "A"),
        (concept((LOINC, "LA6560-2", "")), "C"),
        (concept((LOINC, "LA17108-4", "")), "V"),
        (concept((LOINC, "LA17107-6", "")), "P"),
        (concept((LOINC, "LA9343-0", "")), "U"),
        (concept((SNOMED, "248234008", "")), "A"),
        (concept((SNOMED, "130987000", "")), "C"),
        (concept((SNOMED, "300202002", "")), "V"),
        (concept((SNOMED, "450847001", "")), "P"),
        (concept((SNOMED, "422768004", "")), "U"),
        (concept(("urn:local", "1", "Alert")), "A"),
        (concept(("urn:local", "1", ""), text=" Responds  to VOICE. "), "V"),
        (concept((LOINC, "LA9340-6", "Alert"), text="alert and oriented"), "A"),
        ({"valueString": "Unresponsive"}, "U"),
        ({"valueString": "v"}, "V"),
    ],
)
def test_consciousness_is_read_from_codes_and_known_texts(
    value: Resource, expected: str, make: Any, known: Known
) -> None:
    sent = make.observation("67775-7", **value)

    assert known(make.patient(), sent).used["consciousness"].value == expected


@pytest.mark.parametrize(
    "value",
    [
        {"valueString": "drowsy"},
        {"valueString": "not alert"},
        {"valueString": ""},
        {"valueInteger": 0},
        {"valueQuantity": {"value": 1}},
        concept((LOINC, "LA0000-0", "Obtunded")),
        concept(("urn:local", "LA9340-6", "")),
        concept((LOINC, "LA9340-6", ""), text="responds to pain"),
        concept((LOINC, "LA9340-6", ""), (SNOMED, "422768004", "")),
        concept(),
    ],
)
def test_an_unknown_answer_is_never_taken_for_alert(
    value: Resource, make: Any, known: Known
) -> None:
    older = make.alert(age_min=30)

    found = known(make.patient(), older, make.observation("67775-7", age_min=5, **value))

    assert found.missing["consciousness"].reason is Reason.UNKNOWN_ANSWER


@pytest.mark.parametrize(
    ("total", "expected"), [(15, "A"), (14, "CVPU"), (3, "CVPU"), (2, None), (16, None)]
)
def test_a_coma_score_below_15_is_below_alert(
    total: int, expected: str | None, make: Any, known: Known
) -> None:
    as_quantity = {"valueQuantity": {"value": total, "system": "http://unitsofmeasure.org"}}
    as_quantity["valueQuantity"]["code"] = "{score}"

    for value in ({"valueInteger": total}, as_quantity):
        found = known(make.patient(), make.observation("9269-2", **value))
        reading = found.used.get("consciousness")

        assert (reading.value if reading else None) == expected


@pytest.mark.parametrize(
    "others",
    [
        [{"code": "9269-2", "valueInteger": 13}],
        [{"code": "80288-4", "valueString": "stuporous"}],
    ],
)
def test_alert_never_hides_a_worse_or_unreadable_answer_of_the_same_moment(
    others: list[Resource], make: Any, known: Known
) -> None:
    sent = [make.observation(one.pop("code"), **one) for one in map(dict, others)]

    found = known(make.patient(), make.alert(), *sent)

    reading = found.used.get("consciousness")
    assert reading is None or reading.value != "A"


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        ("3151-8", {"valueQuantity": {"value": 0, "unit": "L/min"}}, "air"),
        ("3151-8", {"valueQuantity": {"value": Decimal("0.5"), "unit": "L/min"}}, "oxygen"),
        ("3151-8", {"valueString": "Room air"}, "air"),
        ("3151-8", {"valueString": "RA"}, "air"),
        ("3151-8", {"valueString": "Nasal cannula"}, "oxygen"),
        ("3150-6", {"valueQuantity": {"value": 21, "unit": "%"}}, "air"),
        ("3150-6", {"valueQuantity": {"value": Decimal("20.9"), "unit": "%"}}, "air"),
        ("3150-6", {"valueQuantity": {"value": 28, "unit": "%"}}, "oxygen"),
        ("3150-6", {"valueQuantity": {"value": Decimal("0.21"), "code": "1"}}, "air"),
        ("3150-6", {"valueQuantity": {"value": Decimal("0.4"), "code": "1"}}, "oxygen"),
        ("371825009", {"valueBoolean": True}, "oxygen"),
        ("371825009", {"valueBoolean": False}, "air"),
        ("371825009", concept((SNOMED, "373067005", "")), "air"),
        ("371825009", concept((SNOMED, "722742002", "")), "air"),
        ("3151-8", {"valueQuantity": {"value": 2}}, Reason.UNIT),
        ("3151-8", {"valueString": "2 litres"}, Reason.UNKNOWN_ANSWER),
        ("3151-8", {"valueBoolean": False}, Reason.UNKNOWN_ANSWER),
        ("3150-6", {"valueQuantity": {"value": Decimal("0.4"), "unit": "%"}}, Reason.IMPLAUSIBLE),
        ("3150-6", {"valueQuantity": {"value": 15, "unit": "%"}}, Reason.IMPLAUSIBLE),
    ],
)
def test_air_or_oxygen_is_read_from_flow_fraction_or_answer(
    code: str, value: Resource, expected: str, make: Any, known: Known
) -> None:
    found = known(make.patient(), make.observation(code, **value))

    reading = found.used.get("supplemental-oxygen")
    told = reading.value if reading else found.missing["supplemental-oxygen"].reason
    assert told == expected


def test_of_flow_and_fraction_at_one_moment_the_one_that_says_oxygen_counts(
    make: Any, known: Known
) -> None:
    rich = make.observation("3150-6", valueQuantity={"value": 40, "unit": "%"})

    assert known(make.patient(), make.air(), rich).used["supplemental-oxygen"].value == "oxygen"
