"""A queue that remembers which workers were woken."""

from wherry.errors import Failure, Kind


class FakeQueue:
    """The `Queue` port: `tickets` holds each name once until `take`; set `away` to make it fail."""

    def __init__(self) -> None:
        self.away = False
        self.tickets: list[str] = []

    def ticket(self, name: str) -> None:
        """Note a ticket unless one is lying there already."""
        self.ping()
        if name not in self.tickets:
            self.tickets.append(name)

    def take(self, name: str) -> bool:
        """What a worker does at the start of its job: True when there was a ticket."""
        if name not in self.tickets:
            return False
        self.tickets.remove(name)
        return True

    def ping(self) -> None:
        """Fail when the test said that the queue is away."""
        if self.away:
            raise Failure(Kind.UNAVAILABLE, "the queue is away", at="queue")
