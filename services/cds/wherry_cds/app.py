"""Deps become the CDS service's Flask app."""

from flask import Flask

from wherry.web.app import make_app
from wherry_cds import cors, discovery, media, services
from wherry_cds.deps import Deps
from wherry_cds.protocol import lint


def create_app(deps: Deps) -> Flask:
    """The app around the given ports; discovery is open to everyone.

    Raises: Failure(FAULT) when a service on offer cannot be used by a CDS Hooks client.
    """
    lint.refuse(deps.services, deps.contexts)
    app = make_app(
        "wherry_cds",
        deps=deps,
        pings={"risk": deps.scorer.ping},
        blueprints=(discovery.bp, services.bp),
        registry=deps.registry,
        token=deps.token,
        open_paths=frozenset({"/cds-services"}),
        max_body_bytes=deps.max_body_bytes,
    )
    cors.install(app, origins=deps.origins)
    media.install(app)
    return app
