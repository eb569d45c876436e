"""Process groups become lines to the guard, which ends them should this process be killed."""

import subprocess
import sys
from contextlib import suppress

GUARD = "wherry.suite.guard"


class Lifeline:
    """The pipe to the guard. It is a safety net: should the guard be gone, work goes on."""

    def __init__(self) -> None:
        self._guard = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", GUARD], stdin=subprocess.PIPE, start_new_session=True
        )

    def tie(self, group: int) -> None:
        """From now on this group does not outlive us."""
        self._say(group)

    def untie(self, group: int) -> None:
        """This group is gone; its number may become somebody else's."""
        self._say(-group)

    def close(self) -> None:
        """End the guard; groups still tied are ended by it."""
        with suppress(BrokenPipeError):
            self._guard.communicate()

    def _say(self, number: int) -> None:
        if number and self._guard.stdin is not None:
            with suppress(BrokenPipeError):
                self._guard.stdin.write(b"%d\n" % number)
                self._guard.stdin.flush()
