"""Deps become the device service's Flask app."""

from flask import Flask

from wherry.web.app import make_app
from wherry_devices.accounts import connecting, consenting
from wherry_devices.accounts.cloud_metrics import CloudCollector
from wherry_devices.accounts.registration import CALLBACK
from wherry_devices.deps import Deps
from wherry_devices.derivation.days_metrics import DaysCollector
from wherry_devices.freshness import freshness_api
from wherry_devices.freshness.freshness_metrics import FreshnessCollector
from wherry_devices.intake import sources
from wherry_devices.metrics import TallyCollector
from wherry_devices.owning import bindings_page, owners


def create_app(deps: Deps) -> Flask:
    """The app around the given ports."""
    deps.registry.register(TallyCollector(deps.tally))
    deps.registry.register(DaysCollector(deps.days))
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
