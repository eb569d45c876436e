"""One thing has one identity, everywhere and always."""

import re
from urllib.parse import parse_qsl
from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from wherry.fhir.identity import condition, derived_id, full_url, key, search_url

TEXT = st.text(max_size=20)


@given(st.lists(TEXT, min_size=1, max_size=3))
def test_a_derived_id_is_a_version_5_uuid(parts: list[str]) -> None:
    namespace = uuid5(UUID(int=0), "urn:wherry:fhir")

    assert derived_id("Patient", *parts) == str(uuid5(namespace, "\x1f".join(["Patient", *parts])))


def test_an_identity_never_changes() -> None:
    assert full_url("Patient", "urn:wherry:hl7:LAB:NORTH", "1") == (
        "urn:uuid:17c85f93-9c19-5fb1-9d8a-e6b28da84caa"
    )


@given(TEXT, TEXT)
def test_a_condition_survives_the_way_through_an_address(system: str, value: str) -> None:
    ((name, text),) = parse_qsl(condition(system, value), keep_blank_values=True)

    escaped = [re.sub(r"[\\,|$]", r"\\\g<0>", part) for part in (system, value)]
    assert (name, text) == ("identifier", "|".join(escaped))


def test_a_plain_condition_can_be_read() -> None:
    assert search_url("Patient", {"system": "urn:oid:1.2", "value": "A/1 b"}) == (
        "Patient?identifier=urn:oid:1.2%7CA/1%20b"
    )


@given(st.lists(TEXT, min_size=2, max_size=2), st.lists(TEXT, min_size=2, max_size=2))
def test_different_parts_make_different_keys(one: list[str], other: list[str]) -> None:
    assert (key(*one) == key(*other)) == (one == other)
