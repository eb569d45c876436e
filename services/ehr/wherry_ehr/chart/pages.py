"""/chart: the patient list and one chart, as HTML pages for development and tests."""

from pathlib import Path

import structlog
from flask import Blueprint, Response, make_response, render_template, request

from wherry.errors import Failure
from wherry_ehr.auth.registry import registered
from wherry_ehr.chart import gate
from wherry_ehr.chart.advice import Opened, advice
from wherry_ehr.chart.assessments import assessments, most_urgent_first, newest_by_patient
from wherry_ehr.chart.banner import banner
from wherry_ehr.chart.clinicians import clinician
from wherry_ehr.chart.measurements import latest
from wherry_ehr.chart.reader import ChartReader, StoreReader
from wherry_ehr.chart.session import session, signed_in, to_sign_in
from wherry_ehr.chart.stay import current
from wherry_ehr.chart.words import moment
from wherry_ehr.deps import deps
from wherry_ehr.here import here

log = structlog.get_logger()

PATIENTS, OBSERVATIONS, ASSESSMENTS = 200, 500, 10
_NEWEST = "-_lastUpdated"
_CSS = Path(__file__).parent / "assets" / "chart.css"

bp = Blueprint("chart", __name__, url_prefix="/chart", template_folder="templates")
bp.before_request(gate.check)
bp.after_request(gate.harden)


def failed(failure: Failure) -> Response:
    """An error page in the words that are safe to show."""
    log.info("chart_refused", kind=failure.kind.name)
    page = render_template("chart/error.html", text=failure.detail)
    return make_response(page, failure.kind.http)


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
    record, today = reader(), deps().clock.now().date()
    found = record.search("Patient", {"_sort": _NEWEST}, limit=PATIENTS)
    assessed = newest_by_patient(record.search("RiskAssessment", {"_sort": "-date"}))
    return render_template(
        "chart/patients.html",
        patients=most_urgent_first([banner(each, today=today) for each in found], assessed),
        assessed=assessed,
        limit=PATIENTS,
    )


@bp.get("/<patient_id>")
def chart(patient_id: str) -> str:
    """One patient's chart, with what the CDS service says. Raises: Failure(NOT_FOUND)."""
    record, now = reader(), deps().clock.now()
    who = banner(record.read("Patient", patient_id), today=now.date())
    log.info("chart_opened", patient_id=who.id)
    about = {"patient": who.id, "_sort": "-date"}
    stay = current(record.search("Encounter", about, limit=50))
    opened = Opened(
        session=signed_in(),
        patient=who.id,
        encounter=stay.id if stay else "",
        base=here().fhir,
        page=f"{here().origin}{request.path}",
    )
    return render_template(
        "chart/chart.html",
        banner=who,
        stay=stay,
        advice=advice(opened, deps()),
        clients=[one for one in registered().all() if one.launch_url],
        vitals=latest(_observed(record, about, "vital-signs")),
        labs=latest(_observed(record, about, "laboratory")),
        assessments=assessments(record.search("RiskAssessment", about, limit=ASSESSMENTS)),
        shown_at=moment(now.isoformat()),
    )


@bp.get("/assets/chart.css")
def css() -> Response:
    """The one style sheet."""
    return Response(_CSS.read_bytes(), content_type="text/css; charset=utf-8")


def _observed(record: ChartReader, about: dict[str, str], category: str) -> list[dict[str, object]]:
    return record.search("Observation", {**about, "category": category}, limit=OBSERVATIONS)


def reader() -> ChartReader:
    """The store that this app answers from."""
    return StoreReader(deps().store, deps().clock)
