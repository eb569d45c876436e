"""A message sent again changes nothing; the order of a patient's numbers does not matter."""

from hl7corpus.files import Piece
from hl7corpus.measure import Measure
from hl7corpus.outcome import Outcome, outcome
from wherry.codec import encode
from wherry.landing import Landed, land
from wherry.resource import Translation
from wherry.testing.fhir import FakeFhir

GROUP = 50


def _versions(fhir: FakeFhir) -> dict[tuple[str, str], int]:
    return {key: len(kept) for key, kept in fhir.versions.items()}


def _made(measure: Measure) -> list[Translation]:
    return [one.made for one in measure.translated if one.made]


def test_each_message_stored_twice_changes_no_version(measure: Measure) -> None:
    for made in _made(measure):
        fhir = FakeFhir()
        [first] = land([made], fhir)
        before = _versions(fhir)

        [again] = land([made], fhir)

        assert isinstance(first, Landed)
        assert isinstance(again, Landed)
        assert again.written == 0
        assert _versions(fhir) == before


def test_storing_all_of_it_again_changes_no_version(measure: Measure) -> None:
    fhir, made = FakeFhir(), _made(measure)
    groups = [made[n : n + GROUP] for n in range(0, len(made), GROUP)]
    first = [one for group in groups for one in land(group, fhir)]
    before = _versions(fhir)

    again = [one for group in groups for one in land(group, fhir)]

    assert [one for one in first if not isinstance(one, Landed)] == []
    assert {one.written for one in again if isinstance(one, Landed)} == {0}
    assert _versions(fhir) == before


def test_the_same_message_is_always_the_same(measure: Measure) -> None:
    for one in measure.translated:
        again = outcome(one.piece).made

        assert again is not None
        assert one.made is not None
        assert encode(again.bundle) == encode(one.made.bundle)


def _turned(one: Outcome) -> Outcome | None:
    """The message with the repetitions of each PID-3 the other way round, if that is different."""
    assert one.message is not None
    marks, lines, changed = one.message.delimiters, [], False
    for segment in one.message.segments:
        fields = segment.raw.split(marks.field)
        if segment.name == "PID" and len(fields) > 3 and marks.repetition in fields[3]:
            fields[3] = marks.repetition.join(reversed(fields[3].split(marks.repetition)))
            changed = True
        lines.append(marks.field.join(fields))
    body = "\r".join(lines).encode(one.message.charset, "replace")
    return outcome(Piece(one.piece.source, one.piece.index, body)) if changed else None


def test_the_order_of_a_patients_numbers_gives_the_same_patient(measure: Measure) -> None:
    pairs = [(one, other) for one in measure.translated if (other := _turned(one))]

    assert len(pairs) > 5
    for one, other in pairs:
        fhir = FakeFhir()
        assert one.made is not None
        assert other.made is not None
        land([one.made], fhir)
        before = len(fhir.all("Patient"))
        land([other.made], fhir)
        assert len(fhir.all("Patient")) == before
