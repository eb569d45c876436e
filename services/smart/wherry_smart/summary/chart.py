"""What was read of one patient, and what could not be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from wherry.resource import Resource


@dataclass(frozen=True, slots=True)
class Problem:
    """A part of the page that is missing or incomplete, and why, in words for its reader."""

    part: str
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What could be read; what could not is among the problems."""

    patient: Resource | None
    observations: Sequence[Resource] = ()
    assessments: Sequence[Resource] = ()
    encounters: Sequence[Resource] = ()
    provenances: Sequence[Resource] = ()
    devices: Mapping[str, Resource] = field(default_factory=dict)
    problems: Sequence[Problem] = ()
