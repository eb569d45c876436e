"""Sessions, launch handles, requests and codes in SQL: secrets go out, only their hashes stay."""

import secrets
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec
from sqlalchemy import delete, insert, select, update

from wherry.adapters.sql import reading, writing
from wherry_ehr.auth import tables
from wherry_ehr.auth.clients import hashed
from wherry_ehr.auth.records import Asked, Code, Launch, Session
from wherry_ehr.auth.rows import hand_out, in_turn, prune, seconds, use_up
from wherry_ehr.auth.tokens import FoundCode, Tokens
from wherry_ehr.deps import deps

SESSION_LIFE = timedelta(hours=12)
LAUNCH_LIFE = timedelta(minutes=5)
ASKED_LIFE = timedelta(minutes=10)

_LAUNCH, _CODE, _ASKED = "launch", "code", "asked"

_T = TypeVar("_T")


def vault() -> "Vault":
    """The authorization server's tables in the store of the app that is answering."""
    return Vault(deps().store.engine)


class Vault(Tokens):
    """The tables of `wherry_ehr.auth.tables`."""

    def begin(self, practitioner: str, now: datetime) -> str:
        """Sign a clinician in; returns the session's secret."""
        secret = secrets.token_urlsafe(32)
        with writing(self._engine) as connection:
            prune(connection, tables.session, seconds(now))
            connection.execute(
                insert(tables.session).values(
                    hash=hashed(secret),
                    practitioner=practitioner,
                    ends_at=seconds(now + SESSION_LIFE),
                )
            )
        return secret

    def session(self, hash_: str, now: datetime) -> Session | None:
        """The session of this hash, while it lasts."""
        held = tables.session.c
        asked = select(held.practitioner).where(held.hash == hash_, held.ends_at > seconds(now))
        with reading(self._engine) as connection:
            practitioner = connection.execute(asked).scalar_one_or_none()
        return None if practitioner is None else Session(hash_, practitioner)

    def end(self, session: Session) -> None:
        """Sign out: nothing that came out of this session works any more, save offline access.

        Source: SMART 2.2, R100, R101.
        """
        with writing(self._engine) as connection:
            connection.execute(delete(tables.session).where(tables.session.c.hash == session.hash))
            for table, ended in ((tables.token, "revoked"), (tables.family, "ended")):
                connection.execute(
                    update(table).where(table.c.session == session.hash).values({ended: True})
                )

    def launch(self, launch: Launch, session: Session, now: datetime) -> str:
        """A handle for this launch; it works once, in this session."""
        with writing(self._engine) as connection:
            prune(connection, tables.ticket, seconds(now))
            ends_at = seconds(now + LAUNCH_LIFE)
            return hand_out(connection, _LAUNCH, launch, session.hash, ends_at)

    def launched(self, handle: str, session: Session, now: datetime) -> Launch | None:
        """The launch of this handle, unless it was used, has ended or is of another session."""
        return self._ticket(handle, _LAUNCH, now, Launch, session=session.hash)

    def ask(self, asked: Asked, now: datetime) -> str:
        """A name for this request while somebody chooses; whoever answers it is signed in."""
        with writing(self._engine) as connection:
            prune(connection, tables.ticket, seconds(now))
            return hand_out(connection, _ASKED, asked, "", seconds(now + ASKED_LIFE))

    def asked(self, name: str, now: datetime) -> Asked | None:
        """The request of this name, unless it was answered or has ended."""
        return self._ticket(name, _ASKED, now, Asked, session="")

    def trade(
        self, secret: str, code: Code, session: Session, now: datetime, life: timedelta
    ) -> str | None:
        """The code for this handle or request, which is used up; None when somebody was faster."""
        with writing(self._engine) as connection:
            if not use_up(connection, hashed(secret)):
                return None
            return hand_out(connection, _CODE, code, session.hash, seconds(now + life))

    def drop(self, secret: str) -> bool:
        """Use a request up without a code: it was refused. False when it was answered before."""
        with writing(self._engine) as connection:
            return use_up(connection, hashed(secret))

    def code(self, secret: str, now: datetime) -> FoundCode | None:
        """What is known of this code."""
        held = tables.ticket.c
        asked = select(held.session, held.used, held.ends_at, held.body).where(
            held.hash == hashed(secret), held.kind == _CODE
        )
        with reading(self._engine) as connection:
            row = connection.execute(asked).one_or_none()
        if row is None:
            return None
        code = msgspec.json.decode(row.body, type=Code)
        ended = row.ends_at <= seconds(now)
        return FoundCode(code, hashed(secret), row.session, row.used, ended)

    def take_assertion(self, client_id: str, jti: str, ends_at: int, now: datetime) -> bool:
        """Note this assertion; False when it was taken before. Source: SMART 2.2, R336."""
        held = tables.assertion.c
        row = {"client_id": client_id, "jti_hash": hashed(jti)}
        known = select(held.ends_at).where(
            held.client_id == client_id, held.jti_hash == row["jti_hash"]
        )
        with writing(self._engine) as connection:
            connection.execute(delete(tables.assertion).where(held.ends_at < seconds(now)))
            in_turn(connection)
            if connection.execute(known).first() is not None:
                return False
            connection.execute(insert(tables.assertion).values(**row, ends_at=ends_at))
            return True

    def key(self, fresh: str) -> str:
        """The private JWK that signs id_tokens; `fresh` becomes it when there is none yet."""
        asked = select(tables.key.c.jwk)
        with writing(self._engine) as connection:
            in_turn(connection)
            found = connection.execute(asked).scalar_one_or_none()
            if found is None:
                connection.execute(insert(tables.key).values(id=1, jwk=fresh))
            return found or fresh

    def known_key(self) -> str:
        """The private JWK if there is one, else an empty text."""
        with reading(self._engine) as connection:
            return connection.execute(select(tables.key.c.jwk)).scalar_one_or_none() or ""

    def _ticket(
        self, secret: str, kind: str, now: datetime, type_: type[_T], *, session: str
    ) -> _T | None:
        held = tables.ticket.c
        asked = select(held.body).where(
            held.hash == hashed(secret),
            held.kind == kind,
            held.session == session,
            held.used.is_(False),
            held.ends_at > seconds(now),
        )
        with reading(self._engine) as connection:
            body = connection.execute(asked).scalar_one_or_none()
        return None if body is None else msgspec.json.decode(body, type=type_)
