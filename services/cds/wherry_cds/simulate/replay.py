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
from wherry_cds.policy.decide import DAY, Decision, Finding, Seen, decide
from wherry_cds.policy.decide import Rule as Why
from wherry_cds.policy.levels import Level, amount, beside, is_refusal, level
from wherry_cds.policy.policy import ServicePolicy, TenantPolicy
from wherry_cds.rules.cards import Rule
from wherry_cds.rules.early_warning import Basis
from wherry_cds.rules.orders import asked_orders
from wherry_cds.rules.score import AnyAnswer
from wherry_cds.simulate.stored import Stored

NOT_SCORED = "not-scored"

Score = Callable[[str, str, Sequence[Resource], datetime], AnyAnswer]
"""The answer of a model about a patient's resources at a moment. Raises: Failure."""


@dataclass(frozen=True, slots=True)
class Side:
    """One way to answer: a tenant's policy, and a model in place of that of policy or service."""

    tenant: TenantPolicy
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
    rules: Mapping[str, Rule]
    score: Score
    seen: dict[tuple[str, str, str], list[Seen]] = field(default_factory=dict)

    def verdict(self, stored: Stored) -> Verdict:
        """What it makes of this call, remembered for later ones about the same patient."""
        rule = self.rules.get(stored.service)
        if rule is None:
            return _unscored("no such service")
        context = stored.request.get("context", {})
        patient, user = (str(context.get(name, "")) for name in ("patientId", "userId"))
        orders = asked_orders(context) if rule.about_orders else ()
        if rule.about_orders and not orders:
            return _unscored("no order that the service is about")
        policy = self.side.tenant.of(stored.service)
        model = self.side.model or policy.model or rule.model
        try:
            answer = self.score(model, patient, resources(stored), stored.at)
            card = rule.card(answer, Basis(at=stored.at, card_id="replayed", orders=orders))
        except Failure as failure:
            return _unscored(failure.detail)
        finding = Finding(
            at=stored.at,
            level=level(answer, card),
            amount=amount(answer),
            user=user,
            refused=is_refusal(answer),
            beside=beside(answer),
            stay=str(context.get("encounterId", "")),
            role=self.side.tenant.role_of(user),
        )
        made = self._judged((patient, stored.service, finding.role), finding, policy)
        summary = str(card["summary"])
        return Verdict(made.shown, made.rule.value, finding.level, finding.amount, summary)

    def _judged(
        self, about: tuple[str, str, str], finding: Finding, policy: ServicePolicy
    ) -> Decision:
        before = self.seen.setdefault(about, [])
        made = decide(policy, finding, before, (), others=self._others(about, finding))
        before.append(
            Seen(
                at=finding.at,
                level=finding.level,
                amount=finding.amount,
                shown=made.shown,
                beside=finding.beside,
                stay=finding.stay,
                silent=made.rule is Why.SILENT,
            )
        )
        return made

    def _others(self, about: tuple[str, str, str], finding: Finding) -> int:
        """Cards of the last 24 hours in this stay that other services or roles saw."""
        return sum(
            each.shown and each.stay == finding.stay and finding.at - each.at < DAY
            for key, held in self.seen.items()
            if key[0] == about[0] and key != about
            for each in held
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
