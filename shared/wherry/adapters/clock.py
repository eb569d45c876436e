"""The only place that asks the machine for the time or for a random id."""

import random
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


def new_control_id() -> str:
    """A random MSH-10 or BHS-11 for what we send: 20 characters, as long as every version takes.

    Source: HL7 v2.5.1 §2.15.9.10 (ST, 20); 199 characters from v2.7 on.
    """
    return f"{random.getrandbits(80):020X}"
