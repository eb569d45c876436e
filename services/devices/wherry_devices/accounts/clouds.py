"""What fetching and connecting need: vendors, what is kept of them, and the one who asks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from wherry.errors import Failure, Kind
from wherry_devices.accounts.connections import Connections, Consents, Fetches, FetchFigures
from wherry_devices.accounts.registration import Registration
from wherry_devices.vendors.protocol import Answer, Asking, Request, T


class Cloud(Protocol):
    """Asks vendors over the network."""

    def ask(self, registration: Registration, request: Request, *, token: str = "") -> Answer:
        """The vendor's answer, whatever its status; `token` goes along as a bearer token.

        Raises: Failure(UNAVAILABLE) when there is none.
        """
        ...


@dataclass(frozen=True, slots=True)
class Clouds:
    """Vendors' clouds as part of the Deps. `secret` makes random texts that nobody can guess."""

    registrations: Mapping[str, Registration]
    cloud: Cloud
    connections: Connections
    fetches: Fetches
    consents: Consents
    figures: FetchFigures
    public_url: str
    secret: Callable[[], str] = field(repr=False)

    def of(self, source: str) -> Registration:
        """The registration at this source's vendor. Raises: Failure(NOT_FOUND)."""
        found = self.registrations.get(source)
        if found is None:
            raise Failure(
                Kind.NOT_FOUND, "no vendor in WHERRY_DEVICES_VENDORS by this name", at="source"
            )
        return found


def answered(asking: Asking[T], ask: Callable[[Request], Answer]) -> T:
    """Play a vendor's generator to its end. Raises: Failure as the vendor or `ask` does."""
    reply: Answer | None = None
    while True:
        try:
            request = asking.send(reply)
        except StopIteration as ended:
            found: T = ended.value
            return found
        reply = ask(request)
