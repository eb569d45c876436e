"""/v1/bindings/page: a person sees how fresh devices are, what waits, and binds them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import structlog
from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from wherry.errors import ABSENT, Failure, Kind
from wherry_devices.deps import Deps, deps
from wherry_devices.freshness.judging import UTC_ZONE, Device, Person, judged
from wherry_devices.mapping.binding import Binding
from wherry_devices.mapping.freshness import ADVICE, OUTREACH, State
from wherry_devices.mapping.instants import zone_of
from wherry_devices.owning import page_forms as forms
from wherry_devices.owning import page_gate as gate
from wherry_devices.owning import page_words as words
from wherry_devices.owning.owners import asked, bound, key_of, only, wanted
from wherry_devices.owning.who import note_read

log = structlog.get_logger()

bp = Blueprint("bindings_page", __name__, url_prefix="/v1/bindings/page", template_folder="pages")
bp.before_request(gate.check)
bp.after_request(gate.harden)

AT_ONCE, MOST_WAITING = 100, 100
DAY = timedelta(days=1)
_FIRST = (State.SILENT, State.LATE, State.NEVER, State.ON_TRACK, State.UNSCHEDULED)
_DONE = {"bound": "The device is bound.", "ended": "The binding ends then."}
_SPANS = {
    "": "as is usual for what it measures",
    "PT5M": "every 5 minutes",
    "PT15M": "every 15 minutes",
    "PT1H": "every hour",
    "PT12H": "twice a day",
    "P1D": "every day",
    "P2D": "every other day",
    "P7D": "every week",
}


@bp.errorhandler(Failure)
def failed(failure: Failure) -> Response:
    """A page that says what cannot be done; it never looks like an empty list."""
    log.info("page_refused", kind=failure.kind.name, at=failure.at)
    html = render_template("bindings_failed.html", failure=failure, css=gate.css())
    answer = make_response(html, failure.kind.http)
    if failure.kind is Kind.UNAVAILABLE:
        answer.headers["Retry-After"] = "2"
    if failure.kind is Kind.UNAUTHENTICATED:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


@bp.get("")
def page() -> Response:
    """Bindings with their states, what waits, and the form for a new one."""
    only({"patient", "after", "bind", "done"})
    return make_response(_page({"name": wanted("bind"), "what": "key"} if wanted("bind") else {}))


@bp.post("")
def bind() -> Response:
    """Bind a device; what is wrong stands at its field."""
    given, needs = forms.given_to_bind(), deps()
    zone = _zone(needs)
    body: dict[str, Any] = {}
    try:
        body = forms.to_bind(given, zone)
        binding = asked(body, needs)
        bound(binding, needs)
    except Failure as failure:
        if failure.kind is Kind.UNAVAILABLE:
            raise
        said = failure.detail
        if failure.kind is Kind.CONFLICT and failure.at == "valid_from":
            said = forms.conflict(body, key_of(body, given["source"], needs), needs, zone)
        wrong = {forms.FIELDS.get(failure.at, failure.at): said}
        return make_response(_page(given, wrong=wrong), failure.kind.http)
    return _back("bound", binding)


@bp.post("/end")
def end() -> Response:
    """End a binding; what is wrong stands at its field."""
    given, needs = forms.given_to_end(), deps()
    try:
        binding = asked(forms.to_end(given, _zone(needs)), needs)
        if not _is_there(binding, needs):
            raise Failure(Kind.NOT_FOUND, "there is no such binding", at="key")
        bound(binding, needs)
    except Failure as failure:
        if failure.kind is Kind.UNAVAILABLE or failure.at not in _END_FIELDS:
            raise
        wrong = {_END_FIELDS[failure.at]: failure.detail}
        return make_response(_page({}, ending=given, wrong_end=wrong), failure.kind.http)
    return _back("ended", binding)


_END_FIELDS = {"ends": "ends", "valid_to": "ends", "verified_by": "ended_by"}


def _page(
    given: Mapping[str, str],
    *,
    wrong: Mapping[str, str] | None = None,
    ending: Mapping[str, str] | None = None,
    wrong_end: Mapping[str, str] | None = None,
) -> str:
    """The page; `ending` is the form of one binding as it was filled in."""
    needs = deps()
    patient, after, now = _asked_for("patient"), _asked_for("after"), needs.clock.now()
    found = needs.bindings.holding(now, patient=patient, after=after, limit=AT_ONCE)
    people = judged(found, needs)
    others = [one for one in _all_of(patient, needs) if not one.holds(now)]
    waiting = needs.seen.waiting(limit=MOST_WAITING)
    note_read(needs, "read-page", (one.patient for one in people), asked=patient)
    zone = _zone(needs)
    return render_template(
        "bindings.html",
        css=gate.css(),
        patient=patient,
        name=_name(patient, needs) if patient else "",
        person=people[0] if patient and people else None,
        devices=_rows(people),
        counts=_counts(people),
        others=others,
        more=found[-1].key if len(found) == AT_ONCE else "",
        waiting=waiting,
        all_waiting=len(waiting) < MOST_WAITING,
        sources=sorted(needs.templates),
        spans=_SPANS,
        given={"source": _source_of(given, waiting), "patient": patient, **given},
        wrong=wrong or {},
        ending=ending or {},
        wrong_end=wrong_end or {},
        done=_DONE.get(_asked_for("done"), ""),
        moment=words.moments(zone),
        up=words.up,
        zone=zone.key,
        now=now.astimezone(zone).strftime("%Y-%m-%dT%H:%M"),
    )


def _rows(people: Sequence[Person]) -> list[dict[str, Any]]:
    """Devices of all, those that need somebody first."""
    rows = [_row(device, person.zone) for person in people for device in person.devices]
    return sorted(rows, key=lambda row: _FIRST.index(row["state"]))


def _row(one: Device, zone: ZoneInfo) -> dict[str, Any]:
    worst, told = one.worst.fresh, words.moments(zone)
    return {
        "binding": one.binding,
        "state": worst.state,
        "label": words.STATES[worst.state],
        "cause": words.CAUSES[worst.cause],
        "advice": words.ASKED[OUTREACH[worst.cause]] + ADVICE[worst.cause],
        "evidence": [words.evidence_words(each, zone) for each in worst.evidence],
        "days": words.span(one.adherence.days * DAY) if one.adherence.days else "no day",
        "zone": zone.key,
        "kinds": [
            {
                "name": words.kind_words(kind.name),
                "label": words.STATES[kind.fresh.state],
                "age": words.age(kind.fresh.age) if kind.fresh.age is not None else "",
                "at": told(kind.last.measured_s if kind.last else None),
                "every": words.span(kind.expected.every) if kind.expected.every else "",
                "delay": words.span(kind.expected.delay) if kind.expected.delay else "",
            }
            for kind in one.kinds
            if kind.name
        ],
    }


def _counts(people: Sequence[Person]) -> list[tuple[State, str, int]]:
    counts = Counter(device.worst.fresh.state for person in people for device in person.devices)
    return [(state, words.STATES[state], counts[state]) for state in _FIRST if counts[state]]


def _name(patient: str, needs: Deps) -> str | None:
    """What the patient is called, as the FHIR server says it now; None when it cannot be told."""
    try:
        return words.name_of_patient(needs.fhir.read("Patient", patient))
    except Failure as failure:
        if failure.kind in ABSENT:
            raise Failure(Kind.NOT_FOUND, "no such patient", at="patient") from None
        log.warning("name_not_read", kind=failure.kind.name)
        return None


def _source_of(given: Mapping[str, str], waiting: Sequence[Any]) -> str:
    return next((one.source for one in waiting if one.key == given.get("name")), "")


def _all_of(patient: str, needs: Deps) -> list[Binding]:
    return needs.bindings.search(patient=patient) if patient else []


def _is_there(binding: Binding, needs: Deps) -> bool:
    held = needs.bindings.search(key=binding.key, patient=binding.patient)
    return any(one.valid_from == binding.valid_from for one in held)


def _zone(needs: Deps) -> ZoneInfo:
    return zone_of(needs.zone) or UTC_ZONE if needs.zone else UTC_ZONE


def _asked_for(name: str) -> str:
    return wanted(name) if request.method == "GET" else ""


def _back(done: str, binding: Binding) -> Response:
    to = url_for("bindings_page.page", patient=binding.patient, done=done)
    return cast("Response", redirect(to, 303))
