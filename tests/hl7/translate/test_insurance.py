"""IN1, GT1 and PID-18 become Coverage, guarantors and Account. All data are synthetic."""

from collections.abc import Callable

import pytest

from wherry.resource import Resource, Translation
from wherry.testing.hl7 import segment

Translated = Callable[..., Translation]
OfType = Callable[[Translation, str], list[Resource]]
PID = segment(
    "PID", {3: "7700123^^^NORTH^MR", 5: "Testperson^Ada", 7: "19610402", 18: "A1^^^NORTH"}
)


@pytest.fixture
def billed(translated: Translated) -> Callable[..., Translation]:
    """A BAR^P01 of this patient with these segments."""
    return lambda *segments: translated(PID, *segments, kind="BAR^P01")


def _url(made: Translation, type_: str) -> str:
    return next(
        entry["fullUrl"]
        for entry in made.bundle["entry"]
        if entry["resource"]["resourceType"] == type_
    )


@pytest.mark.parametrize(
    ("said", "patient"),
    [
        ({17: "SEL"}, True),
        ({16: "Testperson^Ada", 17: "SEL^Self^HL70063"}, True),
        ({16: "TESTPERSON^ADA", 18: "19610402"}, True),
        ({16: "Testperson^Ada", 18: "19300101"}, False),
        ({16: "Testperson^Ada"}, False),
        ({16: "Other^Olga", 17: "SPO"}, False),
    ],
)
def test_the_insured_is_the_patient_where_that_is_said_or_plain(
    billed: Callable[..., Translation], of_type: OfType, said: dict[int, str], *, patient: bool
) -> None:
    made = billed(segment("IN1", {1: "1", 2: "P1", 4: "Payer", **said}))

    [coverage] = of_type(made, "Coverage")
    expected = _url(made, "Patient" if patient else "RelatedPerson")
    assert coverage["subscriber"] == {"reference": expected}


@pytest.mark.parametrize(
    ("relationship", "code"),
    [("SEL", "self"), ("SPO", "spouse"), ("FTH", "child"), ("CHD", "parent"), ("BRO", "other")],
)
def test_the_relationship_is_that_of_the_patient_to_the_insured(
    billed: Callable[..., Translation], of_type: OfType, relationship: str, code: str
) -> None:
    made = billed(segment("IN1", {1: "1", 2: "P1", 4: "Payer", 17: relationship}))

    [coverage] = of_type(made, "Coverage")
    assert coverage["relationship"]["coding"][0]["code"] == code


def test_a_coverage_is_known_by_payor_plan_and_policy_and_not_by_its_order(
    billed: Callable[..., Translation], of_type: OfType
) -> None:
    first = segment("IN1", {1: "1", 2: "P1", 3: "9^^^PAYERS", 36: "POL-1"})
    other = segment("IN1", {1: "2", 2: "P1", 3: "9^^^PAYERS", 36: "POL-2"})
    turned = [other.replace("|2|", "|1|"), first.replace("|1|", "|2|")]

    one, two = billed(first, other), billed(*turned)

    values = [c["identifier"][0]["value"].rpartition("/")[2] for c in of_type(one, "Coverage")]
    again = [c["identifier"][0]["value"].rpartition("/")[2] for c in of_type(two, "Coverage")]
    assert (values, again) == (["POL-1", "POL-2"], ["POL-2", "POL-1"])


def test_one_person_is_kin_guarantor_and_insured(
    billed: Callable[..., Translation], of_type: OfType
) -> None:
    made = billed(
        segment("NK1", {1: "1", 2: "Kin^Kim", 3: "SPO"}),
        segment("GT1", {1: "1", 3: "KIN^KIM", 11: "SPO"}),
        segment("IN1", {1: "1", 2: "P1", 4: "Payer", 16: "Kin^Kim", 17: "SPO"}),
    )

    assert len(of_type(made, "RelatedPerson")) == 1
    [account] = of_type(made, "Account")
    assert account["guarantor"] == [{"party": {"reference": _url(made, "RelatedPerson")}}]


def test_a_guarantor_who_is_the_patient_is_nobody_else(
    billed: Callable[..., Translation], of_type: OfType
) -> None:
    made = billed(segment("GT1", {1: "1", 3: "Testperson^Ada", 11: "SEL"}))

    [account] = of_type(made, "Account")
    assert account["guarantor"] == [{"party": {"reference": _url(made, "Patient")}}]
    assert of_type(made, "RelatedPerson") == []


def test_a_plan_that_names_nobody_to_pay_says_so(
    billed: Callable[..., Translation], of_type: OfType
) -> None:
    made = billed(segment("IN1", {1: "1", 36: "POL-1"}))

    [coverage] = of_type(made, "Coverage")
    [absent] = coverage["payor"][0]["extension"]
    assert absent["valueCode"] == "unknown"


@pytest.mark.parametrize(
    ("event", "status"), [("BAR^P01", "active"), ("BAR^P06", "inactive"), ("DFT^P03", "active")]
)
def test_an_account_is_opened_and_closed_by_its_event(
    translated: Translated, of_type: OfType, event: str, status: str
) -> None:
    made = translated(PID, segment("PV1", {2: "I", 19: "V1"}), kind=event)

    [account] = of_type(made, "Account")
    assert account["status"] == status


@pytest.mark.parametrize("kind", ["PY", "AJ", "CO"])
def test_a_payment_is_no_charge_and_is_listed(
    translated: Translated, of_type: OfType, kind: str
) -> None:
    charge = segment("FT1", {1: "1", 2: "T1", 4: "20260105", 6: kind, 7: "X^Paid^L", 11: "5&USD"})

    made = translated(PID, charge, kind="DFT^P03")

    assert of_type(made, "ChargeItem") == []
    assert {"FT1-7", "FT1-11"} <= {issue.at for issue in made.unmapped}


@pytest.mark.parametrize(
    ("fields", "price"),
    [
        ({10: "3", 11: "30.00&USD", 12: "11.00&USD"}, "30.00"),
        ({10: "3", 12: "1.10&USD"}, "3.30"),
        ({12: "1.10"}, "1.10"),
    ],
)
def test_a_price_is_that_of_the_whole_charge(
    translated: Translated, of_type: OfType, fields: dict[int, str], price: str
) -> None:
    charge = segment("FT1", {1: "1", 2: "T1", 4: "20260105", 6: "CG", 7: "X^Y^L", **fields})

    made = translated(PID, charge, kind="DFT^P03")

    [item] = of_type(made, "ChargeItem")
    assert str(item["priceOverride"]["value"]) == price
