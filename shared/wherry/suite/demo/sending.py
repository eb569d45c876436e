"""The feed goes out over MLLP, and every acknowledgment must be AA."""

from collections import Counter
from collections.abc import Callable, Sequence

from wherry.errors import Failure, Kind
from wherry.hl7.message import Message
from wherry.hl7.mllp_client import MllpClient

ACCEPTED = "AA"


def send(messages: Sequence[bytes], host: str, port: int, *, sent: Callable[[], None]) -> None:
    """Send all in order on one connection; `sent` is called for each answer.

    Raises: Failure(UNAVAILABLE) when nobody listens, Failure(UNPROCESSABLE) when any message was
    answered with something other than AA.
    """
    answers: Counter[str] = Counter()
    with MllpClient(host, port) as client:
        for answer in client.send_all(messages):
            answers[code(answer)] += 1
            sent()
    refused = {name: count for name, count in answers.items() if name != ACCEPTED}
    if refused or answers.total() != len(messages):
        told = ", ".join(f"{count} {name}" for name, count in sorted(answers.items()))
        raise Failure(
            Kind.UNPROCESSABLE, f"{len(messages)} messages sent, answered {told}", at="hl7-feed"
        )


def code(answer: bytes) -> str:
    """MSA-1 of an acknowledgment; "unreadable" when it has none."""
    found = Message.parse(answer).first("MSA")
    return found.text(1) if found else "unreadable"
