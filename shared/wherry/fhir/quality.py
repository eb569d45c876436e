"""What a tag on a device's reading means for whoever counts it: the one table of all such tags."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Scored(StrEnum):
    """Whether a score or a model may rest on a reading with this tag."""

    NEVER = "never"
    ASKED = "if the model takes it"
    LABELLED = "yes, labelled"


@dataclass(frozen=True, slots=True)
class Use:
    """What may be made of a reading with this tag, and why."""

    scored: Scored
    averaged: bool
    usual: bool
    why: str


_NEVER, _ASKED, _LABELLED = Scored.NEVER, Scored.ASKED, Scored.LABELLED

QUALITY: Mapping[str, Use] = {
    "manual": Use(_ASKED, False, False, "typed in: neither device nor staff measured it"),
    "derived": Use(_NEVER, False, False, "made of other numbers, which count themselves"),
    "demo": Use(_NEVER, False, False, "nobody's"),
    "control-solution": Use(_NEVER, False, False, "of a test liquid, not of a person"),
    "suspect": Use(_NEVER, False, False, "few people have such a number; an error is likelier"),
    "duplicate": Use(_NEVER, False, False, "the same measurement by another path counts already"),
    "backfill": Use(_NEVER, True, False, "came over a day late: history, never news"),
    "clock-unset": Use(_NEVER, False, False, "an old value may look like one of now"),
    "clock-suspect": Use(_NEVER, False, False, "two clocks disagree: an old value may look new"),
    "clock-estimated": Use(_NEVER, True, True, "time of receipt: a stored value may look new"),
    "clock-corrected": Use(_LABELLED, True, True, "set right by the hub's clock"),
    "ambiguous-time": Use(_NEVER, True, True, "may be an hour off, as long as a NEWS2 set lasts"),
    "assumed-offset": Use(_LABELLED, True, True, "the zone is the account's or this site's"),
    "no-offset": Use(_LABELLED, True, True, "the instant is exact, only the local time unknown"),
    "irregular-pulse": Use(_LABELLED, True, True, "true of the person, and worth knowing"),
    "body-movement": Use(_NEVER, False, False, "the cuff itself doubts the number"),
    "cuff-loose": Use(_NEVER, False, False, "the cuff itself doubts the number"),
}
"""Tags of the system `urn:wherry:devices:quality`. Engineering proposals, for a clinician to sign
off."""

UNKNOWN = Use(_NEVER, False, False, "a word of a site's template that nobody has weighed yet")


def use_of(tag: str) -> Use:
    """What may be made of a reading with this tag; a tag that is in no table keeps it out."""
    return QUALITY.get(tag, UNKNOWN)


def unscored(tags: Collection[str]) -> bool:
    """Whether no score may rest on a reading with these tags, whatever the model takes."""
    return any(use_of(tag).scored is Scored.NEVER for tag in tags)
