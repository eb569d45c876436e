"""A finding and what was shown before become a decision: show it, or not, and by which rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from wherry_cds.policy.levels import Level
from wherry_cds.policy.policy import ServicePolicy

DAY = timedelta(hours=24)


class Rule(StrEnum):
    """Why a card is shown or not; each decision names one."""

    FIRST = "first-crossing"
    ESCALATION = "escalation"
    STAY = "new-stay"
    CHANGE = "change"
    REPEAT = "repeat-window-over"
    BROKE_SNOOZE = "critical-broke-snooze"
    REFUSAL = "refusal-told"

    SILENT = "silent-mode"
    OFF = "switched-off"
    NO_OCCASION = "no-occasion"
    USER = "not-for-this-user"
    BELOW = "below-least-level"
    REFUSAL_MUTED = "refusal-not-told"
    SNOOZED = "snoozed"
    WITHIN = "within-repeat-window"
    CAP = "daily-cap"


@dataclass(frozen=True, slots=True)
class Finding:
    """What there is to say now. `amount` is the score as a share; None when it was refused.

    `beside` is that of the score beside it. `role` is the class of the user's role. `nothing`:
    there was no occasion to compute a score, such as an order that no rule is about.
    """

    at: datetime
    level: Level
    amount: float | None
    user: str
    refused: bool = False
    beside: float | None = None
    stay: str = ""
    role: str = ""
    nothing: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """One earlier decision about this patient, service and role; `silent`: only the mode hid it."""

    at: datetime
    level: Level
    amount: float | None
    shown: bool
    beside: float | None = None
    stay: str = ""
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Quiet:
    """A snooze that holds: until when, for whom (empty: all), and how urgent it was then."""

    until: datetime
    user: str
    level: Level
    role: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether the card is shown, and the rule that decided."""

    shown: bool
    rule: Rule


def decide(
    policy: ServicePolicy,
    finding: Finding,
    seen: Sequence[Seen],
    quiet: Sequence[Quiet],
    *,
    others: int = 0,
) -> Decision:
    """Judge one finding. `seen`, oldest first, and `quiet` are of this tenant, patient and service.

    `others` are the cards of the last 24 hours that other services or roles saw in this stay. A
    first crossing into critical is always shown: it breaks every snooze and no cap holds it back.
    """
    if policy.mode == "off":
        return Decision(False, Rule.OFF)
    wanted = _wanted(policy, finding, seen, quiet, others)
    if wanted.shown and policy.mode == "silent":
        return Decision(False, Rule.SILENT)
    return wanted


def _wanted(
    policy: ServicePolicy,
    finding: Finding,
    seen: Sequence[Seen],
    quiet: Sequence[Quiet],
    others: int,
) -> Decision:
    silent = policy.mode == "silent"
    shown = [each for each in seen if each.shown or (silent and each.silent)]
    if barred := _barred(policy, finding):
        return Decision(False, barred)
    if holding := [each for each in quiet if _holds(each, finding)]:
        broken = _breaks(policy, finding, holding, seen, shown)
        return Decision(broken, Rule.BROKE_SNOOZE if broken else Rule.SNOOZED)
    news = _news(policy, finding, seen, shown)
    if news is None:
        return Decision(False, Rule.WITHIN)
    if not _is_urgent(finding, news) and _worn_out(policy, finding, shown, others):
        return Decision(False, Rule.CAP)
    return Decision(True, Rule.REFUSAL if finding.refused else news)


def _barred(policy: ServicePolicy, finding: Finding) -> Rule | None:
    """What is never shown to this user, or never at this level."""
    kind = finding.user.partition("/")[0]
    rules = (
        (Rule.NO_OCCASION, finding.nothing),
        (Rule.USER, bool(kind) and kind not in policy.users),
        (Rule.REFUSAL_MUTED, finding.refused and policy.refused == "nothing"),
        (Rule.BELOW, finding.level < policy.lowest),
    )
    return next((rule for rule, true in rules if true), None)


def _holds(each: Quiet, finding: Finding) -> bool:
    mine = each.user in ("", finding.user) and each.role in ("", finding.role)
    return each.until > finding.at and mine


def _breaks(
    policy: ServicePolicy,
    finding: Finding,
    holding: Sequence[Quiet],
    seen: Sequence[Seen],
    shown: Sequence[Seen],
) -> bool:
    """A patient who became critical since somebody asked for quiet, or did so anew."""
    if finding.level < Level.CRITICAL:
        return False
    if shown and shown[-1].level >= Level.CRITICAL:
        return _fell_between(policy, finding, shown[-1], seen)
    return all(each.level < Level.CRITICAL for each in holding)


def _news(
    policy: ServicePolicy, finding: Finding, seen: Sequence[Seen], shown: Sequence[Seen]
) -> Rule | None:
    """What is new about it, if anything is."""
    if not shown:
        return Rule.FIRST
    last = shown[-1]
    if finding.level > last.level:
        return Rule.ESCALATION
    if _fell_between(policy, finding, last, seen):
        return Rule.FIRST
    if finding.stay not in ("", last.stay) and policy.new_stay_shows:
        return Rule.STAY
    if _risen(finding, last) >= policy.change > 0:
        return Rule.CHANGE
    hours = policy.hours(finding.level)
    over = not hours or finding.at - last.at >= timedelta(hours=hours)
    return Rule.REPEAT if over else None


def _fell_between(
    policy: ServicePolicy, finding: Finding, last: Seen, seen: Sequence[Seen]
) -> bool:
    """Whether it was clearly better since the last card, so that this is a new crossing."""
    between = [each for each in seen if each.at > last.at and each.level < finding.level]
    return any(_risen(finding, each) >= policy.hysteresis for each in between)


def _risen(now: Finding, before: Seen) -> float:
    """By how much, on the scale where it is more; without two scores that counts as a fall."""
    pairs = ((now.amount, before.amount), (now.beside, before.beside))
    risen = [round(a - b, 9) for a, b in pairs if a is not None and b is not None]
    return max(risen, default=-1.0)


def _is_urgent(finding: Finding, news: Rule) -> bool:
    """What no cap holds back: it got worse, or it is critical for the first time again."""
    return news is Rule.ESCALATION or (news is Rule.FIRST and finding.level is Level.CRITICAL)


def _worn_out(policy: ServicePolicy, finding: Finding, shown: Sequence[Seen], others: int) -> bool:
    """As many cards as a day may have; only what is urgent goes over it."""
    return others + sum(finding.at - each.at < DAY for each in shown) >= policy.most_a_day
