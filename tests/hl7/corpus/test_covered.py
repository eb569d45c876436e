"""Every field that holds something is mapped, listed as unmapped or warned of."""

from pathlib import Path

import pytest

from hl7corpus.floors import fallen, floors
from hl7corpus.measure import Measure

HERE = Path(__file__).parent

# Messages made to be difficult, not broken: each must be read, whatever its type
EDGES = (
    "cosyte/fixtures/edge-cases/",
    "cosyte/fixtures/vendor-quirks/",
    "rethinkhealth/fixtures/edge-",
)


def test_fewer_fields_are_lost_without_a_word_than_ever(measure: Measure) -> None:
    covered = {key: now for key, now in measure.percents().items() if key[0] == "covered"}

    assert len(covered) > 4
    assert fallen(covered, floors(HERE / "floors.csv")) == {}


@pytest.mark.parametrize("folder", EDGES)
def test_no_segment_of_a_difficult_message_is_dropped(measure: Measure, folder: str) -> None:
    found = [one for one in measure.outcomes if one.piece.source.startswith(folder)]

    assert len(found) > 5
    for one in found:
        assert one.message is not None
        lines = one.piece.body.replace(b"\n", b"\r").split(b"\r")
        starts = [line.strip()[:3].upper() for line in lines if line.strip()]
        assert [part.name.encode() for part in one.message.segments] == starts


def test_what_is_listed_as_unmapped_is_in_the_message(measure: Measure) -> None:
    for one in measure.translated:
        assert one.message is not None
        assert one.made is not None
        names = {segment.name for segment in one.message.segments}
        assert {issue.at.partition("-")[0] for issue in one.made.unmapped} <= names
