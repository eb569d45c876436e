"""Prescriptions, dispenses and administrations. All data are synthetic."""

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


@pytest.fixture
def prescribed(translated: Translated, of_type: OfType) -> Callable[..., Resource]:
    """The one MedicationRequest that the segments become."""

    def make(*segments: str, kind: str = "RDE^O11") -> Resource:
        (one,) = of_type(translated(PID, *segments, kind=kind), "MedicationRequest")
        return one

    return make


def mg(value: str, **more: Any) -> dict[str, Any]:
    return {"value": Decimal(value), "unit": "mg", "system": UCUM, "code": "mg", **more}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"f3": "325.0", "f5": "mg"}, {"doseQuantity": mg("325.0")}),
        (
            {"f3": "1", "f4": "2.50", "f5": "mg"},
            {"doseRange": {"low": mg("1"), "high": mg("2.50")}},
        ),
        ({"f3": "2", "f4": "2", "f5": "mg"}, {"doseQuantity": mg("2")}),
        (
            {"f3": "1", "f5": "TAB^Tablet^L"},
            {
                "doseQuantity": {
                    "value": Decimal(1),
                    "unit": "Tablet",
                    "system": "urn:wherry:hl7:LAB:codes:L",
                    "code": "TAB",
                }
            },
        ),
        (
            {"f3": "1", "f5": "CAP^capsule^UCUM"},
            {"doseQuantity": {"value": Decimal(1), "unit": "capsule"}},
        ),
        (
            {"f23": "75", "f24": "mL/h"},
            {
                "rateQuantity": {
                    "value": Decimal(75), "unit": "mL/h", "system": UCUM, "code": "mL/h",
                }
            },
        ),
        (
            {"f3": "5", "f5": "mg", "f22": "H1"},
            {
                "doseQuantity": mg("5"),
                "rateRatio": {
                    "numerator": mg("5"),
                    "denominator": {"value": Decimal(1), "unit": "h", "system": UCUM, "code": "h"},
                },
            },
        ),
    ],
)  # fmt: skip
def test_a_dose_keeps_its_digits_and_has_ucum_units_where_they_are(
    fields: dict[str, str], said: dict[str, Any], prescribed: Callable[..., Resource]
) -> None:
    one = prescribed(orc(), of("RXE", f2=DRUG, **fields))

    assert one["dosageInstruction"][0]["doseAndRate"] == [said]


def test_route_site_method_and_words_are_in_the_dosage(prescribed: Callable[..., Resource]) -> None:
    one = prescribed(
        orc(),
        of("RXE", f2=DRUG, f7="Take with food"),
        of("RXR", f1="PO^Oral^HL70162", f2="LA", f4="CH"),
    )

    (dosage,) = one["dosageInstruction"]
    assert dosage["additionalInstruction"] == [{"text": "Take with food"}]
    assert [dosage[name]["coding"][0]["code"] for name in ("route", "site", "method")] == [
        "PO",
        "LA",
        "419747000",
    ]


def test_each_schedule_is_a_dosage(prescribed: Callable[..., Resource]) -> None:
    one = prescribed(
        orc(), of("RXE", f2=DRUG, f3="1", f5="mg"), of("TQ1", f1="1", f3="QAM"),
        of("TQ1", f1="2", f3="PRN", f10="when in pain"),
    )  # fmt: skip

    first, second = one["dosageInstruction"]
    assert (first["sequence"], first["timing"]["repeat"]["when"]) == (1, ["MORN"])
    assert (second["sequence"], second["asNeededCodeableConcept"]) == (2, {"text": "when in pain"})


def test_the_old_timing_of_rxe_1_gives_dose_and_times(prescribed: Callable[..., Resource]) -> None:
    one = prescribed(orc(), of("RXE", f1="2&mg^Q8H^D3", f2=DRUG))

    (dosage,) = one["dosageInstruction"]
    assert dosage["doseAndRate"] == [{"doseQuantity": mg("2")}]
    assert dosage["timing"]["repeat"]["boundsDuration"]["value"] == Decimal(3)


def test_a_prescription_and_its_encoding_are_one_order(prescribed: Callable[..., Resource]) -> None:
    one = prescribed(
        orc(),
        of("RXO", f1="161^Acetaminophen^RXNORM", f2="650", f4="mg", f9="G"),
        of("RXE", f2=DRUG, f3="2", f5="mg", f10="20", f12="3"),
    )

    assert one["medicationCodeableConcept"]["coding"][0]["code"] == "313782"
    assert one["dosageInstruction"][0]["doseAndRate"] == [{"doseQuantity": mg("2")}]
    assert one["substitution"]["allowedCodeableConcept"]["coding"][0]["code"] == "G"
    assert one["dispenseRequest"] == {
        "quantity": {"value": Decimal(20)},
        "numberOfRepeatsAllowed": 3,
    }


def test_a_mixture_is_a_medication_with_its_parts(prescribed: Callable[..., Resource]) -> None:
    one = prescribed(
        orc(),
        of("RXE", f2="^Test infusion", f3="1000", f5="mL"),
        of("RXC", f1="B", f2="1^Dextrose^L", f3="1000", f4="mL"),
        of("RXC", f1="A", f2="2^Potassium^L", f3="20", f4="mg"),
    )

    (medication,) = one["contained"]
    assert one["medicationReference"] == {"reference": "#medication", "display": "Test infusion"}
    assert "medicationCodeableConcept" not in one
    assert [
        (part["itemCodeableConcept"]["text"], part["isActive"]) for part in medication["ingredient"]
    ] == [("Dextrose", False), ("Potassium", True)]
    assert medication["ingredient"][1]["strength"]["numerator"] == mg("20")


def test_form_and_strength_are_of_a_medication_beside_the_code(
    prescribed: Callable[..., Resource],
) -> None:
    one = prescribed(orc(), of("RXE", f2=DRUG, f6="TAB^Tablet^L", f25="325", f26="mg"))

    (medication,) = one["contained"]
    assert one["medicationCodeableConcept"]["coding"][0]["code"] == "313782"
    assert one["supportingInformation"] == [{"reference": "#medication"}]
    assert medication["form"]["text"] == "Tablet"
    assert medication["ingredient"][0]["strength"]["numerator"] == mg("325")


@pytest.mark.parametrize(
    ("control", "state", "said"),
    [
        ("NW", "", "active"),
        ("CA", "", "cancelled"),
        ("DC", "", "stopped"),
        ("HD", "", "on-hold"),
        ("RL", "", "active"),
        ("SC", "CM", "completed"),
        ("NW", "ER", "entered-in-error"),
    ],
)
def test_a_prescription_has_the_states_of_medicine(
    control: str, state: str, said: str, prescribed: Callable[..., Resource]
) -> None:
    assert prescribed(orc(control, f5=state), of("RXE", f2=DRUG))["status"] == said


def test_a_cancel_alone_leaves_which_medicine_it_was(translated: Translated) -> None:
    made = translated(PID, orc("CA", f16="DUP^Duplicate^L"), kind="RDE^O11")

    (entry,) = [e for e in made.bundle["entry"] if "MedicationRequest" in e["request"]["url"]]
    assert entry["resource"]["status"] == "cancelled"
    assert entry["resource"]["statusReason"]["text"] == "Duplicate"
    assert made.weak[entry["fullUrl"]] == ("medicationCodeableConcept",)


def test_a_dispense_is_authorized_by_its_prescription(
    translated: Translated, of_type: OfType
) -> None:
    made = translated(
        PID,
        orc(),
        of("RXE", f2=DRUG),
        of(
            "RXD", f1="1", f2=DRUG, f3="20260105100000+0000", f4="30", f5="mg", f9="shaken",
            f10="5^Testpharmacist^Pia", f11="N", f18="LOT7", f19="20270101",
        ),
        of("RXR", f1="PO"),
        kind="RDS^O13",
    )  # fmt: skip

    (prescription,), (dispense,) = (
        of_type(made, "MedicationRequest"),
        of_type(made, "MedicationDispense"),
    )
    urls = {id(e["resource"]): e["fullUrl"] for e in made.bundle["entry"]}
    assert dispense["authorizingPrescription"] == [{"reference": urls[id(prescription)]}]
    assert (dispense["status"], dispense["whenHandedOver"]) == (
        "completed",
        "2026-01-05T10:00:00+00:00",
    )
    assert dispense["quantity"] == mg("30")
    assert dispense["substitution"] == {"wasSubstituted": False}
    assert dispense["performer"][0]["actor"]["display"] == "Pia Testpharmacist"
    assert dispense["contained"][0]["batch"] == {
        "lotNumber": "LOT7",
        "expirationDate": "2027-01-01",
    }
    assert dispense["note"] == [{"text": "shaken"}]


def test_a_dispense_alone_names_its_prescription_by_number(
    translated: Translated, of_type: OfType
) -> None:
    made = translated(PID, orc("RE"), of("RXD", f1="1", f2=DRUG), kind="RDS^O13")

    (dispense,) = of_type(made, "MedicationDispense")
    (named,) = dispense["authorizingPrescription"]
    assert (named["type"], named["identifier"]["value"]) == ("MedicationRequest", "P1")
    assert of_type(made, "MedicationRequest") == []
