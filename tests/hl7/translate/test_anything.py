"""Whatever a message holds: a failure or a valid transaction, and not a word about the patient."""

from collections.abc import Iterator
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from tests.hl7.translate.anything import DIGITS, TOKEN, messages

from hl7corpus.sound import empty, invalid, unresolved
from wherry.codec import encode
from wherry.errors import Failure
from wherry.hl7.message import Message
from wherry.landing import Landed, land
from wherry.resource import Translation
from wherry.testing.fhir import FakeFhir
from wherry_hl7.translate import Sender, translate

RECEIVED_AT = datetime(2026, 1, 5, 18, tzinfo=UTC)
SENDER = Sender("odd", UTC, unidentified=True)

few = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
many = settings(few, max_examples=400)


def _made(body: bytes) -> Translation | Failure:
    try:
        return translate(Message.parse(body), sender=SENDER, received_at=RECEIVED_AT)
    except Failure as failure:
        return failure


def _said(made: Translation | Failure) -> Iterator[str]:
    """Every word that is said about a message beside what it becomes."""
    if isinstance(made, Failure):
        yield from (str(made), made.detail, made.at)
        return
    yield made.aside
    for issue in (*made.warnings, *made.unmapped):
        yield from (issue.at, issue.text)


@many
@given(messages())
def test_any_message_becomes_a_failure_or_a_valid_transaction(body: bytes) -> None:
    made = _made(body)

    if isinstance(made, Translation):
        assert invalid(made) == []
        assert unresolved(made) == []
        assert empty(made.bundle["entry"], "") == []


@many
@given(messages())
def test_no_word_about_a_message_repeats_what_it_says_of_a_person(body: bytes) -> None:
    said = " ".join(_said(_made(body)))

    assert TOKEN.lower() not in said.lower()
    assert DIGITS not in said


@few
@given(messages())
def test_any_message_gives_the_same_each_time(body: bytes) -> None:
    one, other = _made(body), _made(body)

    assert list(_said(one)) == list(_said(other))
    if isinstance(one, Translation):
        assert isinstance(other, Translation)
        assert encode(one.bundle) == encode(other.bundle)


@few
@given(messages())
def test_any_message_stored_twice_changes_no_version(body: bytes) -> None:
    made, fhir = _made(body), FakeFhir()
    if isinstance(made, Failure):
        return
    [first] = land([made], fhir)
    before = {key: len(kept) for key, kept in fhir.versions.items()}

    [again] = land([made], fhir)

    assert isinstance(first, Landed)
    assert isinstance(again, Landed)
    assert again.written == 0
    assert {key: len(kept) for key, kept in fhir.versions.items()} == before
