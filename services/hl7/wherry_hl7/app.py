"""Deps become the hl7 service's Flask app."""

from collections.abc import Mapping

from flask import Flask

from wherry.web.app import make_app
from wherry_hl7 import http_feed, http_metrics, inbox, inbox_deeds, trying
from wherry_hl7.deps import Deps
from wherry_hl7.inbox_metrics import InboxCollector

GATES = ("/hl7v2", "/convert", "/validate", "/v1/inbox")
"""Paths whose blueprints let their own callers in."""

CLEAR: Mapping[str, str] = {"encryption": "off: messages are stored as they came, no key is set"}


def create_app(deps: Deps) -> Flask:
    """The app around the given ports."""
    deps.registry.register(
        InboxCollector(deps.desk, deps.tally, encrypted=deps.encrypted, chores=deps.chores)
    )
    app = make_app(
        "wherry_hl7",
        deps=deps,
        pings={"inbox": deps.inbox.ping, "queue": deps.queue.ping},
        blueprints=(inbox.bp, inbox_deeds.bp, http_feed.bp, trying.bp),
        registry=deps.registry,
        notes={} if deps.encrypted else CLEAR,
        token=deps.token,
        own_gates=GATES,
    )
    http_metrics.install(app, deps.registry)
    return app
