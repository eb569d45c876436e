"""/v1: what was decided about cards, and what named persons ask for, for programs of this suite.

Patients stand in bodies, never in addresses. Each reading and each deed leaves an audit row.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, TypeVar

import msgspec
from flask import Blueprint, Response
from msgspec import UNSET, Meta, UnsetType

from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry.web.body import json_object
from wherry_cds.board.port import Snoozed
from wherry_cds.deps import deps
from wherry_cds.desk_json import of_deed, of_row, of_said, of_snooze
from wherry_cds.policy.levels import Level

bp = Blueprint("desk", __name__, url_prefix="/v1")

Person = Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^[!-~]+( [!-~]+)*$")]
PatientId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9\-.]{1,64}$")]
Tenant = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]
CardId = Annotated[str, Meta(pattern=r"^[0-9a-f-]{36}$")]
Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[a-z0-9-]+$")]
LONGEST_SNOOZE = timedelta(days=7)


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A body with every member known; without a tenant it is that of the app."""

    tenant: Tenant | UnsetType = UNSET

    @property
    def of(self) -> str:
        """The tenant that is meant."""
        return self.tenant or deps().app_tenant


class AskedCards(_Strict, frozen=True, kw_only=True):
    """Whose cards, and who reads them."""

    patient: PatientId
    person: Person
    hours: Annotated[int, Meta(ge=1, le=24 * 90)] = 72


class Acknowledged(_Strict, frozen=True, kw_only=True):
    """Somebody has seen a card."""

    patient: PatientId
    person: Person
    card: CardId


class AskedSnooze(_Strict, frozen=True, kw_only=True):
    """Somebody wants quiet about a patient; without a service, about all."""

    patient: PatientId
    person: Person
    until: datetime
    reason: Annotated[str, Meta(min_length=1, max_length=255)]
    service: Name | UnsetType = UNSET
    card: CardId | UnsetType = UNSET


class EndedSnooze(_Strict, frozen=True, kw_only=True):
    """Somebody wants to hear again."""

    snooze: CardId
    person: Person


class ClosedTicket(_Strict, frozen=True, kw_only=True):
    """Somebody looked at the data that were doubted."""

    ticket: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    person: Person


class AskedAudit(_Strict, frozen=True, kw_only=True):
    """Which rows: above these ids, oldest first."""

    person: Person
    after_decision: Annotated[int, Meta(ge=0, le=2**53)] = 0
    after_deed: Annotated[int, Meta(ge=0, le=2**53)] = 0
    limit: Annotated[int, Meta(ge=1, le=1000)] = 200


Body = TypeVar("Body", bound=_Strict)


def body_as(kind: type[Body]) -> Body:
    """The request's body. Raises: Failure(INVALID) that names the member, UNSUPPORTED."""
    try:
        return msgspec.convert({k: _whole(v) for k, v in json_object().items()}, kind)
    except msgspec.ValidationError as error:
        text, _, at = str(error).partition(" - at ")
        raise Failure(Kind.INVALID, text, at=at.strip("`").removeprefix("$.")) from None


def _whole(value: Any) -> Any:
    """A whole number as JSON knows it: 5.0 is one too."""
    is_whole = isinstance(value, Decimal) and value.is_finite() and value == value.to_integral()
    return int(value) if is_whole and abs(value) <= 2**53 else value


@bp.post("/cards")
def cards() -> Response:
    """Cards shown and held back, feedback, snoozes and deeds about one patient, newest first."""
    given, needs = body_as(AskedCards), deps()
    since = needs.clock.now() - timedelta(hours=given.hours)
    found, said, quiet = needs.board.of_patient(given.of, given.patient, since=since, limit=200)
    deeds = needs.deeds.of_patient(given.of, given.patient, since=since, limit=200)
    needs.audit.write("cards-read", tenant=given.of, user_id=given.person, patient_id=given.patient)
    return _json(
        {
            "tenant": given.of,
            "decisions": [of_row(row) for row in found],
            "feedback": [of_said(one, service) for one, service in said],
            "snoozes": [of_snooze(one, needs.clock.now()) for one in quiet],
            "deeds": [of_deed(one) for one in deeds],
        }
    )


@bp.post("/cards/acknowledge")
def acknowledge() -> Response:
    """Note who has seen a card. Raises: Failure(NOT_FOUND) when it was not shown on the patient."""
    given, needs = body_as(Acknowledged), deps()
    if not needs.board.was_shown(given.of, given.patient, given.card):
        raise Failure(Kind.NOT_FOUND, "no such card was shown on this patient", at="card")
    needs.audit.write(
        "acknowledged",
        tenant=given.of,
        user_id=given.person,
        patient_id=given.patient,
        card=given.card,
    )
    return _json({}, 201)


@bp.post("/snoozes")
def snooze() -> Response:
    """Hold cards about a patient back until a time that is not far."""
    given, needs = body_as(AskedSnooze), deps()
    now = needs.clock.now()
    if given.until.tzinfo is None or not now < given.until <= now + LONGEST_SNOOZE:
        raise Failure(Kind.INVALID, "until lies ahead, by at most seven days", at="until")
    services = sorted({one.id for one in needs.services})
    if given.service and given.service not in services:
        raise Failure(Kind.INVALID, "there is no such service", at="service")
    made = [_wish(given, service, now) for service in services if given.service in (UNSET, service)]
    for wish in made:
        needs.board.snooze(wish)
    needs.audit.write(
        "snoozed",
        tenant=given.of,
        user_id=given.person,
        patient_id=given.patient,
        service=given.service or "all",
        until=given.until.isoformat(),
    )
    return _json({"snoozes": [of_snooze(wish, now) for wish in made]}, 201)


def _wish(given: AskedSnooze, service: str, now: datetime) -> Snoozed:
    """A snooze as urgent as what was last found: only worse than that breaks it."""
    needs = deps()
    return Snoozed(
        id=needs.new_id(),
        tenant=given.of,
        patient=given.patient,
        service=service,
        user="",
        level=needs.board.last_level(given.of, given.patient, service) or Level.INFO,
        reason=given.reason,
        card=given.card or "",
        by=given.person,
        since=now,
        until=given.until,
    )


@bp.post("/snoozes/end")
def end() -> Response:
    """End a snooze. Raises: Failure(NOT_FOUND) when none of this id holds."""
    given, needs = body_as(EndedSnooze), deps()
    now = needs.clock.now()
    if not needs.board.end_snooze(given.of, given.snooze, by=given.person, at=now):
        raise Failure(Kind.NOT_FOUND, "no such snooze holds", at="snooze")
    needs.audit.write("snooze-ended", tenant=given.of, user_id=given.person, snooze=given.snooze)
    return _json({})


@bp.post("/tickets/close")
def close_ticket() -> Response:
    """Close a ticket on data. Raises: Failure(NOT_FOUND) when none of this id is open."""
    given, needs = body_as(ClosedTicket), deps()
    at = needs.clock.now()
    if not needs.board.close_ticket(given.of, given.ticket, by=given.person, at=at):
        raise Failure(Kind.NOT_FOUND, "no such ticket is open", at="ticket")
    return _json({})


@bp.post("/audit")
def audit() -> Response:
    """Decisions and deeds of a tenant, oldest first, with the ids to go on from."""
    given, needs = body_as(AskedAudit), deps()
    found = needs.board.rows(given.of, after=given.after_decision, limit=given.limit)
    deeds = needs.deeds.rows(given.of, after=given.after_deed, limit=given.limit)
    needs.audit.write("audit-read", tenant=given.of, user_id=given.person)
    return _json(
        {
            "tenant": given.of,
            "decisions": [of_row(row) for row in found],
            "deeds": [of_deed(one) for one in deeds],
        }
    )


def _json(body: dict[str, Any], status: int = 200) -> Response:
    return Response(encode(body), status=status, content_type="application/json")
