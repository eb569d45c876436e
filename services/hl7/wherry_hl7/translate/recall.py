"""What a text meant in one message is not worked out again in the next."""

from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

_Value = TypeVar("_Value")
_LONGEST = 100


class Recall(Generic[_Value]):
    """What was read of short texts that name no patient, such as units; cleared when it is full.

    Only what was read in silence is kept: a warning is given in each message that earns it.
    """

    def __init__(self, most: int) -> None:
        self._known: dict[Hashable, _Value] = {}
        self._most = most

    def of(self, text: str, scope: Any, read: Callable[[], _Value]) -> _Value:
        """What the text means to this sender: what is known, else what `read` gives. Not to be
        changed.
        """
        key = (text, scope.facility, scope.systems, scope.zone)
        known = self._known.get(key)
        if known is not None:
            return known
        before = scope.noticed
        found = read()
        if scope.noticed == before and scope.standard and len(text) <= _LONGEST:
            if len(self._known) >= self._most:
                self._known.clear()
            self._known[key] = found
        return found
