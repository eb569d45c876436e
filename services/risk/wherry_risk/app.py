"""Deps become the risk service's Flask app."""

from flask import Flask

from wherry.web.app import make_app
from wherry_risk import batch, models, records_api, scores
from wherry_risk.card import pages
from wherry_risk.deps import Deps
from wherry_risk.lifecycle.standing import View


def create_app(deps: Deps) -> Flask:
    """The app around the given ports."""
    return make_app(
        "wherry_risk",
        deps=deps,
        pings={"fhir": deps.fhir.ping, "records": deps.records.ping},
        notes=View(lambda: notes_of(deps)),
        blueprints=(scores.bp, batch.bp, records_api.bp, models.bp, pages.bp),
        registry=deps.registry,
        token=deps.token,
        open_paths=pages.open_paths(deps.models) if deps.public_cards else frozenset(),
        max_body_bytes=deps.max_body_bytes,
    )


def notes_of(deps: Deps) -> dict[str, str]:
    """What /readyz tells beside its state: the models that are not served, and why."""
    return {f"model {name}": f"not served: {why}" for name, why in deps.unserved.items()}
