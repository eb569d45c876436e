"""How the connections to vendors' clouds stand, as far as freshness has to know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether the vendor refuses an account, or is away; when something was fetched last."""

    access_refused: bool
    vendor_away: bool
    fetched_at: datetime | None


class Standings(Protocol):
    """The part of the connections that tells how accounts stand."""

    def standing(self, keys: Sequence[str]) -> Mapping[str, Standing]:
        """By opaque account key; one without a connection is left out."""
        ...
