"""Failed attempts become seconds to wait: twice as long each time, and not all at one moment."""

import zlib

LONGEST_S = 300.0
"""Nothing waits longer than this for its next attempt, whatever a server asks for."""

_DOUBLINGS = 16
_PARTS = 2**32


def pause_s(attempts: int, *, at_least_s: float = 0.0, spread: str = "") -> float:
    """Between half of 2^attempts seconds and all of them, never less than was asked for.

    `spread` chooses where between: the same text the same place, so that what failed together is
    tried together again, and two workers are not. Source: RFC 9110, 10.2.3 Retry-After.
    """
    whole_s = min(LONGEST_S, 2.0 ** min(attempts, _DOUBLINGS))
    share = 0.5 + zlib.crc32(spread.encode()) / _PARTS / 2
    return min(LONGEST_S, max(whole_s * share, at_least_s))
