"""Process groups named on standard input are ended when that input ends: nobody is orphaned.

`wherry up` writes `<group>` for a child it started and `-<group>` for one that is gone. When it
dies, even by SIGKILL, the pipe closes, and the guard ends what is left.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable

GRACE_S = 3.0
_STEP_S = 0.05


def main() -> None:
    """Follow the pipe to its end, then end all groups that are still listed."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    end_all(listed(sys.stdin))


def listed(lines: Iterable[str]) -> set[int]:
    """The groups that were named and not taken back."""
    groups: set[int] = set()
    for line in lines:
        number = int(line)
        if number > 0:
            groups.add(number)
        else:
            groups.discard(-number)
    return groups


def end_all(groups: Iterable[int]) -> None:
    """SIGTERM, then SIGKILL for those that did not go within the grace time."""
    left = {group for group in groups if send(group, signal.SIGTERM)}
    deadline = time.monotonic() + GRACE_S
    while left and time.monotonic() < deadline:
        time.sleep(_STEP_S)
        left = {group for group in left if send(group, 0)}
    for group in left:
        send(group, signal.SIGKILL)


def send(group: int, number: int) -> bool:
    """Signal a process group; False when it has no member left."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    main()
