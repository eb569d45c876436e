"""Access tokens and their families in SQL: issued, renewed once, noticed when used again, ended."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, Engine, insert, select, update

from wherry.adapters.sql import reading, writing
from wherry_ehr.auth import tables
from wherry_ehr.auth.clients import hashed
from wherry_ehr.auth.records import Code, Grant, Refresh, Session
from wherry_ehr.auth.rows import hand_out, new_token, prune, seconds, use_up

REFRESH = "refresh"


class Terms(NamedTuple):
    """How long a token lasts, and whether it can be renewed.

    `refresh` is how long the refresh token lasts, none without one. What is `offline` outlives the
    clinician's session. `counts` is False for a token that is to be refused at once, for tests.
    """

    life: timedelta
    refresh: timedelta | None = None
    offline: bool = False
    counts: bool = True


class Issued(NamedTuple):
    """The secrets of one answer; there may be no refresh token."""

    access: str
    refresh: str = ""


@dataclass(frozen=True, slots=True)
class FoundCode:
    """A code as it stands; `session` is the chart session in which it was made."""

    code: Code
    hash: str
    session: str
    used: bool
    ended: bool


@dataclass(frozen=True, slots=True)
class FoundRefresh:
    """A refresh token as it stands; without a session it is an offline one."""

    refresh: Refresh
    hash: str
    session: str
    used: bool
    ended: bool


class Standing(NamedTuple):
    """An access token that works, until `ends_at` (seconds since 1970)."""

    grant: Grant
    ends_at: int


class Lasting(NamedTuple):
    """Access that can be renewed, until `ends_at` (seconds since 1970)."""

    family: str
    grant: Grant
    ends_at: int


class Tokens:
    """Tokens, and the families that they belong to: what came from one code."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def trade_code(
        self, found: FoundCode, grant: Grant, now: datetime, terms: Terms
    ) -> Issued | None:
        """The tokens for this code, which is used up by them; None when it was used before."""
        with writing(self._engine) as connection:
            if not use_up(connection, found.hash):
                return None
            prune(connection, tables.token, seconds(now))
            prune(connection, tables.family, seconds(now))
            session = "" if terms.offline else found.session
            if terms.refresh is not None:
                connection.execute(
                    insert(tables.family).values(
                        hash=found.hash,
                        client_id=grant.client_id,
                        session=session,
                        ended=False,
                        ends_at=seconds(now + terms.refresh),
                    )
                )
            return _issue(connection, Refresh(grant, found.hash), session, now, terms)

    def refresh(self, secret: str, now: datetime) -> FoundRefresh | None:
        """What is known of this refresh token."""
        held, of = tables.ticket.c, tables.family.c
        asked = (
            select(held.session, held.used, held.ends_at, held.body)
            .where(held.hash == hashed(secret), held.kind == REFRESH)
        )  # fmt: skip
        with reading(self._engine) as connection:
            row = connection.execute(asked).one_or_none()
            if row is None:
                return None
            found = msgspec.json.decode(row.body, type=Refresh)
            family = select(of.ended).where(of.hash == found.family)
            family_ended = connection.execute(family).scalar_one_or_none()
        ended = row.ends_at <= seconds(now) or family_ended is not False
        return FoundRefresh(found, hashed(secret), row.session, row.used, ended)

    def renew(
        self, found: FoundRefresh, scope: str, now: datetime, terms: Terms, *, rotate: bool
    ) -> Issued | None:
        """New tokens for a refresh token; None when somebody was faster.

        With `rotate` the refresh token is used up and a new one takes its place; that one still
        stands for all that was granted, whatever less the access token is for.
        """
        of = tables.family.c
        alive = select(of.ended).where(of.hash == found.refresh.family).with_for_update()
        with writing(self._engine) as connection:
            if connection.execute(alive).scalar_one_or_none() is not False:
                return None
            if rotate and not use_up(connection, found.hash):
                return None
            issued = _issue(
                connection,
                found.refresh,
                found.session,
                now,
                terms if rotate else terms._replace(refresh=None),
                scope=scope,
            )
            if rotate and terms.refresh is not None:
                ends_at = seconds(now + terms.refresh)
                connection.execute(
                    update(tables.family)
                    .where(of.hash == found.refresh.family)
                    .values(ends_at=ends_at)
                )
            return issued

    def lasting(self, practitioner: str, now: datetime) -> list[Lasting]:
        """What apps may go on to do for this clinician, the latest first."""
        held, of = tables.ticket.c, tables.family.c
        asked = (
            select(held.body, held.ends_at)
            .where(held.kind == REFRESH, held.used.is_(False), held.ends_at > seconds(now))
            .order_by(held.ends_at.desc())
        )
        with reading(self._engine) as connection:
            rows = connection.execute(asked).all()
            alive = set(connection.scalars(select(of.hash).where(of.ended.is_(False))))
        found = [(msgspec.json.decode(row.body, type=Refresh), row.ends_at) for row in rows]
        return [
            Lasting(one.family, one.grant, ends_at)
            for one, ends_at in found
            if one.grant.practitioner == practitioner and one.family in alive
        ]

    def end_family(self, family: str) -> None:
        """Every token that came from this code stops working. Source: RFC 6749, 4.1.2; RFC 9700."""
        with writing(self._engine) as connection:
            _end(connection, family)

    def issue(self, grant: Grant, now: datetime, terms: Terms) -> str:
        """A token without a code and without a session, for a backend service."""
        with writing(self._engine) as connection:
            prune(connection, tables.token, seconds(now))
            return _issue(connection, Refresh(grant, ""), "", now, terms).access

    def lend(self, grant: Grant, session: Session, now: datetime, life: timedelta) -> str:
        """A token without a code, for a service that works for this session's clinician."""
        with writing(self._engine, durable=False) as connection:
            ends_at = seconds(now + life)
            return new_token(connection, grant, family="", session=session.hash, ends_at=ends_at)

    def grant(self, token: str, now: datetime) -> Grant | None:
        """What this token allows, while it lasts."""
        found = self.standing(token, now)
        return found.grant if found else None

    def standing(self, token: str, now: datetime) -> Standing | None:
        """What this token allows and until when, while it lasts."""
        held = tables.token.c
        asked = select(held.body, held.ends_at).where(
            held.hash == hashed(token), held.revoked.is_(False), held.ends_at > seconds(now)
        )
        with reading(self._engine) as connection:
            row = connection.execute(asked).one_or_none()
        return row and Standing(msgspec.json.decode(row.body, type=Grant), row.ends_at)

    def revoke(self, token: str) -> None:
        """This token stops working."""
        held = tables.token.c
        with writing(self._engine) as connection:
            connection.execute(
                update(tables.token).where(held.hash == hashed(token)).values(revoked=True)
            )


def _issue(
    connection: Connection,
    refresh: Refresh,
    session: str,
    now: datetime,
    terms: Terms,
    *,
    scope: str = "",
) -> Issued:
    grant = replace(refresh.grant, scope=scope) if scope else refresh.grant
    ends_at = seconds(now + terms.life) if terms.counts else seconds(now)
    access = new_token(connection, grant, family=refresh.family, session=session, ends_at=ends_at)
    if terms.refresh is None:
        return Issued(access)
    ends_at = seconds(now + terms.refresh)
    return Issued(access, hand_out(connection, REFRESH, refresh, session, ends_at))


def _end(connection: Connection, family: str) -> None:
    held, of = tables.token.c, tables.family.c
    connection.execute(update(tables.token).where(held.code == family).values(revoked=True))
    connection.execute(update(tables.family).where(of.hash == family).values(ended=True))
