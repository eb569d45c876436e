"""Units convert exactly, or not at all."""

from decimal import Decimal

import pytest

from wherry.units import conversion, unit_of

UCUM = "http://unitsofmeasure.org"


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        ("98.6", "[degF]", "Cel", "37.0"),
        ("104", "[degF]", "Cel", "40"),
        ("310.15", "K", "Cel", "37.00"),
        ("98.60", "Cel", "Cel", "98.60"),
        ("72", "{beats}/min", "/min", "72"),
        ("16", "{breaths}/min", "/min", "16"),
        ("1.2", "Hz", "/min", "72.0"),
        ("0.97", "1", "%", "97.00"),
        ("0.4", "{fraction}", "%", "40.0"),
        ("2000", "mL/min", "L/min", "2"),
        ("2", "l/min", "L/min", "2"),
        ("12", "cm[Hg]", "mm[Hg]", "120"),
        ("15", "1", "{score}", "15"),
    ],
)
def test_an_amount_keeps_its_size_in_another_unit(
    value: str, source: str, target: str, expected: str
) -> None:
    convert = conversion(source, target)

    assert convert is not None
    assert convert(Decimal(value)) == Decimal(expected)


def test_kilopascal_is_exact_to_nine_digits() -> None:
    convert = conversion("kPa", "mm[Hg]")

    assert convert is not None
    assert convert(Decimal(16)).quantize(Decimal("0.000001")) == Decimal("120.009852")


@pytest.mark.parametrize(
    ("source", "target"),
    [("mm[Hg]", "Cel"), ("kg", "/min"), ("", "%"), ("", ""), ("C", "Cel"), ("F", "Cel")],
)
def test_what_does_not_measure_the_same_thing_does_not_convert(source: str, target: str) -> None:
    assert conversion(source, target) is None


@pytest.mark.parametrize(
    ("system", "code", "printed", "expected"),
    [
        (UCUM, "mm[Hg]", "mmHg", "mm[Hg]"),
        ("", "Cel", "", "Cel"),
        ("", "", "mmHg", "mm[Hg]"),
        ("", "", "  Beats / min ", "Beats / min"),
        ("", "", "bpm", "/min"),
        ("", "", "°C", "Cel"),
        ("", "", "F", "F"),
        (UCUM, "", "mmHg", ""),
        ("urn:local", "mmHg", "mmHg", "mm[Hg]"),
        ("urn:local", "X1", "", ""),
        ("", "", "", ""),
    ],
)
def test_a_unit_is_taken_from_ucum_or_from_a_closed_table(
    system: str, code: str, printed: str, expected: str
) -> None:
    assert unit_of(system=system, code=code, printed=printed) == expected
