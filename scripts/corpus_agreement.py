"""Prints how the translator does on folders of HL7 v2 messages, by corpus and message type.

Without a folder: the corpora beside the checkout. Prints no text of any message: places, codes,
numbers, and of a text how long it is.
"""

import argparse
import csv
import sys
from pathlib import Path

from rich.console import Console

from hl7corpus import exceptions, floors, show
from hl7corpus.compare import Point
from hl7corpus.files import nearby
from hl7corpus.measure import Measure

LISTED = Path(__file__).parents[1] / "tests/hl7/corpus/exceptions.csv"
_WIDTH = 120  # of what is piped into a file


def main() -> None:
    """Translate everything below a folder and say how it went."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", nargs="?", type=Path, default=nearby(Path(__file__)))
    options.add_argument("--exceptions", type=Path, default=LISTED, help="table of listed reasons")
    options.add_argument("--json", action="store_true", help="the figures as one JSON object")
    options.add_argument("--open", action="store_true", help="what differs unlisted, as CSV")
    options.add_argument("--floors", action="store_true", help="the table of floors for today")
    chosen = options.parse_args()
    if chosen.folder is None or not chosen.folder.is_dir():
        sys.exit("no folder of HL7 messages")
    measure = Measure(chosen.folder, exceptions.listed(chosen.exceptions))
    if chosen.json:
        sys.stdout.write(show.as_json(measure))
    elif chosen.open:
        _write_open([point for figure in measure.figures for point in figure.open])
    elif chosen.floors:
        sys.stdout.write(floors.written(measure.percents()))
    else:
        show.tables(measure, Console(width=None if sys.stdout.isatty() else _WIDTH))


def _write_open(points: list[Point]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(exceptions.COLUMNS)
    for point in points:
        writer.writerow([point.message, point.subject, point.ours, point.theirs, ""])


if __name__ == "__main__":
    main()
