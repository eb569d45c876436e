"""A person's Observations become an index by code, each looked at once for all models."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from wherry.fhir.quality import Scored, scored
from wherry.fhir.systems import ACT_REASON, DEVICE_QUALITY
from wherry_risk.model.moments import moment
from wherry_risk.model.observation import FINAL, NOT_MEASURED, Observation, Valued
from wherry_risk.model.reading import Reason

_TEST = (ACT_REASON, "HTEST")
_UNUSED = frozenset({Scored.UNMEASURED, Scored.DOUBTFUL})


class Measured(NamedTuple):
    """One Observation: where it stands in the record, when it was, and its source's tags.

    `why` it is no measurement that could be put in order of time; None when it is one.
    """

    place: int
    reference: str
    at: datetime | None
    why: Reason | None
    quality: tuple[str, ...]
    whole: Observation

    @property
    def paperwork(self) -> str:
        """When it was issued, which decides between two of the same moment."""
        return self.whole.issued or self.whole.meta.last_updated


Hit = tuple[Measured, Valued]
Index = Mapping[tuple[str, str], Sequence[Hit]]
"""By (system, code), in the order of the record: an Observation or one of its components."""


def index_of(observations: Iterable[tuple[str, Observation]]) -> Index:
    """Every value of these Observations under each of its codes."""
    found: dict[tuple[str, str], list[Hit]] = defaultdict(list)
    moments: dict[str, datetime | None] = {}  # a round of vital signs is charted at one time
    for place, (reference, whole) in enumerate(observations):
        measured = _measured(place, reference, whole, moments)
        for valued in (whole, *whole.component) if whole.component else (whole,):
            for code in _codes(valued):
                found[code].append((measured, valued))
    return found


def _codes(valued: Valued) -> Iterable[tuple[str, str]]:
    """Each of its codes once; nearly always there is one."""
    codings = valued.code.coding
    codes = [(coding.system, coding.code) for coding in codings]
    return codes if len(codes) < 2 else dict.fromkeys(codes)


def withdrawn(observations: Iterable[tuple[str, Observation]]) -> frozenset[str]:
    """Those that no score may rest on: their status says so, or they are marked as doubtful."""
    return frozenset(
        reference
        for reference, whole in observations
        if whole.status not in FINAL or not _UNUSED.isdisjoint(scored(_quality(whole)))
    )


def _measured(
    place: int, reference: str, whole: Observation, moments: dict[str, datetime | None]
) -> Measured:
    if whole.status not in FINAL:
        status = Reason.NOT_FOUND if whole.status in NOT_MEASURED else Reason.NOT_FINAL
        return Measured(place, reference, None, status, (), whole)
    text = whole.time()
    if text not in moments:
        moments[text] = moment(text)
    at = moments[text]
    return Measured(
        place, reference, at, Reason.NO_TIME if at is None else None, _quality(whole), whole
    )


def _quality(whole: Observation) -> tuple[str, ...]:
    """Its tags; a test record is a demonstration by its label alone."""
    meta = whole.meta
    if not meta.tag and not meta.security:
        return ()
    tags = [tag.code for tag in meta.tag if tag.system == DEVICE_QUALITY]
    if any((label.system, label.code) == _TEST for label in meta.security):
        tags.append("demo")
    return tuple(dict.fromkeys(tags))
