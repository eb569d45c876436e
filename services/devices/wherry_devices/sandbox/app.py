"""Deps become the app of the sandbox of clouds."""

from flask import Flask
from prometheus_client import CollectorRegistry

from wherry.web.app import make_app
from wherry_devices.sandbox import control, dexcom, google, ihealth, omron, withings
from wherry_devices.sandbox.deps import Deps


def create_app(deps: Deps) -> Flask:
    """Each vendor under its own name, and /sandbox to steer them; for this machine alone."""
    return make_app(
        "wherry_vendors",
        deps=deps,
        pings={},
        blueprints=(control.bp, withings.bp, dexcom.bp, omron.bp, google.bp, ihealth.bp),
        registry=CollectorRegistry(),
    )
