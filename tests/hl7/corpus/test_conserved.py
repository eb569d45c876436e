"""What goes in comes out: segments counted against the resources that are made of them."""

from pathlib import Path

from hl7corpus.floors import fallen, floors
from hl7corpus.measure import Measure

HERE = Path(__file__).parent


def test_no_count_falls_below_its_floor(measure: Measure) -> None:
    conserved = {key: now for key, now in measure.percents().items() if key[0] == "conserved"}

    assert len(conserved) > 5
    assert fallen(conserved, floors(HERE / "floors.csv")) == {}


def test_every_result_and_every_report_is_there(measure: Measure) -> None:
    rules = {"OBX to Observation", "OBR to DiagnosticReport", "PID to Patient"}

    assert [one for one in measure.kept if one.rule in rules and not one.held] == []
