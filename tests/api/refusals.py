"""With which statuses a service may refuse data that break its contract; and what never arrives."""

from typing import Any

# Data that break a contract are a 4xx of these; a service adds what its own contract names beside.
# A 5xx is never a refusal.
REFUSED = ["400", "401", "403", "404", "405", "406", "409", "415", "422"]


def is_lost_in_the_address(case: Any) -> bool:
    """Whether it is wrong only by a parameter that no address can hold, such as an empty list."""
    return any(value is None or value in ([], {}) for value in (case.query or {}).values())
