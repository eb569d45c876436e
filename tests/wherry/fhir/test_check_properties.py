"""The check never raises, and its quick half never calls valid what the thorough half refuses."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wherry.codec import decode, encode
from wherry.fhir.check import problems
from wherry.fhir.r4 import primitives, quick
from wherry.fhir.r4.quick import is_certainly_valid
from wherry.fhir.r4.tables import resource_types, type_
from wherry.fhir.r4.walk import walk
from wherry.testing.r4_examples import minimal, with_property

NAMES = sorted({key for name in resource_types() for key in type_(name).properties})
TEXTS = ["", " ", "test", "2026-02-29", "2024-02-29", "Patient/1", "#o", "#", "urn:uuid:1", "\x00"]
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from([*TEXTS, Decimal("1E+999999"), 2**31])
)
KEYS = st.sampled_from([*NAMES, "resourceType", "_status", "_given"]) | st.text(max_size=3)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4)
)


@st.composite
def examples(draw: st.DrawFn) -> dict[str, Any]:
    """A valid or nearly valid resource of any R4 type with some of its properties."""
    name = draw(st.sampled_from(sorted(resource_types())))
    keys = draw(st.lists(st.sampled_from(sorted(type_(name).properties)), max_size=4))
    resource = minimal(name)
    for key in keys:
        resource = resource | {key: with_property(name, key)[key]}
        if type_(name).properties[key].primitive and draw(st.booleans()):
            resource[f"_{key}"] = {"extension": [minimal("Extension")]}
    copied: dict[str, Any] = decode(encode(resource))
    return copied


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key or index) in a JSON value."""
    keys = list(value) if isinstance(value, dict) else range(len(value))
    for key in keys if isinstance(value, dict | list) else ():
        yield value, key
        if isinstance(value[key], dict | list):
            yield from places(value[key])


def is_certain_by_element(resource: dict[str, Any]) -> bool:
    name = resource.get("resourceType")
    return (
        isinstance(name, str)
        and all(quick.is_element_certainly_valid(name, key, resource[key]) for key in resource)
        and quick.do_elements_fit(name, resource)
    )


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(JSON, st.sampled_from(sorted(resource_types())))
def test_no_json_value_makes_the_check_raise(value: Any, name: str) -> None:
    assert isinstance(problems(value), list)
    if isinstance(value, dict):
        assert isinstance(problems(value | {"resourceType": name}), list)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(examples(), st.data())
def test_what_the_quick_half_accepts_the_thorough_half_accepts(
    resource: dict[str, Any], data: st.DataObject
) -> None:
    container, key = data.draw(st.sampled_from(list(places(resource))))
    action = data.draw(st.sampled_from(["keep", "drop", "replace", "add"]))
    if action == "drop":
        del container[key]
    elif action == "replace":
        container[key] = data.draw(JSON)
    elif action == "add" and isinstance(container, dict):
        container[data.draw(KEYS)] = data.draw(JSON)

    found = walk(resource)

    assert found == [] or not is_certainly_valid(resource)
    assert is_certain_by_element(resource) is is_certainly_valid(resource)
    assert problems(resource) == found


@pytest.mark.parametrize("name", sorted(resource_types()))
def test_the_quick_half_knows_every_ordinary_property(name: str) -> None:
    keys = [key for key in type_(name).properties if key != "contained"]
    valid = [made for key in keys if not walk(made := with_property(name, key))]

    assert valid
    assert all(is_certainly_valid(made) for made in valid)


def test_keys_and_words_from_outside_do_not_fill_the_memory() -> None:
    plans = quick._Plans(type_("Basic"), frozenset(), ())
    words = primitives._Known(primitives.PRIMITIVES["uri"].is_valid)

    orders = list(permutations(("id", "language", "implicitRules", "code", "created", "author")))
    answers = {plans[order] is not quick._unsure for order in orders}
    answers |= {words[f"http://example.org/{n}"] for n in range(5000)} | {words["u" * 100_000]}

    assert answers == {True}
    assert (len(orders), len(plans)) == (720, quick._MAX_PLANS)
    assert (len(words), max(map(len, words)) <= 100) == (primitives._MAX_KNOWN, True)
