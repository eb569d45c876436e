"""/chart/<patient>/orders: orders are drafted, checked by order-select and order-sign, signed."""

from typing import cast

import structlog
from flask import Response, make_response, redirect, render_template, request, url_for

from wherry.errors import Failure, Kind
from wherry.resource import Entry, EntryRequest, Resource
from wherry_ehr.chart.advice import fire
from wherry_ehr.chart.changing import change
from wherry_ehr.chart.frame import pages_of
from wherry_ehr.chart.medicines import MAX_DOSE, MEDICINES, draft, medicine
from wherry_ehr.chart.opened import Opened, opened, reader
from wherry_ehr.chart.sections import KINDS, section
from wherry_ehr.deps import deps
from wherry_ehr.here import here

log = structlog.get_logger()

bp = pages_of("ordering", __name__)

TYPE = "MedicationRequest"
_LINES = next(kind for kind in KINDS if kind.section.type == TYPE)


@bp.get("/<patient_id>/orders")
def orders(patient_id: str) -> str:
    """What is drafted, and the form for more."""
    return _page(opened(patient_id))


@bp.post("/<patient_id>/orders")
def add(patient_id: str) -> Response:
    """Draft an order; choosing it is what order-select is about."""
    open_ = opened(patient_id)
    chosen = medicine(request.form.get("medicine", ""))
    dose = request.form.get("dose", "").strip()
    if chosen is None:
        return make_response(_page(open_, wrong="Medication: choose one of the list."), 400)
    if len(dose) > MAX_DOSE:
        wrong = f"Dose: at most {MAX_DOSE} characters."
        return make_response(_page(open_, wrong=wrong), 400)
    made = draft(
        chosen,
        dose or chosen.dose,
        patient=patient_id,
        practitioner=open_.session.practitioner,
        encounter=open_.stay.id if open_.stay else "",
        now=deps().clock.now(),
    )
    (location,) = _change(patient_id, [{"resource": made, "request": _request("POST", TYPE)}])
    log.info("order_drafted", patient_id=patient_id)
    return _fire(open_, "order-select", selections=["/".join(location.split("/")[:2])])


@bp.post("/<patient_id>/orders/check")
def check(patient_id: str) -> Response:
    """Fire order-sign for all that is drafted; signing itself is one step further."""
    open_ = opened(patient_id)
    if not drafts(patient_id):
        return make_response(_page(open_, wrong="There is no draft to sign."), 422)
    return _fire(open_, "order-sign")


@bp.post("/<patient_id>/orders/sign")
def sign(patient_id: str) -> Response:
    """Make the drafts that were shown active. Raises: Failure(CONFLICT) when they changed."""
    opened(patient_id)
    held = drafts(patient_id)
    if not held or sorted(versions(held)) != sorted(request.form.getlist("draft")):
        raise Failure(Kind.CONFLICT, "the drafts have changed: check them again before signing")
    now = deps().clock.now().isoformat(timespec="seconds")
    entries: list[Entry] = [
        {
            "resource": {**each, "status": "active", "authoredOn": now},
            "request": _request("PUT", f"{TYPE}/{each['id']}", f'W/"{each["meta"]["versionId"]}"'),
        }
        for each in held
    ]
    _change(patient_id, entries)
    log.info("orders_signed", patient_id=patient_id, count=len(held))
    return _back(patient_id)


@bp.post("/<patient_id>/orders/discard")
def discard(patient_id: str) -> Response:
    """Delete one draft."""
    opened(patient_id)
    id_ = request.form.get("order", "")
    if id_ not in {each["id"] for each in drafts(patient_id)}:
        raise Failure(Kind.NOT_FOUND, "there is no such draft")
    _change(patient_id, [{"request": _request("DELETE", f"{TYPE}/{id_}")}])
    return _back(patient_id)


def drafts(patient_id: str) -> list[Resource]:
    """This patient's orders that nobody signed yet."""
    return reader().search(TYPE, {"patient": patient_id, "status": "draft"}, limit=50)


def versions(held: list[Resource]) -> list[str]:
    """Which versions of which drafts these are."""
    return [f"{each['id']}/{each['meta']['versionId']}" for each in held]


def _fire(open_: Opened, hook: str, *, selections: list[str] | None = None) -> Response:
    """Source: CDS Hooks library 1.0, order-select and order-sign, Context."""
    held = drafts(open_.who.id)
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": each} for each in held],
    }
    more: dict[str, object] = {"draftOrders": bundle}
    if selections is not None:
        more = {"selections": selections, **more}
    occasion = deps().new_id()
    fire(open_.fired(hook, more), occasion, deps())
    address = url_for("firing.advice", patient_id=open_.who.id, occasion=occasion)
    return cast("Response", redirect(address, 303))


def _page(open_: Opened, *, wrong: str = "") -> str:
    held, now = drafts(open_.who.id), deps().clock.now()
    lines = [(each["id"], section(_LINES, [each], now=now).lines[0]) for each in held]
    return render_template(
        "chart/orders.html",
        banner=open_.who,
        stay=open_.stay,
        drafts=lines,
        medicines=MEDICINES,
        most=MAX_DOSE,
        asked=request.form,
        wrong=wrong,
    )


def _change(patient_id: str, entries: list[Entry]) -> list[str]:
    return change(entries, patient=patient_id, base=here().fhir, deps=deps())


def _request(method: str, url: str, if_match: str = "") -> EntryRequest:
    made: EntryRequest = {"method": method, "url": url}
    if if_match:
        made["ifMatch"] = if_match
    return made


def _back(patient_id: str) -> Response:
    return cast("Response", redirect(url_for("ordering.orders", patient_id=patient_id), 303))
