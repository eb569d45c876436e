"""Deps become the CDS service's Flask app."""

from flask import Flask

from wherry.web.app import make_app
from wherry_cds import analytics_api, cors, desk, discovery, feedback, media, services
from wherry_cds.clients.gate import PREFIX, Unregistered
from wherry_cds.clients.gate import install as install_gate
from wherry_cds.deps import Deps
from wherry_cds.protocol import lint


def create_app(deps: Deps) -> Flask:
    """The app around the given ports; /cds-services has a gate of its own.

    Raises: Failure(FAULT) when a service on offer cannot be used by a CDS Hooks client.
    """
    lint.refuse(deps.services, deps.contexts)
    gate = deps.gate or Unregistered(deps.token)
    app = make_app(
        "wherry_cds",
        deps=deps,
        pings={"risk": deps.scorer.ping, "clients": gate.ping, "board": deps.board.ping},
        blueprints=(discovery.bp, services.bp, feedback.bp, desk.bp, analytics_api.bp),
        registry=deps.registry,
        token=deps.token,
        own_gate=PREFIX,
        max_body_bytes=deps.max_body_bytes,
    )
    install_gate(app, gate)
    cors.install(app, origins=deps.origins)
    media.install(app)
    return app
