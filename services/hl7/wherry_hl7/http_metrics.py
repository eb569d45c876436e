"""Counts of the HTTP feed, made once for each app."""

from typing import cast

from flask import Flask
from prometheus_client import CollectorRegistry, Counter

from wherry.hl7.head import Head
from wherry_hl7.sender_labels import SenderLabels

_NAME = "wherry_hl7_http"


class HttpMetrics:
    """What the service's /metrics tells of its own feed."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._senders = SenderLabels()
        self._answers = Counter(
            "wherry_hl7_http_answers",
            "Messages that came over HTTP, by MSA-1 of the answer and sender",
            ["code", "sender"],
            registry=registry,
        )
        self._repeated = Counter(
            "wherry_hl7_http_repeated",
            "Messages that came again over HTTP and were not kept, by sender",
            ["sender"],
            registry=registry,
        )

    def answered(self, head: Head, code: str) -> None:
        """Count one answer to the message with this MSH; "none" where none was wanted."""
        self._answers.labels(code, self._senders.of(head)).inc()

    def came_again(self, head: Head) -> None:
        """Count one message that was here before."""
        self._repeated.labels(self._senders.of(head)).inc()


def install(app: Flask, registry: CollectorRegistry) -> None:
    """Give this app its counts."""
    app.extensions[_NAME] = HttpMetrics(registry)


def metrics(app: Flask) -> HttpMetrics:
    """The counts of this app."""
    return cast("HttpMetrics", app.extensions[_NAME])
