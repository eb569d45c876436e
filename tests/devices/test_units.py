"""Every unit converts exactly, there and back, and to nothing that measures another thing."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherry.units import _TO, conversion
from wherry_devices.mapping.vitals import VITALS

PAIRS = [(source, target) for target, found in _TO.items() for source in found]


@pytest.mark.parametrize(("source", "target"), PAIRS)
@given(st.decimals(min_value=0, max_value=99_999, places=3))
def test_a_conversion_is_exact_to_the_last_digit_that_it_writes(
    source: str, target: str, value: Decimal
) -> None:
    convert = conversion(source, target)
    assert convert is not None

    exact = (Fraction(value) - Fraction(convert.offset)) * Fraction(convert.times)
    exact /= Fraction(convert.over)

    assert abs(Fraction(convert(value)) - exact) <= abs(exact) * Fraction(1, 10**27)


@pytest.mark.parametrize(("source", "target"), PAIRS)
@given(st.decimals(min_value=0, max_value=99_999, places=3))
def test_every_unit_converts_there_and_back_to_the_same_digits(
    source: str, target: str, value: Decimal
) -> None:
    convert = conversion(source, target)
    assert convert is not None

    back = convert(value) * convert.over / convert.times + convert.offset

    assert back.quantize(value) == value
    assert abs(back - value) < Decimal("1e-18")


@pytest.mark.parametrize("kind", sorted(VITALS))
def test_the_units_of_a_kind_measure_one_thing_and_those_of_another_do_not(kind: str) -> None:
    units = VITALS[kind].units

    assert all(conversion(unit, units[0]) is not None for unit in units)
    foreign = {"kg", "Cel", "mm[Hg]", "mg/dL", "mmol/L"} - set(units)
    allowed = set(_TO.get(units[0], {}))
    assert [unit for unit in foreign - allowed if conversion(unit, units[0]) is not None] == []
