"""A document keeps its text and files, and what it is to others. All data are synthetic."""

from base64 import b64decode
from collections.abc import Callable
from typing import Any

import pytest

from wherry.resource import Resource, Translation
from wherry.testing.hl7 import segment

Translated = Callable[..., Translation]
OfType = Callable[[Translation, str], list[Resource]]
Written = Callable[..., Resource]

PID = segment("PID", {3: "7700123^^^NORTH^MR"})


def _obx(value: str, *, type_: str = "TX", code: str = "T^Text^L", **more: str) -> str:
    fields = {2: type_, 3: code, 5: value, 11: "F"}
    return segment("OBX", {**fields, **{int(k[1:]): v for k, v in more.items()}})


@pytest.fixture
def written(translated: Translated, of_type: OfType) -> Written:
    """The DocumentReference that one TXA with these fields and these OBX become."""

    def make(fields: dict[int, str], *obx: str, event: str = "T02") -> Resource:
        txa = segment("TXA", {1: "1", 2: "DS", 12: "D-2^DOCS", 17: "AU", **fields})
        return of_type(translated(PID, txa, *obx, kind=f"MDM^{event}"), "DocumentReference")[0]

    return make


def _attachments(one: Resource) -> list[dict[str, Any]]:
    return [content["attachment"] for content in one["content"]]


def _text(attachment: dict[str, Any]) -> str:
    return b64decode(attachment["data"]).decode()


def test_lines_of_text_are_one_attachment_in_their_order(written: Written) -> None:
    lines = [_obx("One"), _obx(""), _obx("Two~Three", type_="FT"), _obx("Four", type_="ST")]

    [attachment] = _attachments(written({}, *lines))

    assert attachment["contentType"] == "text/plain"
    assert _text(attachment) == "One\n\nTwo\nThree\nFour"


@pytest.mark.parametrize(
    ("obx", "expected"),
    [
        (
            _obx("S^AP^PDF^Base64^JVBERi0x", type_="ED"),
            {"contentType": "application/pdf", "data": "JVBERi0x"},
        ),
        (
            _obx("S^TEXT^HTML^A^<b>", type_="ED"),
            {"contentType": "text/html", "data": "PGI+"},
        ),
        (
            _obx("S^IM^JPEG^Hex^FFD8FF", type_="ED"),
            {"contentType": "image/jpeg", "data": "/9j/"},
        ),
        (
            _obx("https://docs.example/1.pdf^APP^AP^PDF", type_="RP"),
            {"contentType": "application/pdf", "url": "https://docs.example/1.pdf"},
        ),
    ],
)
def test_what_is_attached_or_pointed_to_is_a_form_of_the_document(
    written: Written, obx: str, expected: dict[str, str]
) -> None:
    assert _attachments(written({}, obx)) == [{**expected, "title": "Text"}]


@pytest.mark.parametrize(
    "obx",
    [
        _obx("S^AP^PDF^Base64^not base64!", type_="ED"),
        _obx("3", type_="NM"),
        _obx("X^Code^L", type_="CE"),
        _obx("4+", type_="ST", f8="A"),
        _obx("Taken back", f11="D"),
    ],
)
def test_what_is_no_text_or_was_withdrawn_is_an_observation_beside_it(
    translated: Translated, of_type: OfType, obx: str
) -> None:
    txa = segment("TXA", {1: "1", 2: "DS", 12: "D-2^DOCS"})

    made = translated(PID, txa, _obx("Line"), obx, kind="MDM^T02")

    [document] = of_type(made, "DocumentReference")
    [entry] = [one for one in made.bundle["entry"] if "Observation?" in one["request"]["url"]]
    assert [_text(one) for one in _attachments(document)] == ["Line"]
    assert document["context"]["related"] == [{"reference": entry["fullUrl"]}]


@pytest.mark.parametrize(
    ("event", "relation"),
    [("T05", "appends"), ("T06", "appends"), ("T09", "replaces"), ("T10", "replaces")],
)
def test_the_event_says_what_it_is_to_its_parent(
    written: Written, event: str, relation: str
) -> None:
    made = written({13: "D-1^DOCS"}, _obx("Text"), event=event)

    assert made["relatesTo"] == [
        {
            "code": relation,
            "target": {
                "type": "DocumentReference",
                "identifier": {"system": "urn:wherry:hl7:LAB:DOCS", "value": "D-1"},
                "display": "Parent document",
            },
        }
    ]


@pytest.mark.parametrize(
    ("event", "availability", "status"),
    [
        ("T02", "", "current"),
        ("T02", "AV", "current"),
        ("T04", "OB", "superseded"),
        ("T04", "CA", "entered-in-error"),
        ("T11", "AV", "entered-in-error"),
    ],
)
def test_availability_says_the_status_unless_it_was_cancelled(
    written: Written, event: str, availability: str, status: str
) -> None:
    assert written({19: availability}, _obx("Text"), event=event)["status"] == status


def test_a_message_without_content_only_fills_a_gap(translated: Translated) -> None:
    txa = segment("TXA", {1: "1", 2: "DS", 3: "AP", 12: "D-2^DOCS", 19: "AV"})

    made = translated(PID, txa, kind="MDM^T03")

    [entry] = [one for one in made.bundle["entry"] if "DocumentReference?" in one["request"]["url"]]
    assert made.weak[entry["fullUrl"]] == ("content",)
    assert "data" not in entry["resource"]["content"][0]["attachment"]


def test_a_document_that_names_itself_as_parent_has_none(written: Written) -> None:
    assert "relatesTo" not in written({13: "D-2^DOCS"}, _obx("Text"), event="T10")
