"""RXA below its order becomes what was given. All messages here are synthetic."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from wherry.resource import Resource, Translation
from wherry.testing.hl7 import segment

Translated = Callable[..., Translation]
OfType = Callable[[Translation, str], list[Resource]]
PID = segment("PID", {3: "7700123^^^NORTH^MR"})
UCUM = "http://unitsofmeasure.org"
DRUG = "313782^Acetaminophen 325 MG Oral Tablet^RXNORM"


def of(name: str, **fields: str) -> str:
    return segment(name, {int(k[1:]): v for k, v in fields.items()})


def orc(control: str = "NW", **more: str) -> str:
    return of("ORC", **{"f1": control, "f2": "P1^EHR", **more})


def mg(value: str, **more: Any) -> dict[str, Any]:
    return {"value": Decimal(value), "unit": "mg", "system": UCUM, "code": "mg", **more}


def given(**more: str) -> str:
    fields = {"f1": "0", "f2": "1", "f3": "20260105080000+0000", "f5": DRUG, "f6": "2", "f7": "mg"}
    return of("RXA", **{**fields, **more})


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "completed"),
        ({"f20": "CP"}, "completed"),
        ({"f20": "RE"}, "not-done"),
        ({"f20": "NA"}, "not-done"),
        ({"f20": "PA"}, "stopped"),
        ({"f20": "CP", "f21": "D"}, "entered-in-error"),
    ],
)
def test_what_was_given_has_a_state(
    fields: dict[str, str], said: str, translated: Translated, of_type: OfType
) -> None:
    made = translated(PID, orc(), given(**fields), kind="RAS^O17")

    (one,) = of_type(made, "MedicationAdministration")
    assert one["status"] == said


def test_what_was_given_says_how_much_when_and_by_whom(
    translated: Translated, of_type: OfType
) -> None:
    made = translated(
        PID,
        orc(),
        of("RXE", f2=DRUG),
        given(f4="20260105083000+0000", f10="6^Testnurse^Nora", f12="H1"),
        of("RXR", f1="IV", f2="LA"),
        of("OBX", f1="1", f2="NM", f3="8867-4^Heart rate^LN", f5="72", f11="F"),
        kind="RAS^O17",
    )

    (one,), (asked,) = of_type(made, "MedicationAdministration"), of_type(made, "Observation")
    (prescription,) = of_type(made, "MedicationRequest")
    urls = {id(e["resource"]): e["fullUrl"] for e in made.bundle["entry"]}
    assert one["effectivePeriod"] == {
        "start": "2026-01-05T08:00:00+00:00",
        "end": "2026-01-05T08:30:00+00:00",
    }
    assert one["dosage"]["dose"] == mg("2")
    assert one["dosage"]["route"]["coding"][-1]["code"] == "IV"
    assert one["dosage"]["rateRatio"]["denominator"]["code"] == "h"
    assert one["performer"][0]["actor"]["display"] == "Nora Testnurse"
    assert one["request"] == {"reference": urls[id(prescription)]}
    assert one["supportingInformation"] == [{"reference": urls[id(asked)]}]


def test_doses_of_one_order_stay_apart_and_a_correction_finds_its_dose(
    translated: Translated, of_type: OfType
) -> None:
    def key(rxa: str) -> str:
        (one,) = of_type(translated(PID, orc(), rxa, kind="RAS^O17"), "MedicationAdministration")
        return str(one["identifier"][0]["value"])

    first, later = given(), given(f3="20260105140000+0000")
    corrected = given(f6="1", f20="CP", f21="U")

    assert key(first) != key(later)
    assert key(first) == key(corrected)


def test_999_is_an_unknown_dose(translated: Translated, of_type: OfType) -> None:
    made = translated(PID, orc(), given(f6="999"), of("RXR", f1="IV"), kind="RAS^O17")

    (one,) = of_type(made, "MedicationAdministration")
    assert "value" not in one["dosage"]["dose"]
    assert one["dosage"]["dose"]["extension"][0]["valueCode"] == "unknown"
