"""A notice that readings of an interval were deleted becomes which ones: whose, of what, when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wherry_devices.mapping.identity import family_of
from wherry_devices.mapping.instants import interval
from wherry_devices.mapping.names import name_of
from wherry_devices.mapping.reading import ACCOUNT, DeviceKey, Withheld
from wherry_devices.mapping.template import Compiled
from wherry_devices.mapping.vitals import kinds

UNCLEAR = "deletion-not-clear"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """All that a source had of an account and a family from one instant to before another.

    What it says of the same after `said_s` counts again.
    """

    owner: str
    family: str
    since_s: float
    until_s: float
    said_s: int


def withdrawals(
    payload: Any, compiled: Compiled, received_at: datetime
) -> tuple[list[Withdrawal], list[Withheld]]:
    """The deletions that a payload tells of; one that does not say whose or when is withheld."""
    template = compiled.template
    told = compiled.get(template.withdrawn, payload, payload)
    found: list[Withdrawal] = []
    unclear: list[Withheld] = []
    for number, one in enumerate(told if isinstance(told, list) else ()):
        account, code, span = (
            name_of(one.get("account")),
            name_of(one.get("code")),
            interval(one.get("start"), one.get("end")),
        )
        if not account or not code or span is None or span.end is None:
            unclear.append(Withheld(UNCLEAR, f"withdrawn[{number}]"))
            continue
        owner = DeviceKey(template.id, ACCOUNT, account).opaque
        found += [
            Withdrawal(owner, family, span.at.timestamp(), span.end.timestamp(), _s(received_at))
            for family in _families(code, compiled)
        ]
    return found, unclear


def _families(code: str, compiled: Compiled) -> Sequence[str]:
    """What readings of a code may be; nothing for a code that is not read anyway."""
    values = compiled.template.codes.get(code, ())
    return list(dict.fromkeys(family_of(kind) for one in values for kind in kinds(one.kind)))


def _s(at: datetime) -> int:
    return int(at.timestamp())
