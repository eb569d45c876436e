"""A folder becomes everything that is measured about it, computed once and when first asked for."""

from collections import Counter
from functools import cached_property
from pathlib import Path

from hl7corpus.compare import Point
from hl7corpus.conserve import Kept, kept
from hl7corpus.covered import filled, silent
from hl7corpus.exceptions import Listed
from hl7corpus.figures import Figure, compared, figures
from hl7corpus.files import pieces
from hl7corpus.golden import goldens
from hl7corpus.outcome import Outcome, outcome
from hl7corpus.sound import invalid, unresolved


class Measure:
    """One folder of messages, each translated once."""

    def __init__(self, root: Path, lines: list[Listed]) -> None:
        self.root = root
        self.lines = lines

    @cached_property
    def outcomes(self) -> list[Outcome]:
        """What became of every message."""
        return [outcome(piece) for piece in pieces(self.root)]

    @cached_property
    def translated(self) -> list[Outcome]:
        """Those that became a transaction."""
        return [one for one in self.outcomes if one.made is not None]

    @cached_property
    def points(self) -> dict[tuple[str, str], list[Point]]:
        """What was compared with the expected bundles, by corpus and message type."""
        return compared(self.outcomes, goldens(self.root))

    @cached_property
    def figures(self) -> list[Figure]:
        """How much agrees, by corpus and message type."""
        return figures(self.points, self.lines)

    @cached_property
    def kept(self) -> list[Kept]:
        """How every count held."""
        return [each for one in self.translated for each in kept(one)]

    @cached_property
    def silent(self) -> list[tuple[Outcome, list[str]]]:
        """The fields of each message that are lost without a word, where there are any."""
        known: set[tuple[str, str]] = set()
        found = [(one, silent(one, known)) for one in self.translated]
        return [(one, fields) for one, fields in found if fields]

    @cached_property
    def invalid(self) -> dict[str, list[str]]:
        """What is not valid R4, by message."""
        found = {_name(one): invalid(one.made) for one in self.translated if one.made}
        return {name: wrong for name, wrong in found.items() if wrong}

    @cached_property
    def unresolved(self) -> dict[str, list[str]]:
        """References that lead nowhere, by message."""
        found = {_name(one): unresolved(one.made) for one in self.translated if one.made}
        return {name: wrong for name, wrong in found.items() if wrong}

    def percents(self) -> dict[tuple[str, str, str], float]:
        """Every figure in percent, by section, corpus and name, for the table of floors."""
        found = {("agreement", one.corpus, one.kind): one.percent for one in self.figures}
        held, all_ = (
            Counter(k.rule for k in self.kept if k.held),
            Counter(k.rule for k in self.kept),
        )
        found |= {
            ("conserved", "all", rule): held[rule] * 1000 // n / 10 for rule, n in all_.items()
        }
        lost, fields = Counter[str](), Counter[str]()
        for one in self.translated:
            fields[one.piece.corpus] += sum(1 for _ in filled(one.message)) if one.message else 0
        for one, names in self.silent:
            lost[one.piece.corpus] += len(names)
        return found | {
            ("covered", corpus, "fields"): (n - lost[corpus]) * 10000 // n / 100
            for corpus, n in fields.items()
        }


def _name(one: Outcome) -> str:
    return f"{one.piece.source}#{one.piece.index}"
