"""Kept calls under another policy or model: what would have been shown, beside what is now.

Pure: scores come from a function. Each side remembers what it showed, as the board does; kept calls
hold no snoozes, so neither side has any.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from wherry.errors import Failure
from wherry.resource import Resource
from wherry_cds.policy.decide import Finding, Seen, decide
from wherry_cds.policy.levels import Level, amount, is_refusal, level
from wherry_cds.policy.policy import ServicePolicy
from wherry_cds.rules.early_warning import Basis, Card
from wherry_cds.rules.score import AnyAnswer
from wherry_cds.simulate.stored import Stored

NOT_SCORED = "not-scored"

Score = Callable[[str, str, Sequence[Resource], datetime], AnyAnswer]
"""The answer of a model about a patient's resources at a moment. Raises: Failure."""
CardOf = Callable[[AnyAnswer, Basis], Card]


@dataclass(frozen=True, slots=True)
class Side:
    """One way to answer: the policy of each service, and a model in place of the service's own."""

    policy: Callable[[str], ServicePolicy]
    model: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one side makes of one call."""

    shown: bool
    rule: str
    level: Level
    amount: float | None
    summary: str

    def as_json(self) -> dict[str, Any]:
        """As it is printed."""
        found = {"shown": self.shown, "rule": self.rule, "level": self.level.word}
        return {**found, "amount": self.amount, "summary": self.summary}


@dataclass(frozen=True, slots=True)
class Compared:
    """One call as both sides answer it."""

    stored: Stored
    before: Verdict
    after: Verdict

    @property
    def changed(self) -> bool:
        """Whether a clinician would have seen something else."""
        first, second = self.before, self.after
        return (first.shown, first.shown and first.level) != (
            second.shown,
            second.shown and second.level,
        )


@dataclass(slots=True)
class Answering:
    """One side with its memory."""

    side: Side
    rules: Mapping[str, tuple[str, CardOf]]
    score: Score
    seen: dict[tuple[str, str], list[Seen]] = field(default_factory=dict)

    def verdict(self, stored: Stored) -> Verdict:
        """What it makes of this call, remembered for later ones about the same patient."""
        if stored.service not in self.rules:
            return _unscored("no such service")
        model, card_of = self.rules[stored.service]
        context = stored.request.get("context", {})
        patient = str(context.get("patientId", ""))
        try:
            answer = self.score(self.side.model or model, patient, resources(stored), stored.at)
            card = card_of(answer, Basis(at=stored.at, card_id="replayed"))
        except Failure as failure:
            return _unscored(failure.detail)
        finding = Finding(
            at=stored.at,
            level=level(answer, card),
            amount=amount(answer),
            user=str(context.get("userId", "")),
            refused=is_refusal(answer),
        )
        before = self.seen.setdefault((patient, stored.service), [])
        made = decide(self.side.policy(stored.service), finding, before, ())
        before.append(Seen(finding.at, finding.level, finding.amount, made.shown))
        return Verdict(
            made.shown, made.rule.value, finding.level, finding.amount, str(card["summary"])
        )


def compared(calls: Sequence[Stored], before: Answering, after: Answering) -> list[Compared]:
    """Both sides on every call, oldest first."""
    in_turn = sorted(calls, key=lambda one: (one.at, one.name))
    return [Compared(one, before.verdict(one), after.verdict(one)) for one in in_turn]


def resources(stored: Stored) -> list[Resource]:
    """What came as prefetch; what a service read for itself is in no file."""
    found: list[Resource] = []
    for value in stored.request.get("prefetch", {}).values():
        if not isinstance(value, dict):
            continue
        if value.get("resourceType") == "Bundle":
            found += [one["resource"] for one in value.get("entry", []) if "resource" in one]
        else:
            found.append(value)
    return found


def _unscored(why: str) -> Verdict:
    return Verdict(False, NOT_SCORED, Level.NONE, None, why)
