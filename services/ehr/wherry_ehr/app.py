"""Deps become the Flask app of the sandbox EHR."""

from flask import Flask

from wherry.web.app import make_app
from wherry_ehr import fhir, gate
from wherry_ehr.chart import pages
from wherry_ehr.deps import Deps


def create_app(deps: Deps) -> Flask:
    """/fhir behind its own gate; everything else is for programs on this machine."""
    app = make_app(
        "wherry_ehr",
        deps=deps,
        pings={"store": deps.store.ping},
        blueprints=[fhir.bp, pages.bp],
        registry=deps.registry,
        own_gate=gate.PREFIX,
    )
    gate.install(app, token=deps.fhir_token, open_fhir=deps.open_fhir)
    return app
