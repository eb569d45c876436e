"""Texts and digests of stored resources, and the index rows made from them. Pure."""

from collections.abc import Mapping
from typing import Any

import pytest

from wherry.codec import decode, encode
from wherry.errors import Failure, Kind
from wherry.resource import Resource
from wherry_ehr.ask import Version
from wherry_ehr.search.extract import Rows, facet, index, text_facet
from wherry_ehr.search.query import Token, identifiers, split, token
from wherry_ehr.write.content import Content, conditional_references, content
from wherry_ehr.write.ids import ordered_ids
from wherry_ehr.write.told import told_in

URN = "urn:uuid:00000000-0000-4000-8000-000000000001"
VERSION = Version("Basic", "b", 3, 1_772_366_400_000_000)


def _content(resource: Resource, links: Mapping[str, str] = {}, *, at: str = "") -> Content:
    return content(told_in(encode(resource)), links, at=at)


def test_the_servers_parts_come_first_and_the_clients_meta_stays() -> None:
    said = _content(
        {
            "resourceType": "Basic",
            "id": "ignored",
            "meta": {"versionId": "9", "lastUpdated": "2001-01-01T00:00:00Z", "source": "urn:a"},
            "code": {"text": "x"},
        }
    )

    assert said.body(VERSION) == (
        '{"resourceType":"Basic","id":"b","meta":{"versionId":"3",'
        '"lastUpdated":"2026-03-01T12:00:00.000Z","source":"urn:a"},"code":{"text":"x"}}'
    )


def test_a_resource_without_content_is_still_json() -> None:
    assert decode(_content({"resourceType": "Basic"}).body(VERSION)) == {
        "resourceType": "Basic",
        "id": "b",
        "meta": {"versionId": "3", "lastUpdated": "2026-03-01T12:00:00.000Z"},
    }


@pytest.mark.parametrize(
    ("text", "other", "same"),
    [
        ('{"a":1,"b":{"c":2,"d":3}}', '{"b":{"d":3,"c":2},"a":1}', True),
        ('{"a":1,"meta":{"versionId":"1"}}', '{"a":1,"meta":{"versionId":"2"}}', True),
        ('{"a":1,"meta":{"source":"x"}}', '{"a":1,"meta":{"source":"y"}}', False),
        ('{"a":1.0}', '{"a":1.00}', False),
        ('{"a":1}', '{"a":1.0}', False),
        ('{"a":[1,2]}', '{"a":[2,1]}', False),
        ('{"a":"1"}', '{"a":1}', False),
    ],
)
def test_the_digest_is_of_the_content(text: str, other: str, same: bool) -> None:
    digests = [content(told_in(one.encode()), {}).digest for one in (text, other)]

    assert (digests[0] == digests[1]) is same


@pytest.mark.parametrize(
    ("element", "linked"),
    [
        ({"subject": {"reference": URN}}, {"subject": {"reference": "Basic/b"}}),
        ({"url": URN}, {"url": "Basic/b"}),
        ({"urls": [URN, URN]}, {"urls": ["Basic/b", "Basic/b"]}),
        ({"identifier": [{"value": URN}]}, {"identifier": [{"value": URN}]}),
        ({"text": f"see {URN}"}, {"text": f"see {URN}"}),
        ({"div": f'<a href="{URN}">'}, {"div": '<a href="Basic/b">'}),
        ({"note": f'"reference":"{URN}"'}, {"note": f'"reference":"{URN}"'}),
        ({"system": "urn:oid:1.2.3"}, {"system": "urn:oid:1.2.3"}),
        ({"a": "what? nothing"}, {"a": "what? nothing"}),
    ],
)
def test_links_are_put_in_where_they_are_links(element: Any, linked: Any) -> None:
    assert decode(_content(element, {URN: "Basic/b"}).rest) == linked


@pytest.mark.parametrize("reference", [URN, "Patient?identifier=a|b"])
def test_a_reference_to_nothing_is_invalid(reference: str) -> None:
    with pytest.raises(Failure) as caught:
        _content({"subject": {"reference": reference}}, at="Bundle.entry[2]")

    assert (caught.value.kind, caught.value.at) == (Kind.INVALID, "Bundle.entry[2]")


def test_references_by_search_are_found_in_the_text() -> None:
    text = b'{"a":{"reference" : "Patient?identifier=a|b"},"b":{"reference":"Patient/1"},"c":"x?y"}'

    assert conditional_references(text) == {"Patient?identifier=a|b"}


def test_index_rows_hold_what_searches_ask_for() -> None:
    rows = Rows()
    facets = index(
        "Observation",
        {
            "identifier": [{"system": "urn:a", "value": "1"}, {"value": "2"}, {"system": "urn:b"}],
            "status": "final",
            "category": [{"coding": [{"system": "urn:c", "code": "vital-signs"}]}],
            "code": {"coding": [{"code": "x"}, {"code": "x"}], "text": "X"},
            "subject": {"reference": URN},
            "effectiveDateTime": "1970-01-01T00:00:01Z",
        },
        7,
        {URN: "Patient/p/_history/3"},
        rows,
    )

    assert rows == Rows(
        tokens=[
            ("Observation.identifier", "2", 7, ""),
            ("Observation.identifier", "1", 7, "urn:a"),
            ("Observation.code", "x", 7, ""),
        ],
        references=[("Observation.patient", "Patient/p", 7)],
        dates=[(7, "Observation.date", 1_000_000, 2_000_000)],
    )
    assert facets == (
        facet("status", "", "final")
        + facet("category", "urn:c", "vital-signs")
        + text_facet("Observation.code", "x")
        + facet("combo-code", "", "x")
        + text_facet("combo-code", "x")
    )


def test_only_the_types_that_a_parameter_allows_are_indexed() -> None:
    rows = Rows()
    targets = [{"reference": one} for one in ("Observation/1", "Patient/2", "#here")]

    held = [{"actor": each} for each in [*targets, {"display": "nobody"}]]
    index("Appointment", {"participant": held}, 1, {}, rows)

    assert rows.references == [("Appointment.actor", "Patient/2", 1)]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("1", Token(None, "1")),
        ("|1", Token("", "1")),
        ("urn:a|1", Token("urn:a", "1")),
        ("urn:a|", Token("urn:a", None)),
        ("urn:a|1|2", Token("urn:a", "1|2")),
        (r"urn:a|1\|2", Token("urn:a", "1|2")),
        (r"a\|b", Token(None, "a|b")),
        (r"a\\|b", Token("a\\", "b")),
        (r"a\,b\$c", Token(None, "a,b$c")),
    ],
)
def test_tokens_are_read_with_their_escapes(text: str, asked: Token) -> None:
    assert token(text) == asked


def test_commas_behind_a_backslash_do_not_split() -> None:
    assert split(r"a\,b,c\\,d", ",") == [r"a\,b", r"c\\", "d"]


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("identifier=a%7C1,b|2", (Token("a", "1"), Token("b", "2"))),
        ("identifier=a%2B1+2", (Token(None, "a+1 2"),)),
        ("identifier=a|1&_count=1", ()),
        ("identifier=", ()),
        ("identifier=a|", ()),
        ("name=a", ()),
        ("", ()),
    ],
)
def test_searches_for_identifiers_alone_are_told_apart(query: str, asked: Any) -> None:
    assert identifiers(query) == asked


def test_new_ids_are_valid_grow_and_differ_by_seed() -> None:
    ids = ordered_ids(1_772_366_400_000_000, "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f")
    later = ordered_ids(1_772_366_400_001_000, "00000000-0000-4000-8000-000000000000")

    made = [next(ids), next(ids), next(later)]

    assert made == sorted(made)
    assert {len(one) for one in made} == {32}
