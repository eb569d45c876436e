"""One message of a corpus becomes its translation, its failure, or the name of what broke."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from hl7corpus.files import Piece
from wherry.errors import Failure
from wherry.hl7.message import Message
from wherry.resource import Resource, Translation
from wherry_hl7.translate import Sender, translate

RECEIVED_AT = datetime(2026, 1, 5, 18, tzinfo=UTC)

# What is agreed with the senders of the corpora: times without an offset are UTC, as in the
# expected bundles of CDC; a patient without an identifier is translated all the same
PROFILE = Sender("corpus", UTC, unidentified=True)

_KIND = re.compile(r"[A-Z]{3}(\^[A-Z0-9]{2,3})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message; `crash` names an exception that should not have been."""

    piece: Piece
    message: Message | None = None
    made: Translation | None = None
    failure: Failure | None = None
    crash: str = ""

    @property
    def kind(self) -> str:
        """The message type in words that are safe to print: what is not shaped so is "other"."""
        if self.message is None:
            return "unreadable"
        kind = self.message.kind.upper()
        return kind if _KIND.fullmatch(kind) else "other"

    @property
    def resources(self) -> list[Resource]:
        """What the message became, in order."""
        return [entry["resource"] for entry in self.made.bundle["entry"]] if self.made else []

    @property
    def reason(self) -> str:
        """Why there is no translation, as it would be answered."""
        if self.failure is None:
            return self.crash
        return f"{self.failure.kind.name.lower()} at {self.failure.at}: {self.failure.detail}"


def outcome(piece: Piece, *, sender: Sender = PROFILE) -> Outcome:
    """Read and translate one message, whatever happens."""
    message: Message | None = None
    try:
        message = Message.parse(piece.body)
        made = translate(message, sender=sender, received_at=RECEIVED_AT)
    except Failure as failure:
        return Outcome(piece, message, failure=failure)
    except Exception as error:  # what is measured is that this never happens
        return Outcome(piece, message, crash=type(error).__name__)
    return Outcome(piece, message, made)
