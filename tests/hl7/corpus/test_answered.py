"""Every message of every file is answered: a transaction, or a failure that says where and why."""

from pathlib import Path

import pytest

from hl7corpus.files import bodies, files
from hl7corpus.measure import Measure
from wherry.errors import Kind


def test_no_message_breaks_the_translator(measure: Measure) -> None:
    assert [(one.piece, one.crash) for one in measure.outcomes if one.crash] == []


def test_what_is_not_translated_says_where_and_why(measure: Measure) -> None:
    failures = [one.failure for one in measure.outcomes if one.failure]

    assert {one.kind for one in failures} <= {Kind.INVALID, Kind.UNSUPPORTED, Kind.UNPROCESSABLE}
    assert [one.detail for one in failures if not one.at or not one.detail] == []


def test_most_of_it_is_translated(measure: Measure) -> None:
    assert len(measure.translated) >= 360


# How many messages are in a file. Source: the batches' own trailers, counted by hand where those
# are wrong on purpose
@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("cosyte/fixtures/batch/bare-message.hl7", 1),
        ("cosyte/fixtures/batch/single-batch.hl7", 2),
        ("cosyte/fixtures/batch/count-mismatch.hl7", 2),
        ("cosyte/fixtures/batch/multi-batch-file.hl7", 3),
        ("cosyte/fixtures/batch/malformed-mid-batch.hl7", 3),
        ("cdc-data-exchange/fn-receiver-debatcher/genV1/GenV1_Batch_No_headers_eightMSHs.txt", 8),
        ("cdc-data-exchange/fn-receiver-debatcher/genV1/GenV1_Batch_No_headers_twoMSH.txt", 2),
        ("cdc-data-exchange/fn-receiver-debatcher/genV1/empty.txt", 0),
    ],
)
def test_a_file_of_many_messages_gives_each_of_them(root: Path, name: str, count: int) -> None:
    assert len(bodies((root / name).read_bytes())) == count


def test_a_broken_message_in_a_batch_does_not_stop_the_others(measure: Measure) -> None:
    name = "cosyte/fixtures/batch/malformed-mid-batch.hl7"
    found = [one for one in measure.outcomes if one.piece.source == name]

    assert [one.made is not None for one in found] == [True, False, True]


def test_every_file_that_holds_something_is_read(measure: Measure) -> None:
    named = {one.piece.source for one in measure.outcomes}
    held = {
        path.relative_to(measure.root).as_posix()
        for path in files(measure.root)
        if path.read_bytes().strip()
    }

    assert len(held) > 500
    assert named == held
