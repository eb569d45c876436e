"""/chart: the patient list and one chart, as HTML pages for development and tests."""

from pathlib import Path

import structlog
from flask import Blueprint, Response, make_response, render_template

from wherry.errors import Failure
from wherry_ehr.chart import gate
from wherry_ehr.chart.assessments import assessments, newest_by_patient
from wherry_ehr.chart.banner import banner
from wherry_ehr.chart.measurements import latest
from wherry_ehr.chart.reader import ChartReader, StoreReader
from wherry_ehr.chart.stay import current
from wherry_ehr.chart.words import moment
from wherry_ehr.deps import deps

log = structlog.get_logger()

PATIENTS, OBSERVATIONS, ASSESSMENTS = 200, 500, 10
_NEWEST = "-_lastUpdated"
_CSS = Path(__file__).parent / "assets" / "chart.css"

bp = Blueprint("chart", __name__, url_prefix="/chart", template_folder="templates")
bp.before_request(gate.check)
bp.after_request(gate.harden)


@bp.errorhandler(Failure)
def failed(failure: Failure) -> Response:
    """An error page in the words that are safe to show."""
    log.info("chart_refused", kind=failure.kind.name)
    page = render_template("chart/error.html", text=failure.detail)
    return make_response(page, failure.kind.http)


@bp.get("")
def patients() -> str:
    """The patients who were changed last, each with the newest risk assessment."""
    reader, today = _reader(), deps().clock.now().date()
    found = reader.search("Patient", {"_sort": _NEWEST}, limit=PATIENTS)
    assessed = newest_by_patient(reader.search("RiskAssessment", {"_sort": "-date"}))
    return render_template(
        "chart/patients.html",
        patients=[banner(each, today=today) for each in found],
        assessed=assessed,
        limit=PATIENTS,
    )


@bp.get("/<patient_id>")
def chart(patient_id: str) -> str:
    """One patient's chart. Raises: Failure(NOT_FOUND)."""
    reader, now = _reader(), deps().clock.now()
    who = banner(reader.read("Patient", patient_id), today=now.date())
    log.info("chart_opened", patient_id=who.id)
    about = {"patient": who.id, "_sort": "-date"}
    return render_template(
        "chart/chart.html",
        banner=who,
        stay=current(reader.search("Encounter", about, limit=50)),
        vitals=latest(_observed(reader, about, "vital-signs")),
        labs=latest(_observed(reader, about, "laboratory")),
        assessments=assessments(reader.search("RiskAssessment", about, limit=ASSESSMENTS)),
        shown_at=moment(now.isoformat()),
    )


@bp.get("/assets/chart.css")
def css() -> Response:
    """The one style sheet."""
    return Response(_CSS.read_bytes(), content_type="text/css; charset=utf-8")


def _observed(reader: ChartReader, about: dict[str, str], category: str) -> list[dict[str, object]]:
    return reader.search("Observation", {**about, "category": category}, limit=OBSERVATIONS)


def _reader() -> ChartReader:
    return StoreReader(deps().store, deps().clock)
