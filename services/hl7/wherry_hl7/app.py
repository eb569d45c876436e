"""Deps become the hl7 service's Flask app."""

from flask import Flask

from wherry.web.app import make_app
from wherry_hl7 import inbox
from wherry_hl7.deps import Deps
from wherry_hl7.inbox_metrics import InboxCollector


def create_app(deps: Deps) -> Flask:
    """The app around the given ports."""
    deps.registry.register(InboxCollector(deps.desk, deps.tally))
    return make_app(
        "wherry_hl7",
        deps=deps,
        pings={"inbox": deps.inbox.ping, "queue": deps.queue.ping},
        blueprints=(inbox.bp,),
        registry=deps.registry,
        token=deps.token,
    )
