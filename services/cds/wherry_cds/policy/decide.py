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
    CHANGE = "change"
    REPEAT = "repeat-window-over"
    BROKE_SNOOZE = "critical-broke-snooze"
    REFUSAL = "refusal-told"

    SILENT = "silent-mode"
    OFF = "switched-off"
    USER = "not-for-this-user"
    BELOW = "below-least-level"
    REFUSAL_MUTED = "refusal-not-told"
    SNOOZED = "snoozed"
    WITHIN = "within-repeat-window"
    CAP = "daily-cap"


@dataclass(frozen=True, slots=True)
class Finding:
    """What there is to say now. `amount` is the score as a share; None when it was refused."""

    at: datetime
    level: Level
    amount: float | None
    user: str
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """One earlier decision about this patient and service, newest last."""

    at: datetime
    level: Level
    amount: float | None
    shown: bool


@dataclass(frozen=True, slots=True)
class Quiet:
    """A snooze that holds: until when, for whom (empty: all), and how urgent it was then."""

    until: datetime
    user: str
    level: Level


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether the card is shown, and the rule that decided."""

    shown: bool
    rule: Rule


def decide(
    policy: ServicePolicy, finding: Finding, seen: Sequence[Seen], quiet: Sequence[Quiet]
) -> Decision:
    """Judge one finding. `seen` and `quiet` are of this tenant, patient and service."""
    if policy.mode == "off":
        return Decision(False, Rule.OFF)
    wanted = _wanted(policy, finding, seen, quiet)
    if wanted.shown and policy.mode == "silent":
        return Decision(False, Rule.SILENT)
    return wanted


def _wanted(
    policy: ServicePolicy, finding: Finding, seen: Sequence[Seen], quiet: Sequence[Quiet]
) -> Decision:
    shown = [each for each in seen if each.shown]
    if barred := _barred(policy, finding):
        return Decision(False, barred)
    if holding := [each for each in quiet if _holds(each, finding)]:
        broken = _breaks(finding, holding, shown)
        return Decision(broken, Rule.BROKE_SNOOZE if broken else Rule.SNOOZED)
    news = _news(policy, finding, seen, shown)
    if news is None:
        return Decision(False, Rule.WITHIN)
    if not _is_urgent(finding, news) and _worn_out(policy, finding, shown):
        return Decision(False, Rule.CAP)
    return Decision(True, Rule.REFUSAL if finding.refused else news)


def _barred(policy: ServicePolicy, finding: Finding) -> Rule | None:
    """What is never shown to this user, or never at this level."""
    kind = finding.user.partition("/")[0]
    rules = (
        (Rule.USER, bool(kind) and kind not in policy.users),
        (Rule.REFUSAL_MUTED, finding.refused and policy.refused == "nothing"),
        (Rule.BELOW, finding.level < policy.lowest),
    )
    return next((rule for rule, true in rules if true), None)


def _holds(each: Quiet, finding: Finding) -> bool:
    return each.until > finding.at and each.user in ("", finding.user)


def _breaks(finding: Finding, holding: Sequence[Quiet], shown: Sequence[Seen]) -> bool:
    """A patient who became critical since somebody asked for quiet, and was not shown as such."""
    if finding.level < Level.CRITICAL or any(each.level >= Level.CRITICAL for each in holding):
        return False
    return not (shown and shown[-1].level >= Level.CRITICAL)


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
    if _risen(finding.amount, last.amount) >= policy.change > 0:
        return Rule.CHANGE
    hours = policy.hours(finding.level)
    return Rule.REPEAT if finding.at - last.at >= timedelta(hours=hours) else None


def _fell_between(
    policy: ServicePolicy, finding: Finding, last: Seen, seen: Sequence[Seen]
) -> bool:
    """Whether it was clearly better since the last card, so that this is a new crossing."""
    between = [each for each in seen if each.at > last.at and each.level < finding.level]
    return any(_risen(finding.amount, each.amount) >= policy.hysteresis for each in between)


def _risen(now: float | None, before: float | None) -> float:
    """By how much; without two scores there is no telling, which counts as a fall."""
    return -1.0 if now is None or before is None else now - before


def _is_urgent(finding: Finding, news: Rule) -> bool:
    """What no cap holds back: it got worse, or it is critical for the first time again."""
    return news is Rule.ESCALATION or (news is Rule.FIRST and finding.level is Level.CRITICAL)


def _worn_out(policy: ServicePolicy, finding: Finding, shown: Sequence[Seen]) -> bool:
    """As many cards as a day may have; only what is urgent goes over it."""
    return sum(finding.at - each.at < DAY for each in shown) >= policy.most_a_day
