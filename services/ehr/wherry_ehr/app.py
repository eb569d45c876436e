"""Deps become the Flask app of the sandbox EHR."""

from flask import Flask

from wherry.web.app import make_app
from wherry_ehr import fault_gate, fhir, gate
from wherry_ehr.auth import authorize, choose, cors, endpoints, manage, test_seam
from wherry_ehr.auth.server import quiet
from wherry_ehr.chart import (
    cds_jwks,
    firing,
    launch,
    ordering,
    pages,
    panel,
    registering,
    responding,
    sign_in,
)
from wherry_ehr.chart.cds_key import JWKS_PATH
from wherry_ehr.deps import Deps
from wherry_ehr.here import PREFIX

# Apps, which may run on other machines, prove who they are or ask for what is public
OPEN = frozenset(
    {
        *("/auth/token", "/auth/revoke", "/auth/introspect"),
        *("/auth/jwks", "/auth/brands", "/auth/style-1.json"),
        JWKS_PATH,
    }
)


def create_app(deps: Deps) -> Flask:
    """/fhir behind its own gate; apps prove who they are; the rest is for this machine."""
    quiet()
    app = make_app(
        "wherry_ehr",
        deps=deps,
        pings={"store": deps.store.ping},
        blueprints=[
            endpoints.well_known,
            fhir.bp,
            endpoints.bp,
            endpoints.other_issuers,
            authorize.bp,
            choose.bp,
            manage.bp,
            *([test_seam.bp] if deps.test_seam else []),
            sign_in.bp,
            cds_jwks.bp,
            panel.bp,
            registering.bp,
            launch.bp,
            firing.bp,
            responding.bp,
            ordering.bp,
            pages.bp,
        ],
        registry=deps.registry,
        open_paths=OPEN,
        own_gate=PREFIX,
        trusted=deps.trusted_peers,
    )
    gate.install(app, token=deps.fhir_token, open_fhir=deps.open_fhir, trusted=deps.trusted_peers)
    fault_gate.install(app, deps.faults, trusted=deps.trusted_peers)
    cors.install(app)
    return app
