"""Senders become labels of metrics: so many, and all others are one."""

import re

from wherry.hl7.head import Head

MOST_SENDERS = 200
OTHER = "other"

_LABEL_CHARS = 120
_UNSAFE = re.compile(r"[^\x20-\x7e]")


def label(text: str) -> str:
    """A text of a stranger as a label: printable and short."""
    return _UNSAFE.sub("?", text)[:_LABEL_CHARS]


def sender_of(head: Head) -> str:
    """Who sent it, as the inbox knows it: MSH-3|MSH-4."""
    return label(f"{head.component(3)}|{head.component(4)}")


class SenderLabels:
    """The first senders keep their names, whoever comes after is OTHER.

    What senders say of themselves is theirs to choose: without an end to it, one hostile feed would
    fill the memory of this process and of Prometheus.
    """

    def __init__(self, most: int = MOST_SENDERS) -> None:
        self._most = most
        self._known: set[str] = set()

    def of(self, head: Head) -> str:
        """The label for the sender of this MSH."""
        sender = sender_of(head)
        if sender in self._known:
            return sender
        if len(self._known) >= self._most:
            return OTHER
        self._known.add(sender)
        return sender
