"""Decisions about cards as rows on SQLite or PostgreSQL."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, func, insert, or_, select, text

from wherry.adapters.sql import label, reading, writing
from wherry_cds.board import feedback_sql, snoozes_sql, switches_sql
from wherry_cds.board.port import About, Outcome, Row, Said, Snoozed, Ticket
from wherry_cds.policy.decide import DAY, Decision, Finding, Rule, Seen, decide
from wherry_cds.policy.levels import Level
from wherry_cds.policy.policy import ServicePolicy, fingerprint
from wherry_cds.tables import cds_decision

LOOK_BACK = timedelta(days=14)
"""How far back a decision looks: longer than any window of a policy asks for news."""
_MOST_SEEN = 500
_row = cds_decision.c


class SqlBoard:
    """The `Board` port. Decisions about one patient and service are made one after the other."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def judge(self, about: About, finding: Finding, policy: ServicePolicy) -> Decision:
        """Decide on what was seen before, and keep the decision.

        A power cut may undo the newest rows, a killed process none.
        """
        with writing(self._engine, durable=False) as connection:
            _take_turn(connection, about)
            seen = _seen(connection, about, finding)
            quiet = snoozes_sql.holding(connection, about, finding.at)
            others = _others(connection, about, finding)
            made = decide(policy, finding, seen, quiet, others=others)
            connection.execute(_KEEP, _values(about, finding, policy, made))
        return made

    def take(self, tenant: str, service: str, said: Sequence[Said], policy: ServicePolicy) -> int:
        """Keep feedback and what follows from it, in one transaction."""
        with writing(self._engine) as connection:
            return sum(feedback_sql.take(connection, tenant, service, one, policy) for one in said)

    def snooze(self, wish: Snoozed) -> None:
        """Keep a wish for quiet."""
        with writing(self._engine) as connection:
            snoozes_sql.put(connection, wish)

    def end_snooze(self, tenant: str, id_: str, *, by: str, at: datetime) -> bool:
        """End it before its time."""
        with writing(self._engine) as connection:
            return snoozes_sql.end(connection, tenant, id_, by=by, at=at)

    def of_patient(
        self, tenant: str, patient: str, *, since: datetime, limit: int
    ) -> tuple[list[Row], list[tuple[Said, str]], list[Snoozed]]:
        """All that is kept about one patient, newest first."""
        wanted = (
            select(cds_decision)
            .where(_row.tenant == tenant, _row.patient_id == patient)
            .where(_row.at_s >= since.timestamp())
            .order_by(_row.at_s.desc(), _row.id.desc())
            .limit(limit)
        )
        with reading(self._engine) as connection:
            found = [_read(row) for row in connection.execute(wanted)]
            cards = [row.about.card for row in found if row.shown]
            said = feedback_sql.about(connection, tenant, cards)
            quiet = snoozes_sql.of_patient(connection, tenant, patient, since=since, limit=limit)
        return found, said, quiet

    def rows(
        self, tenant: str, *, after: int, limit: int, since: datetime | None = None
    ) -> list[Row]:
        """Decisions above this id, oldest first; with `since` none from before then."""
        wanted = select(cds_decision).where(_row.id > after).order_by(_row.id).limit(limit)
        if tenant:
            wanted = wanted.where(_row.tenant == tenant)
        if since is not None:
            wanted = wanted.where(_row.at_s >= since.timestamp())
        with reading(self._engine) as connection:
            return [_read(row) for row in connection.execute(wanted)]

    def shown(self, tenant: str, *, since: datetime, until: datetime, limit: int) -> list[Outcome]:
        """Cards that were shown then, each with the last that was said of it."""
        wanted = (
            select(cds_decision)
            .where(_row.tenant == tenant, _row.shown)
            .where(_row.at_s >= since.timestamp(), _row.at_s < until.timestamp())
            .order_by(_row.id)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            rows = [_read(row) for row in connection.execute(wanted)]
            said = feedback_sql.last_of(connection, tenant, [row.about.card for row in rows])
        return [Outcome(row, said.get(row.about.card)) for row in rows]

    def was_shown(self, tenant: str, patient: str, card: str) -> bool:
        """Whether this card was shown about this patient."""
        wanted = select(_row.id).where(
            _row.card_id == card, _row.tenant == tenant, _row.patient_id == patient, _row.shown
        )
        with reading(self._engine) as connection:
            return connection.execute(wanted.limit(1)).first() is not None

    def last_level(self, tenant: str, patient: str, service: str) -> Level | None:
        """How urgent the last decision was."""
        wanted = (
            select(_row.level)
            .where(_row.tenant == tenant, _row.patient_id == patient, _row.service == service)
            .order_by(_row.at_s.desc(), _row.id.desc())
            .limit(1)
        )
        with reading(self._engine) as connection:
            level = connection.scalar(wanted)
        return None if level is None else Level(level)

    def switched_off(self, tenant: str, service: str) -> bool:
        """Whether a person threw a switch that holds for this service."""
        with reading(self._engine) as connection:
            return switches_sql.is_off(connection, tenant, service)

    def tickets(self, tenant: str) -> list[Ticket]:
        """Open ones, oldest first."""
        with reading(self._engine) as connection:
            return feedback_sql.tickets(connection, tenant)

    def close_ticket(self, tenant: str, id_: int, *, by: str, at: datetime) -> bool:
        """Close it, with its row in the audit, in one transaction."""
        with writing(self._engine) as connection:
            return feedback_sql.close(connection, tenant, id_, by=by, at=at)

    def ping(self) -> None:
        """Read one row."""
        with reading(self._engine) as connection:
            connection.execute(select(_row.id).limit(1))


def _take_turn(connection: Connection, about: About) -> None:
    """SQLite has one writer anyhow; PostgreSQL lets one transaction of this patient go on."""
    if connection.dialect.name == "postgresql":
        name = f"{about.tenant}|{about.patient}".encode()
        key = int.from_bytes(sha256(name).digest()[:8], "big", signed=True)
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


# Built once: building a statement costs more than running it
_SEEN = (
    select(
        _row.at_s,
        _row.level,
        _row.amount,
        _row.beside,
        _row.encounter_id,
        _row.shown,
        _row.rule,
    )
    .where(_row.tenant == bindparam("of_tenant"), _row.patient_id == bindparam("of_patient"))
    .where(_row.service == bindparam("of_service"), _row.at_s >= bindparam("since_s"))
    .where(_row.role == bindparam("of_role"))
    .order_by(_row.at_s.desc(), _row.id.desc())
    .limit(_MOST_SEEN)
)
_OTHERS = (
    select(func.count())
    .where(_row.tenant == bindparam("of_tenant"), _row.patient_id == bindparam("of_patient"))
    .where(_row.encounter_id == bindparam("of_stay"), _row.shown)
    .where(_row.at_s > bindparam("since_s"))
    .where(or_(_row.service != bindparam("of_service"), _row.role != bindparam("of_role")))
)
_KEEP = insert(cds_decision)


def _seen(connection: Connection, about: About, finding: Finding) -> list[Seen]:
    since_s = (finding.at - LOOK_BACK).timestamp()
    rows = list(connection.execute(_SEEN, _of(about, finding, since_s)))
    return [
        Seen(
            at=_time(row.at_s),
            level=Level(row.level),
            amount=row.amount,
            shown=bool(row.shown),
            beside=row.beside,
            stay=row.encounter_id,
            silent=row.rule == Rule.SILENT,
        )
        for row in reversed(rows)
    ]


def _others(connection: Connection, about: About, finding: Finding) -> int:
    """Cards of the last 24 hours in this stay that other services or roles saw."""
    since_s = (finding.at - DAY).timestamp()
    asked = {**_of(about, finding, since_s), "of_stay": about.stay}
    return int(connection.scalar(_OTHERS, asked) or 0)


def _of(about: About, finding: Finding, since_s: float) -> dict[str, Any]:
    return {
        "of_tenant": about.tenant,
        "of_patient": about.patient,
        "of_service": about.service,
        "of_role": finding.role,
        "since_s": since_s,
    }


def _values(
    about: About, finding: Finding, policy: ServicePolicy, made: Decision
) -> dict[str, Any]:
    return {
        "at_s": finding.at.timestamp(),
        "tenant": label(about.tenant),
        "client": label(about.client),
        "service": about.service,
        "hook": about.hook,
        "patient_id": about.patient,
        "encounter_id": about.stay,
        "user_id": label(finding.user),
        "unit": label(about.unit),
        "level": int(finding.level),
        "amount": finding.amount,
        "beside": finding.beside,
        "role": label(finding.role)[:64],
        "summary": label(about.summary),
        "model": label(about.model)[:64],
        "version": label(about.version)[:64],
        "record": label(about.record)[:64],
        "shown": made.shown,
        "rule": made.rule.value,
        "policy": fingerprint(policy),
        "card_id": about.card,
    }


def _read(row: Any) -> Row:
    about = About(
        tenant=row.tenant,
        client=row.client,
        service=row.service,
        hook=row.hook,
        patient=row.patient_id,
        card=row.card_id,
        stay=row.encounter_id,
        unit=row.unit,
        model=row.model,
        version=row.version,
        record=row.record,
        summary=row.summary,
    )
    level = Level(row.level)
    shown = bool(row.shown)
    at = _time(row.at_s)
    return Row(
        id=row.id,
        at=at,
        about=about,
        user=row.user_id,
        level=level,
        amount=row.amount,
        shown=shown,
        rule=row.rule,
        policy=row.policy,
        role=row.role,
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
