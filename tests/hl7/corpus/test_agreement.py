"""What others made of the same messages: the same, or different for a reason that is listed."""

from pathlib import Path

from hl7corpus.exceptions import unused
from hl7corpus.floors import fallen, floors
from hl7corpus.golden import goldens
from hl7corpus.measure import Measure

HERE = Path(__file__).parent


def test_agreement_does_not_fall_below_its_floor(measure: Measure) -> None:
    agreement = {key: now for key, now in measure.percents().items() if key[0] == "agreement"}

    assert len(agreement) > 50
    assert fallen(agreement, floors(HERE / "floors.csv")) == {}


def test_every_listed_exception_is_still_one(measure: Measure) -> None:
    points = [point for found in measure.points.values() for point in found]

    assert unused(points, measure.lines) == []


def test_every_floor_is_of_something_that_is_measured(measure: Measure) -> None:
    assert set(floors(HERE / "floors.csv")) <= set(measure.percents())


def test_the_index_counts_what_its_bundles_hold(measure: Measure) -> None:
    found = goldens(measure.root)

    assert len(found) > 390
    assert [
        name for name, one in found.items() if one.counts["Observation"] != len(one.observations)
    ] == []
