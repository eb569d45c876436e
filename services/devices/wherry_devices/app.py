"""Deps become the device service's Flask app."""

from flask import Flask

from wherry.web.app import make_app
from wherry_devices import (
    bindings_page,
    connecting,
    consenting,
    freshness_api,
    owners,
    sources,
)
from wherry_devices.cloud_metrics import CloudCollector
from wherry_devices.deps import Deps
from wherry_devices.freshness_metrics import FreshnessCollector
from wherry_devices.metrics import TallyCollector
from wherry_devices.registration import CALLBACK


def create_app(deps: Deps) -> Flask:
    """The app around the given ports."""
    deps.registry.register(TallyCollector(deps.tally))
    deps.registry.register(CloudCollector(deps.clouds.figures))
    deps.registry.register(FreshnessCollector(deps))
    return make_app(
        "wherry_devices",
        deps=deps,
        pings={"inbox": deps.inbox.ping, "queue": deps.queue.ping},
        blueprints=(
            sources.bp,
            owners.bp,
            bindings_page.bp,
            freshness_api.bp,
            connecting.bp,
            consenting.bp,
        ),
        registry=deps.registry,
        token=deps.token,
        open_paths=frozenset({CALLBACK}),
        own_gate=sources.bp.url_prefix or "",
        max_body_bytes=deps.max_payload_bytes,
    )
