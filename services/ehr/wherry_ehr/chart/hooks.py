"""What a chart needs from a CDS service: its catalogue, and the answer to one hook."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol


class Offered(NamedTuple):
    """One service of the catalogue. Source: CDS Hooks 2.0, Discovery."""

    id: str
    hook: str
    title: str
    prefetch: Mapping[str, str]


class Hooks(Protocol):
    """A CDS service."""

    def offered(self, *, timeout_s: float) -> list[Offered]:
        """What it offers. Raises: Failure(UNAVAILABLE)."""
        ...

    def call(self, service_id: str, body: bytes, *, timeout_s: float) -> Mapping[str, Any]:
        """The answer to this hook. Raises: Failure(UNAVAILABLE), with the service's own words."""
        ...
