"""/chart/<patient>/hooks and /advice: a tester fires a hook; what came of it can be read again."""

from typing import cast

from flask import Response, redirect, render_template, url_for

from wherry.errors import Failure, Kind
from wherry_ehr.chart.advice import fire
from wherry_ehr.chart.exchanges import HOOK, exchanges
from wherry_ehr.chart.frame import pages_of
from wherry_ehr.chart.hooks import HOOKS
from wherry_ehr.chart.opened import advice_on, opened
from wherry_ehr.chart.ordering import drafts
from wherry_ehr.deps import deps

bp = pages_of("firing", __name__)

# Source: CDS Hooks library 1.0: both need an encounter
OF_AN_ENCOUNTER = ("encounter-start", "encounter-discharge")


@bp.post("/<patient_id>/hooks/<hook>")
def fire_hook(patient_id: str, hook: str) -> Response:
    """Fire a hook that needs no order, and show what came of it."""
    if hook not in ("patient-view", *OF_AN_ENCOUNTER):
        raise Failure(Kind.NOT_FOUND, "no such hook is fired from here")
    open_ = opened(patient_id)
    if hook in OF_AN_ENCOUNTER and open_.stay is None:
        raise Failure(Kind.UNPROCESSABLE, f"{hook} needs an encounter, and none is stored")
    occasion = deps().new_id()
    fire(open_.fired(hook), occasion, deps())
    return to_advice(patient_id, occasion)


@bp.get("/<patient_id>/advice/<occasion>")
def advice(patient_id: str, occasion: str) -> str:
    """What the services said then. Raises: Failure(NOT_FOUND) once it is forgotten."""
    open_ = opened(patient_id)
    made = exchanges(open_.session.hash).of(occasion)
    if not made or any(one.patient != patient_id for one in made):
        raise Failure(Kind.NOT_FOUND, "these calls are not kept: fire the hook again")
    hook = next((one.hook for one in made if one.hook), HOOK)
    return render_template(
        "chart/advice.html",
        banner=open_.who,
        stay=open_.stay,
        hook=hook,
        happened=HOOKS.get(hook, hook),
        advice=advice_on(made, patient_id),
        occasion=occasion,
        drafts=drafts(patient_id) if hook == "order-sign" else [],
    )


def to_advice(patient_id: str, occasion: str) -> Response:
    """The way to that page."""
    address = url_for("firing.advice", patient_id=patient_id, occasion=occasion)
    return cast("Response", redirect(address, 303))
