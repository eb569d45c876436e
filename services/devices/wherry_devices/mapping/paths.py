"""One measurement that came by several paths: which of its readings is the one to count.

A cuff's own cloud, an aggregator and a phone may all tell of one measurement. All are stored; all
but one say that they are duplicates, and of which. Which one that is depends on nothing but what
is known of them, so the order in which they came does not matter.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wherry_devices.mapping.withdrawals import Withdrawal

WITHIN_S = 60.0
"""Readings further apart than this are two measurements."""

REACH_S = 2 * WITHIN_S
"""How far from a reading another one may be that decides on what it is a duplicate of."""

DIRECT, AGGREGATOR, RELAY = "direct", "aggregator", "relay"
RANKS: Mapping[str, int] = {DIRECT: 0, AGGREGATOR: 1, RELAY: 2}
"""The first is preferred: a vendor's own path, then what collects of many, then a phone."""

Name = tuple[str, str]
"""A stored reading: its source, and the value of its identifier."""


@dataclass(frozen=True, slots=True)
class Stand:
    """How a stored reading stands: what it is a duplicate of, and whether its source took it back.

    What was taken back is no duplicate, and nothing is one of it.
    """

    preferred: Name | None = None
    withdrawn: bool = False


PLAIN = Stand()


@dataclass(frozen=True, slots=True)
class Sighting:
    """One stored reading as others are compared with it; its number only as a keyed hash.

    `value_hash` is equal for equal numbers of one patient and one kind, and empty when nothing may
    be a duplicate of it. `maker` is who made the device, as far as anybody said. `owner` is the
    opaque key that its source names it under, `said_s` the second at which it last spoke of it.
    """

    name: Name
    patient: str
    family: str
    owner: str
    maker: str
    rank: int
    instant_s: float
    said_s: int
    value_hash: str

    @property
    def order(self) -> tuple[int, str]:
        """What decides between two paths: the kind of path, then the name of the source."""
        return self.rank, self.name[0]

    def within(self, gone: Withdrawal) -> bool:
        """Whether its source took it back, after it spoke of it last."""
        return (
            (self.owner, self.family) == (gone.owner, gone.family)
            and gone.since_s <= self.instant_s < gone.until_s
            and self.said_s < gone.said_s
        )

    def near(self, other: "Sighting") -> bool:
        """Whether both may be one measurement."""
        return (
            self.value_hash == other.value_hash != ""
            and self.name[0] != other.name[0]
            and abs(self.instant_s - other.instant_s) <= WITHIN_S
            and (not self.maker or not other.maker or self.maker == other.maker)
        )

    def distance(self, other: "Sighting") -> tuple[float, float, Name]:
        """How far another one is, with what decides between two that are equally far."""
        return abs(self.instant_s - other.instant_s), other.instant_s, other.name


def preferred(one: Sighting, around: Sequence[Sighting]) -> Name | None:
    """What a reading is a duplicate of; None when it is to count.

    `around` is all that is within `REACH_S` of it. Of one source a reading can only be the
    duplicate of the nearest, and only if it is that one's nearest as well: so two measurements that
    one path tells of are never one, even when another path has only told of one of them yet.
    """
    rivals: dict[tuple[int, str], list[Sighting]] = {}
    for other in around:
        if other.order < one.order and one.near(other):
            rivals.setdefault(other.order, []).append(other)
    for _, some in sorted(rivals.items()):
        best = min(some, key=one.distance)
        own = [mine for mine in around if mine.name[0] == one.name[0] and mine.near(best)]
        if min([*own, one], key=best.distance).name == one.name:
            return best.name
    return None


def all_preferred(sightings: Iterable[Sighting]) -> Mapping[Name, Name]:
    """Each duplicate among these, by what it is a duplicate of."""
    groups: dict[str, list[Sighting]] = {}
    for one in sightings:
        if one.value_hash:
            groups.setdefault(one.value_hash, []).append(one)
    found = {}
    for group in groups.values():
        group.sort(key=lambda one: one.instant_s)
        for one in group:
            if (name := preferred(one, group)) is not None:
                found[one.name] = name
    return found
