"""What silent mode would have shown: the burden of a service before it goes live."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from wherry_cds.board.port import Row
from wherry_cds.policy.decide import Rule

_UNKNOWN = "not known"
_NOT_SCORED = frozenset({Rule.OFF.value, Rule.NO_OCCASION.value})
_LEVELS = ("critical", "warning", "info", "none")

Whose = tuple[str, str, str]
"""Service, model and version."""


@dataclass(frozen=True, slots=True)
class Burden:
    """Cards that would have been shown, of one service, level, model and version.

    `calls` were scored by this version; `patient_days`: each patient, each day in UTC, counts once.
    """

    service: str
    level: str
    model: str
    version: str
    cards: int
    calls: int
    patient_days: int

    @property
    def per_100_calls(self) -> float:
        """Cards for 100 calls."""
        return 100 * self.cards / self.calls

    @property
    def per_patient_day(self) -> float:
        """Cards for each patient and day."""
        return self.cards / self.patient_days


@dataclass(slots=True)
class _Counted:
    calls: int = 0
    days: set[tuple[str, date]] = field(default_factory=set)
    cards: dict[str, int] = field(default_factory=lambda: defaultdict(int))


class Tally:
    """Counts the decisions of one tenant, page after page.

    Rows name the fingerprint of their policy, its mode within: only those count whose policy held
    a card back for silence, so that a time of live cards does not thin the figures.
    """

    def __init__(self) -> None:
        self._counted: dict[tuple[Whose, str], _Counted] = defaultdict(_Counted)
        self._silent: set[tuple[str, str]] = set()

    def add(self, rows: Iterable[Row]) -> None:
        """Count these, but for calls that were not scored."""
        for row in rows:
            if row.rule not in _NOT_SCORED:
                self._add(row)

    def _add(self, row: Row) -> None:
        about = row.about
        whose = (about.service, about.model or _UNKNOWN, about.version or _UNKNOWN)
        counted = self._counted[whose, row.policy]
        counted.calls += 1
        counted.days.add((about.patient, row.at.date()))
        if row.rule == Rule.SILENT:
            self._silent.add((about.service, row.policy))
            counted.cards[row.level.word] += 1

    def burdens(self) -> Sequence[Burden]:
        """By service, model and version, the most urgent level first; levels without cards too."""
        whole: dict[Whose, _Counted] = defaultdict(_Counted)
        for (whose, policy), counted in self._counted.items():
            if (whose[0], policy) not in self._silent:
                continue
            sum_ = whole[whose]
            sum_.calls += counted.calls
            sum_.days |= counted.days
            for level, cards in counted.cards.items():
                sum_.cards[level] += cards
        return [
            Burden(
                service,
                level,
                model,
                version,
                cards=counted.cards.get(level, 0),
                calls=counted.calls,
                patient_days=len(counted.days),
            )
            for (service, model, version), counted in sorted(whole.items())
            for level in _LEVELS
            if level != "none" or level in counted.cards
        ]
