"""What a suite would like to see and the standard does not offer; every way in may be missing."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

Fault = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Seam:
    """The ways in beside the standard; what is None cannot be checked on this server."""

    decisions: Callable[[str], Sequence[dict[str, Any]]] | None = None
    """Audit rows on this patient, oldest first; each has at least `shown` and `rule`."""
    feedback: Callable[[str], Sequence[dict[str, Any]]] | None = None
    """What is stored as feedback on this card, oldest first."""
    logs: Callable[[], str] | None = None
    """Everything that the server logged so far."""
    faults: dict[str, Fault] = field(default_factory=dict)
    """Faults that can be made for a while: `replay-store` away, `model` missing."""
    sibling: str = ""
    """Base address of a second worker of the same server."""
