"""Sessions, launch handles, codes and tokens in SQL: secrets go out, only their hashes stay."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlalchemy.schema import Table

from wherry.adapters.sql import reading, writing
from wherry_ehr.auth import tables
from wherry_ehr.auth.records import Code, Grant, Launch, Session
from wherry_ehr.deps import deps

SESSION_LIFE = timedelta(hours=12)
LAUNCH_LIFE = timedelta(minutes=5)
CODE_LIFE = timedelta(seconds=60)
TOKEN_LIFE = timedelta(hours=1)

# How long what has ended is still known, so that its reuse is noticed
_KEPT_S = 86_400

_LAUNCH, _CODE = "launch", "code"


def hashed(secret: str) -> str:
    """What is kept of a secret; secrets are random and long, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def vault() -> "Vault":
    """The authorization server's tables in the store of the app that is answering."""
    return Vault(deps().store.engine)


@dataclass(frozen=True, slots=True)
class FoundCode:
    """A code as it stands; `session` is the chart session in which it was made."""

    code: Code
    hash: str
    session: str
    used: bool
    ended: bool


class Vault:
    """The tables of `wherry_ehr.auth.tables`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, practitioner: str, now: datetime) -> str:
        """Sign a clinician in; returns the session's secret."""
        secret = secrets.token_urlsafe(32)
        with writing(self._engine) as connection:
            _prune(connection, tables.session, _s(now))
            connection.execute(
                insert(tables.session).values(
                    hash=hashed(secret),
                    practitioner=practitioner,
                    ends_at=_s(now + SESSION_LIFE),
                )
            )
        return secret

    def session(self, hash_: str, now: datetime) -> Session | None:
        """The session of this hash, while it lasts."""
        held = tables.session.c
        asked = select(held.practitioner).where(held.hash == hash_, held.ends_at > _s(now))
        with reading(self._engine) as connection:
            practitioner = connection.execute(asked).scalar_one_or_none()
        return None if practitioner is None else Session(hash_, practitioner)

    def end(self, session: Session) -> None:
        """Sign out: nothing that came out of this session works any more."""
        held = tables.token.c
        with writing(self._engine) as connection:
            connection.execute(delete(tables.session).where(tables.session.c.hash == session.hash))
            connection.execute(
                update(tables.token).where(held.session == session.hash).values(revoked=True)
            )

    def launch(self, launch: Launch, session: Session, now: datetime) -> str:
        """A handle for this launch; it works once, in this session."""
        with writing(self._engine) as connection:
            _prune(connection, tables.ticket, _s(now))
            return _hand_out(connection, _LAUNCH, launch, session.hash, _s(now + LAUNCH_LIFE))

    def launched(self, handle: str, session: Session, now: datetime) -> Launch | None:
        """The launch of this handle, unless it was used, has ended or is of another session."""
        held = tables.ticket.c
        asked = select(held.body).where(
            held.hash == hashed(handle),
            held.kind == _LAUNCH,
            held.session == session.hash,
            held.used.is_(False),
            held.ends_at > _s(now),
        )
        with reading(self._engine) as connection:
            body = connection.execute(asked).scalar_one_or_none()
        return None if body is None else msgspec.json.decode(body, type=Launch)

    def trade_launch(self, handle: str, code: Code, session: Session, now: datetime) -> str | None:
        """The code for this handle, which is used up by it; None when somebody was faster."""
        with writing(self._engine) as connection:
            if not _use_up(connection, hashed(handle)):
                return None
            return _hand_out(connection, _CODE, code, session.hash, _s(now + CODE_LIFE))

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
        return FoundCode(code, hashed(secret), row.session, row.used, row.ends_at <= _s(now))

    def trade_code(self, found: FoundCode, grant: Grant, now: datetime) -> str | None:
        """The access token for this code, which is used up by it; None when it was used before."""
        with writing(self._engine) as connection:
            if not _use_up(connection, found.hash):
                return None
            _prune(connection, tables.token, _s(now))
            ends_at = _s(now + TOKEN_LIFE)
            return _token(
                connection, grant, code=found.hash, session=found.session, ends_at=ends_at
            )

    def revoke_descendants(self, found: FoundCode) -> None:
        """Every token that came from this code stops working. Source: RFC 6749, 4.1.2."""
        with writing(self._engine) as connection:
            held = tables.token.c
            connection.execute(
                update(tables.token).where(held.code == found.hash).values(revoked=True)
            )

    def lend(self, grant: Grant, session: Session, now: datetime, life: timedelta) -> str:
        """A token without a code, for a service that works for this session's clinician."""
        with writing(self._engine, durable=False) as connection:
            ends_at = _s(now + life)
            return _token(connection, grant, code="", session=session.hash, ends_at=ends_at)

    def grant(self, token: str, now: datetime) -> Grant | None:
        """What this token allows, while it lasts."""
        held = tables.token.c
        asked = select(held.body).where(
            held.hash == hashed(token), held.revoked.is_(False), held.ends_at > _s(now)
        )
        with reading(self._engine) as connection:
            body = connection.execute(asked).scalar_one_or_none()
        return None if body is None else msgspec.json.decode(body, type=Grant)

    def revoke(self, token: str) -> None:
        """This token stops working."""
        held = tables.token.c
        with writing(self._engine) as connection:
            connection.execute(
                update(tables.token).where(held.hash == hashed(token)).values(revoked=True)
            )

    def take_assertion(self, client_id: str, jti: str, ends_at: int, now: datetime) -> bool:
        """Note this assertion; False when it was taken before. Source: SMART 2.2, R336."""
        held = tables.assertion.c
        row = {"client_id": client_id, "jti_hash": hashed(jti)}
        known = select(held.ends_at).where(
            held.client_id == client_id, held.jti_hash == row["jti_hash"]
        )
        with writing(self._engine) as connection:
            connection.execute(delete(tables.assertion).where(held.ends_at < _s(now)))
            _in_turn(connection)
            if connection.execute(known).first() is not None:
                return False
            connection.execute(insert(tables.assertion).values(**row, ends_at=ends_at))
            return True

    def key(self, fresh: str) -> str:
        """The private JWK that signs id_tokens; `fresh` becomes it when there is none yet."""
        asked = select(tables.key.c.jwk)
        with writing(self._engine) as connection:
            _in_turn(connection)
            found = connection.execute(asked).scalar_one_or_none()
            if found is None:
                connection.execute(insert(tables.key).values(id=1, jwk=fresh))
            return found or fresh

    def known_key(self) -> str:
        """The private JWK if there is one, else an empty text."""
        with reading(self._engine) as connection:
            return connection.execute(select(tables.key.c.jwk)).scalar_one_or_none() or ""


def _hand_out(
    connection: Connection, kind: str, body: Launch | Code, session: str, ends_at: int
) -> str:
    secret = secrets.token_urlsafe(32)
    connection.execute(
        insert(tables.ticket).values(
            hash=hashed(secret),
            kind=kind,
            session=session,
            ends_at=ends_at,
            used=False,
            body=msgspec.json.encode(body).decode(),
        )
    )
    return secret


def _use_up(connection: Connection, hash_: str) -> bool:
    held = tables.ticket.c
    changed = connection.execute(
        update(tables.ticket).where(held.hash == hash_, held.used.is_(False)).values(used=True)
    )
    return changed.rowcount == 1


def _token(connection: Connection, grant: Grant, *, code: str, session: str, ends_at: int) -> str:
    secret = secrets.token_urlsafe(32)
    connection.execute(
        insert(tables.token).values(
            hash=hashed(secret),
            code=code,
            session=session,
            ends_at=ends_at,
            revoked=False,
            body=msgspec.json.encode(grant).decode(),
        )
    )
    return secret


def _prune(connection: Connection, table: Table, now_s: int) -> None:
    connection.execute(delete(table).where(table.c.ends_at < now_s - _KEPT_S))


def _in_turn(connection: Connection) -> None:
    """Two processes that look before they write must not look at the same time."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(8731003)")


def _s(moment: datetime) -> int:
    return int(moment.timestamp())
