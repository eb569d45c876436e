"""What every data set is read as: people with series of values, moments to judge, and outcomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from wherry_risk.model.aggregate import Series

SHARE_BITS = 48


@dataclass(frozen=True, slots=True)
class Person:
    """One stay, or all stays of one person: whatever must not be parted between train and test.

    `series` are by input, in the unit of the manifest; `more_s` are further moments with the same
    outcome that only training uses. `about` is for subgroups and comparisons, never an input.
    Units: seconds since the beginning of the series.
    """

    id: str
    series: Mapping[str, Series]
    moments_s: Sequence[float]
    outcomes: Sequence[bool]
    more_s: Sequence[float] = ()
    about: Mapping[str, str] = field(default_factory=dict)


def constant(value: float) -> Series:
    """What holds all the time."""
    return Series((0.0,), (value,))


def share(salt: str, id_: str) -> float:
    """A number in [0, 1) for each person, the same for ever: what decides their part."""
    return fingerprint(salt, id_) / float(1 << SHARE_BITS)


def fingerprint(salt: str, id_: str) -> int:
    """48 bits by which a person of a data set is known again."""
    return int.from_bytes(sha256(f"{salt}/{id_}".encode()).digest()[: SHARE_BITS // 8], "big")
