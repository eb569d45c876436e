"""What a tag on a device's reading means for whoever counts it: the one table of all such tags."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Scored(StrEnum):
    """Whether a score or a model may rest on a reading with this tag.

    Of two that may not, one is as if it had not been measured; the other is doubtful, and hides an
    older value, which is not to be taken for the present one.
    """

    UNMEASURED = "no, as if not measured"
    DOUBTFUL = "no, and it hides an older one"
    ASKED = "if the model takes it"
    LABELLED = "yes, labelled"


@dataclass(frozen=True, slots=True)
class Use:
    """What may be made of a reading with this tag, and why.

    `averaged`: it enters averages and summaries; `usual`: what is usual for a person.
    """

    scored: Scored
    averaged: bool
    usual: bool
    why: str


_UNMEASURED, _DOUBTFUL, _ASKED, _LABELLED = Scored

QUALITY: Mapping[str, Use] = {
    "manual": Use(_ASKED, False, False, "typed in: no device, no staff"),
    "derived": Use(_UNMEASURED, False, False, "made of other numbers, which count themselves"),
    "demo": Use(_UNMEASURED, False, False, "nobody's; the label HTEST says the same"),
    "control-solution": Use(_UNMEASURED, False, False, "of a test liquid"),
    "duplicate": Use(_UNMEASURED, False, False, "the same measurement counts by another path"),
    "backfill": Use(_UNMEASURED, True, False, "came over a day late: history, not news"),
    "clock-unset": Use(_UNMEASURED, False, False, "an old value may look like one of now"),
    "clock-suspect": Use(_UNMEASURED, False, False, "two clocks disagree about when it was"),
    "clock-estimated": Use(_UNMEASURED, True, True, "the time of receipt: it may be older"),
    "ambiguous-time": Use(_UNMEASURED, True, True, "may be an hour off, the length of a NEWS2 set"),
    "suspect": Use(_DOUBTFUL, False, False, "few people have such a number"),
    "unit-doubtful": Use(_DOUBTFUL, False, False, "would be usual in another unit"),
    "pulse-pressure": Use(_DOUBTFUL, False, False, "too close or too far apart: the cuff's fault"),
    "body-movement": Use(_DOUBTFUL, False, False, "the device itself doubts the number"),
    "low-perfusion": Use(_DOUBTFUL, False, False, "the oximeter itself doubts the number"),
    "cuff-loose": Use(_DOUBTFUL, False, False, "the device itself doubts the number"),
    "clock-corrected": Use(_LABELLED, True, True, "set right by the hub's clock"),
    "assumed-offset": Use(_LABELLED, True, True, "the zone is the account's or this site's"),
    "no-offset": Use(_LABELLED, True, True, "the instant is exact, only the local time is not"),
    "irregular-pulse": Use(_LABELLED, True, True, "true of the person, and worth knowing"),
}
"""Tags of the system `urn:wherry:devices:quality`; proposals for a clinician to sign off."""

_NOTHING: frozenset[Scored] = frozenset()
UNKNOWN = Use(_DOUBTFUL, False, False, "a word of a site's own template")


def use_of(tag: str) -> Use:
    """What may be made of a reading with this tag; nobody has weighed one that has no row."""
    return QUALITY.get(tag, UNKNOWN)


def scored(tags: Collection[str]) -> frozenset[Scored]:
    """What the tags of a reading say together; empty when there are none."""
    return frozenset(use_of(tag).scored for tag in tags) if tags else _NOTHING
