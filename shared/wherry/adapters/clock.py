"""The only place that asks the machine for the time or for a random id."""

from datetime import UTC, datetime
from uuid import uuid4  # noqa: TID251 - this is the place


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the place


def new_id() -> str:
    """A random identifier for requests, claims and cards."""
    return str(uuid4())
