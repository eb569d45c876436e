"""The one way to make a Flask app here: errors, request ids, health, callers, then blueprints."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, Flask
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from wherry.web import caller, health, outcome, request_id
from wherry.web.health import NO_NOTES
from wherry.web.peers import Networks


def make_app(
    name: str,
    *,
    deps: object,
    pings: Mapping[str, health.Ping],
    blueprints: Sequence[Blueprint],
    registry: CollectorRegistry,
    notes: Mapping[str, str] = NO_NOTES,
    token: SecretStr | None = None,
    open_paths: frozenset[str] = frozenset(),
    own_gate: str = "",
    own_gates: Sequence[str] = (),
    trusted: Networks = (),
    max_body_bytes: int = 32 * 1024 * 1024,
) -> Flask:
    """A Flask app with Wherry's shared behaviour around the given blueprints.

    `deps` is the service's frozen Deps, read back by its typed `deps()`. Bodies over
    `max_body_bytes` are answered 413. `notes` are troubles that /readyz tells but that do not stop
    the service.
    """
    app = Flask(name, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = max_body_bytes
    app.url_map.strict_slashes = False
    app.extensions["wherry"] = deps
    outcome.install(app)
    request_id.install(app)
    caller.install(
        app, token=token, open_paths=open_paths, own_gates=(*own_gates, own_gate), trusted=trusted
    )
    app.register_blueprint(health.blueprint(pings, registry, notes))
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    return app
