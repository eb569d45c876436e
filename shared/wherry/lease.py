"""A claim is kept while it is worked on, and given up at once when somebody else has it."""

import threading
from types import TracebackType

from wherry.errors import Failure
from wherry.ports import Claim, Inbox

_BEATS = 3  # in one lease: two may fail before it ends


class Lease:
    """Renews a claim in the background; `held()` asks the inbox itself, right before a write."""

    def __init__(self, inbox: Inbox, claim: Claim, *, lease_s: float) -> None:
        self._inbox = inbox
        self._claim = claim
        self._lease_s = lease_s
        self._lost = False
        self._over = threading.Event()
        self._beating = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> "Lease":
        self._beating.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._beating.join()

    def held(self) -> bool:
        """Whether the claim is still ours; renews it. Raises: Failure(UNAVAILABLE)."""
        self._lost = self._lost or not self._inbox.extend(self._claim, lease_s=self._lease_s)
        return not self._lost

    def _beat(self) -> None:
        while not self._over.wait(self._lease_s / _BEATS):
            try:
                if not self.held():
                    return
            except Failure:  # the next beat, or the question before the write, finds out
                continue
