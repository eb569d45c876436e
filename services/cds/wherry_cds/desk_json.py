"""Rows of the board as the JSON of /v1 and of the command line."""

from datetime import datetime
from typing import Any

from wherry_cds.audit import Deed
from wherry_cds.board.port import Row, Said, Snoozed
from wherry_cds.silent import Burden

Json = dict[str, Any]


def of_row(row: Row) -> Json:
    """One decision."""
    about = row.about
    return {
        "id": row.id,
        "at": row.at.isoformat(),
        "service": about.service,
        "hook": about.hook,
        "patient": about.patient,
        "encounter": about.stay,
        "client": about.client,
        "user": row.user,
        "role": row.role,
        "unit": about.unit,
        "shown": row.shown,
        "rule": row.rule,
        "policy": row.policy,
        "level": row.level.word,
        "amount": row.amount,
        "model": about.model,
        "version": about.version,
        "record": about.record,
        "card": about.card,
        "summary": about.summary,
    }


def of_said(said: Said, service: str) -> Json:
    """One item of feedback."""
    return {
        "card": said.card,
        "service": service,
        "outcome": said.outcome,
        "at": said.at.isoformat(),
        "suggestions": list(said.suggestions),
        "reason": said.reason,
        "comment": said.comment,
    }


def of_snooze(one: Snoozed, now: datetime) -> Json:
    """One snooze, and whether it holds."""
    return {
        "id": one.id,
        "service": one.service,
        "reason": one.reason,
        "by": one.by,
        "role": one.role,
        "user": one.user,
        "level": one.level.word,
        "since": one.since.isoformat(),
        "until": one.until.isoformat(),
        "holds": one.ended is None and one.until > now,
        "ended_by": one.ended_by,
    }


def of_deed(deed: Deed) -> Json:
    """One row of the audit."""
    return {
        "id": deed.id,
        "at": deed.at.isoformat(),
        "event": deed.event,
        "who": deed.who,
        "patient": deed.patient,
        "about": deed.about,
    }


def of_burden(one: Burden) -> Json:
    """What silent mode held back, of one level and model version."""
    return {
        "service": one.service,
        "model": one.model,
        "version": one.version,
        "level": one.level,
        "cards": one.cards,
        "calls": one.calls,
        "patient_days": one.patient_days,
        "per_100_calls": round(one.per_100_calls, 2),
        "per_patient_day": round(one.per_patient_day, 4),
    }
