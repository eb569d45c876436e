"""Deps become the launch host's Flask app."""

import logging

from flask import Flask

from wherry.web.app import make_app
from wherry_smart import (
    api,
    callback,
    deeds_api,
    headers,
    jwks,
    launch,
    orders_api,
    page,
    worklist_api,
)
from wherry_smart.deps import Deps

OPEN = frozenset(
    {"/launch", "/launch/continue", "/standalone", "/callback", jwks.PATH, page.STYLE, page.SCRIPT}
)


def create_app(deps: Deps) -> Flask:
    """The app around the given ports; who may see a patient is decided by session, not by peer."""
    # Authlib writes code verifiers and tokens at DEBUG
    logging.getLogger("authlib").setLevel(logging.INFO)
    app = make_app(
        "wherry_smart",
        deps=deps,
        pings={"redis": deps.vault.ping, "risk": deps.scorer.ping},
        blueprints=(
            *(launch.bp, callback.bp, jwks.bp, page.bp),
            *(api.bp, deeds_api.bp, orders_api.bp, worklist_api.bp),
        ),
        registry=deps.registry,
        open_paths=OPEN,
        own_gate="/app",
        max_body_bytes=64 * 1024,
    )
    headers.install(app, frame_ancestors=deps.frame_ancestors)
    return app
