"""/chart: the patient list and one chart, as HTML pages for development and tests."""

from pathlib import Path

import structlog
from flask import Blueprint, Response, make_response, render_template, request

from wherry.errors import Failure
from wherry.fhir.home import CGM, MOST, source_of
from wherry.resource import Resource
from wherry_ehr.auth.registry import registered
from wherry_ehr.chart import at_home, gate
from wherry_ehr.chart.advice import fire
from wherry_ehr.chart.assessments import assessments
from wherry_ehr.chart.clinicians import clinician
from wherry_ehr.chart.frame import failed
from wherry_ehr.chart.listing import Wanted, listed, wanted
from wherry_ehr.chart.measurements import latest
from wherry_ehr.chart.opened import advice_on, opened, reader
from wherry_ehr.chart.reader import ChartReader
from wherry_ehr.chart.sections import KINDS, LIMIT, section
from wherry_ehr.chart.session import session, signed_in, to_sign_in
from wherry_ehr.chart.words import moment
from wherry_ehr.deps import deps

log = structlog.get_logger()

__all__ = ["bp", "reader"]  # the authorization server picks patients from the same reader

OBSERVATIONS, ASSESSMENTS = 500, 10
_SENSOR = ",".join(CGM)
"""A glucose sensor has 288 values a day: they are read apart, or no other result would be left."""
_CSS = Path(__file__).parent / "assets" / "chart.css"

bp = Blueprint("chart", __name__, url_prefix="/chart", template_folder="templates")
bp.before_request(gate.check)
bp.before_request(gate.check_sender)
bp.after_request(gate.harden)
bp.register_error_handler(Failure, failed)


@bp.before_request
def whoever_is_signed_in() -> Response | None:
    """Everything but the style sheet is for a clinician who is signed in."""
    return None if request.endpoint == "chart.css" else to_sign_in()


@bp.app_context_processor
def clinician_in_view() -> dict[str, object]:
    """Who is signed in, for the head of each page."""
    found = session()
    return {"signed_in": clinician(found.practitioner) if found else None}


@bp.get("")
def patients() -> str:
    """The patients who were changed last, the most urgent risk assessment first."""
    return _list(Wanted())


@bp.post("")
def search() -> Response:
    """Who fits the form; names and numbers never stand in an address."""
    signed_in()
    try:
        asked = wanted(request.form)
    except Failure as failure:
        name, mrn, born = (request.form.get(each, "")[:100] for each in ("name", "mrn", "born"))
        given = Wanted(name, mrn, born)
        return make_response(_list(Wanted(), given=given, wrong=failure), failure.kind.http)
    return make_response(_list(asked))


@bp.get("/<patient_id>")
def chart(patient_id: str) -> str:
    """One patient's chart, with what the CDS services say. Raises: Failure(NOT_FOUND)."""
    record, now, open_ = reader(), deps().clock.now(), opened(patient_id)
    who = open_.who
    log.info("chart_opened", patient_id=who.id)
    about = {"patient": who.id, "_sort": "-date"}
    occasion = deps().new_id()
    made = fire(open_.fired("patient-view"), occasion, deps())
    vitals = _observed(record, {**about, "category": "vital-signs"})
    labs = _observed(record, {**about, "category": "laboratory", "code:not": _SENSOR})
    sensor = record.search("Observation", {**about, "code": _SENSOR}, limit=MOST)
    return render_template(
        "chart/chart.html",
        banner=who,
        stay=open_.stay,
        advice=advice_on(made, who.id),
        occasion=occasion,
        clients=[one for one in registered().all() if one.launch_url],
        vitals=latest(_here(vitals), now=now),
        home=at_home.rows([*vitals, *labs, *sensor], now=now),
        labs=latest(_here(labs), now=now),
        sections=[
            section(
                kind,
                record.search(
                    kind.section.type, {"patient": who.id, **kind.narrowed}, limit=LIMIT + 1
                ),
                now=now,
            )
            for kind in KINDS
        ],
        assessments=assessments(record.search("RiskAssessment", about, limit=ASSESSMENTS)),
        shown_at=moment(now.isoformat()),
    )


@bp.get("/assets/chart.css")
def css() -> Response:
    """The one style sheet."""
    return Response(_CSS.read_bytes(), content_type="text/css; charset=utf-8")


def _list(asked: Wanted, *, given: Wanted | None = None, wrong: Failure | None = None) -> str:
    return render_template(
        "chart/patients.html",
        listed=listed(reader(), asked, today=deps().clock.now().date()),
        asked=given or asked,
        wrong=wrong,
    )


def _here(observations: list[Resource]) -> list[Resource]:
    """What was measured in the hospital: readings at home have a table of their own."""
    return [one for one in observations if not source_of(one)]


def _observed(record: ChartReader, asked: dict[str, str]) -> list[Resource]:
    return record.search("Observation", asked, limit=OBSERVATIONS)
