"""Messages that others wrote, where they lie beside the checkout: all are accounted for."""

import importlib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry.fhir.check import problems
from wherry.hl7 import batch
from wherry.hl7.message import Message
from wherry.landing import Landed, land
from wherry.resource import Translation
from wherry.testing.fhir import FakeFhir
from wherry_hl7.translate import Sender, translate

CORPUS = Path(__file__).parents[3] / "../shared/data/hl7"
RECEIVED_AT = datetime(2026, 1, 5, 18, tzinfo=UTC)
FILES = sorted(
    path for pattern in ("*.hl7", "*.HL7", "*.txt") for path in CORPUS.rglob(pattern)
)  # fmt: skip

pytestmark = pytest.mark.skipif(not FILES, reason="no corpus of HL7 messages beside the checkout")


def _read(body: bytes) -> tuple[Message, Translation] | Failure:
    """The message and what it becomes, or why it becomes nothing."""
    try:
        message = Message.parse(body)
        sender = Sender(unidentified=True)
        return message, translate(message, sender=sender, received_at=RECEIVED_AT)
    except Failure as failure:
        return failure


@pytest.fixture(scope="module")
def outcomes() -> list[tuple[Message, Translation] | Failure]:
    """Every message of the corpus."""
    return [_read(body) for path in FILES for body in batch.split(path.read_bytes())]


@pytest.fixture(scope="module")
def corpus(
    outcomes: list[tuple[Message, Translation] | Failure],
) -> list[tuple[Message, Translation]]:
    """All that can be translated."""
    return [one for one in outcomes if not isinstance(one, Failure)]


def test_what_is_not_translated_says_where_and_why(
    outcomes: list[tuple[Message, Translation] | Failure],
) -> None:
    failures = [one for one in outcomes if isinstance(one, Failure)]

    assert {one.kind for one in failures} <= {Kind.INVALID, Kind.UNSUPPORTED, Kind.UNPROCESSABLE}
    assert [one for one in failures if not one.at] == []


def test_most_of_it_is_translated(corpus: list[tuple[Message, Translation]]) -> None:
    assert len(corpus) > 300


def test_nothing_is_lost_or_doubled(corpus: list[tuple[Message, Translation]]) -> None:
    for message, made in corpus:
        named = Counter(segment.name for segment in message.segments)
        types = Counter(entry["resource"]["resourceType"] for entry in made.bundle["entry"])
        urls = [entry["fullUrl"] for entry in made.bundle["entry"]]

        assert types["Observation"] == named["OBX"]
        assert types["DiagnosticReport"] == (named["OBR"] if message.kind == "ORU^R01" else 0)
        assert len(set(urls)) == len(urls)


def test_every_field_is_mapped_or_listed(corpus: list[tuple[Message, Translation]]) -> None:
    mapped = {"MSH", "EVN", "PID", "PV1", "PV2", "ORC", "OBR", "OBX", "NTE"}
    for message, made in corpus:
        listed = {issue.at for issue in made.unmapped}
        others = (one for one in message.segments if one.name not in mapped)
        missing = [
            f"{segment.name}-{number}"
            for segment in others
            for number in range(1, len(segment) + 1)
            if segment.field(number).strip("^~&@$%! \t\r\n")
            and f"{segment.name}-{number}" not in listed
        ]

        assert missing == []


def test_all_of_it_is_valid(corpus: list[tuple[Message, Translation]]) -> None:
    resources = [e["resource"] for _, made in corpus for e in made.bundle["entry"]]
    found = [(one["resourceType"], issues) for one in resources if (issues := problems(one))]

    assert found == []


def test_another_library_reads_all_of_it(corpus: list[tuple[Message, Translation]]) -> None:
    for _, made in corpus[::5]:
        for entry in made.bundle["entry"]:
            type_ = entry["resource"]["resourceType"]
            model = getattr(importlib.import_module(f"fhir.resources.R4B.{type_.lower()}"), type_)

            assert model.model_validate_json(encode(entry["resource"]))


def test_the_same_message_is_always_the_same(corpus: list[tuple[Message, Translation]]) -> None:
    for message, made in corpus:
        again = translate(message, sender=Sender(unidentified=True), received_at=RECEIVED_AT)

        assert encode(again.bundle) == encode(made.bundle)


def test_references_lead_to_something_in_the_same_bundle(
    corpus: list[tuple[Message, Translation]],
) -> None:
    for _, made in corpus:
        urls = {entry["fullUrl"] for entry in made.bundle["entry"]}
        text = encode(made.bundle).decode()
        pointed = {part.split('"')[0] for part in text.split('"reference":"')[1:]}

        assert pointed <= urls


def test_storing_all_of_it_again_changes_no_version(
    corpus: list[tuple[Message, Translation]],
) -> None:
    fhir = FakeFhir()
    made = [translation for _, translation in corpus]
    groups = [made[n : n + 50] for n in range(0, len(made), 50)]
    first = [one for group in groups for one in land(group, fhir)]
    versions = {key: len(kept) for key, kept in fhir.versions.items()}

    again = [one for group in groups for one in land(group, fhir)]

    assert [one for one in first if not isinstance(one, Landed)] == []
    assert {one.written for one in again if isinstance(one, Landed)} == {0}
    assert {key: len(kept) for key, kept in fhir.versions.items()} == versions
