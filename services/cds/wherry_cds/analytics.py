"""Cards that were shown and what came of them become figures, each with its uncertainty."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median

from wherry_cds.board.port import Outcome

Z = 1.96
ACCEPTED, OVERRIDDEN, IGNORED = "accepted", "overridden", "ignored"
MOST_OVERRIDDEN = 0.9
FEWEST_CARDS = 50
FALLEN_TO = 2 / 3


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its 95 % interval. Source: Wilson, JASA 1927;22:209-12."""

    count: int
    of: int

    @property
    def value(self) -> float | None:
        """The share; None of nothing."""
        return self.count / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's score interval; None of nothing."""
        if not self.of:
            return None
        n, p = self.of, self.count / self.of
        middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
        return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of some cards; a card is ignored when nothing was said of it."""

    cards: int
    accepted: Share
    overridden: Share
    ignored: Share
    median_s: float | None


# By what cards can be told apart
BY: Mapping[str, Callable[[Outcome], str]] = {
    "service": lambda one: one.row.about.service,
    "role": lambda one: one.row.role or "not known",
    "unit": lambda one: one.row.about.unit or "not known",
    "tier": lambda one: one.row.level.word,
    "model": lambda one: f"{one.row.about.model} {one.row.about.version}".strip() or "not known",
}


def figures(outcomes: Sequence[Outcome]) -> Figures:
    """The figures of these cards; the time to action is from the card to what was said last."""
    counts = Counter(outcome(one) for one in outcomes)
    whole = len(outcomes)
    times = [
        (one.said.at - one.row.at).total_seconds()
        for one in outcomes
        if one.said is not None and one.said.at >= one.row.at
    ]
    return Figures(
        cards=whole,
        accepted=Share(counts[ACCEPTED], whole),
        overridden=Share(counts[OVERRIDDEN], whole),
        ignored=Share(counts[IGNORED], whole),
        median_s=median(times) if times else None,
    )


def outcome(one: Outcome) -> str:
    """What came of a card; the last that was said counts."""
    return one.said.outcome if one.said else IGNORED


def by(outcomes: Sequence[Outcome], name: str) -> dict[str, Figures]:
    """The figures of each group, by name of the group."""
    groups: dict[str, list[Outcome]] = {}
    for one in outcomes:
        groups.setdefault(BY[name](one), []).append(one)
    return {group: figures(groups[group]) for group in sorted(groups, key=_order)}


_TIERS = ("critical", "warning", "info", "none")


def _order(group: str) -> tuple[int, str]:
    """Tiers by urgency, everything else by name."""
    return _TIERS.index(group) if group in _TIERS else len(_TIERS), group


def reasons(outcomes: Sequence[Outcome]) -> dict[str, Share]:
    """Override reasons, the most frequent first, as shares of the overridden cards."""
    given = [one.said.reason or "none given" for one in outcomes if one.said and _is_no(one)]
    return {name: Share(count, len(given)) for name, count in Counter(given).most_common()}


def _is_no(one: Outcome) -> bool:
    return outcome(one) == OVERRIDDEN


def alarms(now: Figures, before: Figures) -> list[str]:
    """What should make somebody look at a rule: nearly all overridden, or acceptance falling.

    Source: the alert policy of services/cds/README; too few cards say nothing.
    """
    found = []
    overridden, accepted, then = now.overridden.value, now.accepted.value, before.accepted.value
    if now.cards >= FEWEST_CARDS and overridden is not None and overridden > MOST_OVERRIDDEN:
        found.append("more than 90 % of the cards are overridden")
    enough = min(now.cards, before.cards) >= FEWEST_CARDS
    if enough and accepted is not None and then and accepted <= then * FALLEN_TO:
        found.append("acceptance fell by a third or more")
    return found
