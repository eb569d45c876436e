"""Feedback as rows, each item once, with the snooze and the ticket that follow from it."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from wherry.adapters.clock import new_id
from wherry.adapters.sql import database_now, label, upsert
from wherry_cds.board import snoozes_sql
from wherry_cds.board.audit_sql import note
from wherry_cds.board.port import Said, Snoozed, Ticket
from wherry_cds.policy.levels import Level
from wherry_cds.policy.policy import ServicePolicy
from wherry_cds.tables import cds_decision, cds_feedback, cds_ticket

_MOST_TEXT = 2000
_AT_ONCE = 500
_row = cds_feedback.c


def take(
    connection: Connection, tenant: str, service: str, said: Said, policy: ServicePolicy
) -> bool:
    """Keep one item; True when nobody knows its card."""
    card = _card(connection, tenant, service, said.card)
    values = {
        "received_s": connection.scalar(select(database_now())),
        "tenant": label(tenant),
        "service": service,
        "card_id": label(said.card)[:64],
        "outcome": said.outcome,
        "outcome_s": said.at.timestamp(),
        "suggestions": json.dumps(said.suggestions),
        "reason": label(said.reason),
        "comment": _clean(said.comment),
        "orphan": card is None,
        "system": label(said.system),
        "not_utc": said.not_utc,
    }
    kept = upsert(connection.dialect.name, cds_feedback).values(values).on_conflict_do_nothing()
    is_new = connection.execute(kept.returning(_row.id)).first() is not None
    if is_new and card is not None and said.outcome == "overridden":
        _follow(connection, card, said, policy)
    return card is None


def about(connection: Connection, tenant: str, cards: Sequence[str]) -> list[tuple[Said, str]]:
    """What was said about these cards, newest first, each with its service."""
    wanted = (
        select(cds_feedback)
        .where(_row.tenant == tenant, _row.card_id.in_(cards))
        .order_by(_row.id.desc())
    )
    return [(_said(row), row.service) for row in connection.execute(wanted)]


def last_of(connection: Connection, tenant: str, cards: Sequence[str]) -> dict[str, Said]:
    """The last that was said about each of these cards."""
    found: dict[str, Said] = {}
    for start in range(0, len(cards), _AT_ONCE):
        wanted = select(cds_feedback).where(
            _row.tenant == tenant, _row.card_id.in_(cards[start : start + _AT_ONCE])
        )
        for row in connection.execute(wanted.order_by(_row.outcome_s, _row.id)):
            found[row.card_id] = _said(row)
    return found


def tickets(connection: Connection, tenant: str) -> list[Ticket]:
    """Those that nobody closed, oldest first."""
    held = cds_ticket.c
    wanted = select(cds_ticket).where(held.tenant == tenant, held.closed_s.is_(None))
    return [
        Ticket(row.id, row.card_id, row.service, datetime.fromtimestamp(row.opened_s, UTC))
        for row in connection.execute(wanted.order_by(held.id))
    ]


def close(connection: Connection, tenant: str, id_: int, *, by: str, at: datetime) -> bool:
    """Close one that is open, with its row in the audit; whether there was one."""
    held = cds_ticket.c
    wanted = update(cds_ticket).where(held.id == id_, held.closed_s.is_(None))
    if tenant:
        wanted = wanted.where(held.tenant == tenant)
    closed = connection.execute(
        wanted.values(closed_s=at.timestamp(), closed_by=label(by)).returning(
            held.tenant, held.card_id
        )
    ).first()
    if closed is None:
        return False
    about = f"ticket={id_} card={closed.card_id}"
    note(connection, "ticket-closed", tenant=closed.tenant, who=by, at=at, about=about)
    return True


def _card(connection: Connection, tenant: str, service: str, id_: str) -> Any:
    """The decision by which this card was shown: of this tenant and service only."""
    known = cds_decision.c
    wanted = select(cds_decision).where(
        known.card_id == id_, known.tenant == tenant, known.service == service, known.shown
    )
    return connection.execute(wanted).first()


def _follow(connection: Connection, card: Any, said: Said, policy: ServicePolicy) -> None:
    """What the reason silences, from the moment at which it was given; a doubt opens a ticket."""
    snooze = policy.snooze_of(said.reason)
    if snooze is None:
        return
    if snooze.hours:
        user = card.user_id if snooze.whom == "user" else ""
        wish = Snoozed(
            id=new_id(),
            tenant=card.tenant,
            patient=card.patient_id,
            service=card.service,
            user=user,
            role=card.role if snooze.whom == "role" else "",
            level=Level(card.level),
            reason=said.reason,
            card=card.card_id,
            by=card.user_id,
            since=said.at,
            until=said.at + timedelta(hours=snooze.hours),
        )
        snoozes_sql.put(connection, wish)
    if snooze.ticket:
        connection.execute(
            insert(cds_ticket).values(
                opened_s=said.at.timestamp(),
                tenant=card.tenant,
                service=card.service,
                card_id=card.card_id,
            )
        )


def _clean(comment: str) -> str:
    return comment[:_MOST_TEXT].replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def _said(row: Any) -> Said:
    return Said(
        card=row.card_id,
        outcome=row.outcome,
        at=datetime.fromtimestamp(row.outcome_s, UTC),
        suggestions=tuple(json.loads(row.suggestions)),
        reason=row.reason,
        comment=row.comment,
        system=row.system,
        not_utc=row.not_utc,
    )
