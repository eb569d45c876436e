"""Counts of the HTTP feed, made once for each app."""

from typing import cast

from flask import Flask
from prometheus_client import CollectorRegistry, Counter

_NAME = "wherry_hl7_http"


class HttpMetrics:
    """What the service's /metrics tells of its own feed."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.answers = Counter(
            "wherry_hl7_http_answers",
            "Messages that came over HTTP, by MSA-1 of the answer",
            ["code"],
            registry=registry,
        )
        self.repeated = Counter(
            "wherry_hl7_http_repeated",
            "Messages that came again over HTTP and were not kept",
            registry=registry,
        )


def install(app: Flask, registry: CollectorRegistry) -> None:
    """Give this app its counts."""
    app.extensions[_NAME] = HttpMetrics(registry)


def metrics(app: Flask) -> HttpMetrics:
    """The counts of this app."""
    return cast("HttpMetrics", app.extensions[_NAME])
