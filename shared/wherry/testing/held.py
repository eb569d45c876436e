"""Rows of the inbox in memory, and what a clock that was set back makes of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from wherry.pausing import LONGEST_S
from wherry.ports import Kept, State


@dataclass(slots=True)
class Row:
    """A message, whose it is, and until when."""

    kept: Kept
    token: str = ""
    free_at_s: float = 0.0


def bring_near(rows: Iterable[Row], source: str, now_s: float, lease_s: float) -> None:
    """What is held for longer than can be meant was so before the clock was set back."""
    for row in rows:
        if row.kept.source != source:
            continue
        claimed = row.kept.state is State.CLAIMED
        if row.free_at_s > now_s + (2 * lease_s if claimed else LONGEST_S):
            backs_off_s = min(LONGEST_S, 2.0 ** min(row.kept.attempts, 16))
            row.free_at_s = now_s + (lease_s if claimed else backs_off_s)
