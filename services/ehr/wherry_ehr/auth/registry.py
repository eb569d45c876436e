"""Which apps are registered: the suite's own, those of a file, and those added to the store."""

from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from wherry.adapters.sql import reading, writing
from wherry.errors import Failure, Kind
from wherry_ehr.auth import tables
from wherry_ehr.auth.clients import Client, hashed, is_client_id, problem
from wherry_ehr.auth.rows import in_turn
from wherry_ehr.deps import deps


class Registered:
    """Registrations in the store, beside those that the sandbox was started with."""

    def __init__(self, engine: Engine, fixed: tuple[Client, ...] = ()) -> None:
        self._engine = engine
        self._fixed = fixed

    def all(self) -> tuple[Client, ...]:
        """Every registration. Raises: Failure(FAULT) for one that was changed behind our back."""
        held = tables.client.c
        asked = select(held.body, held.digest).order_by(held.client_id)
        with reading(self._engine) as connection:
            rows = connection.execute(asked).all()
        return (*self._fixed, *(_kept(row.body, row.digest) for row in rows))

    def one(self, client_id: str) -> Client | None:
        """The registration of this id."""
        for client in self._fixed:
            if client.client_id == client_id:
                return client
        if not is_client_id(client_id):
            return None
        held = tables.client.c
        asked = select(held.body, held.digest).where(held.client_id == client_id)
        with reading(self._engine) as connection:
            row = connection.execute(asked).one_or_none()
        return None if row is None else _kept(row.body, row.digest)

    def add(self, client: Client) -> None:
        """Keep a registration. Raises: Failure(INVALID, CONFLICT)."""
        if text := problem(client):
            raise Failure(Kind.INVALID, text, at="client")
        body = msgspec.json.encode(client).decode()
        held = tables.client.c
        with writing(self._engine) as connection:
            in_turn(connection)
            known = select(held.client_id).where(held.client_id == client.client_id)
            fixed = any(each.client_id == client.client_id for each in self._fixed)
            if fixed or connection.execute(known).first():
                raise Failure(Kind.CONFLICT, "this client_id is registered already", at="client_id")
            connection.execute(
                insert(tables.client).values(
                    client_id=client.client_id, body=body, digest=hashed(body)
                )
            )

    def remove(self, client_id: str) -> bool:
        """Forget a registration that was added; False when there is none."""
        if not is_client_id(client_id):
            return False
        held = tables.client.c
        with writing(self._engine) as connection:
            gone = connection.execute(delete(tables.client).where(held.client_id == client_id))
            if gone.rowcount:
                _end_tokens(connection, client_id)
        return bool(gone.rowcount)


def _end_tokens(connection: Connection, client_id: str) -> None:
    """What was given to a client that is gone ends with it."""
    of, held = tables.family.c, tables.token.c
    begins = f'{{"client_id":"{client_id}",'  # as a Grant is kept
    named = func.substr(held.body, 1, len(begins)) == begins
    connection.execute(update(tables.token).where(named).values(revoked=True))
    connection.execute(update(tables.family).where(of.client_id == client_id).values(ended=True))


def registered() -> Registered:
    """The registrations of the app that is answering."""
    return Registered(deps().store.engine, deps().clients)


def read_client(value: object) -> Client:
    """One registration out of JSON. Raises: Failure(INVALID) that names what is wrong."""
    try:
        client = msgspec.convert(value, type=Client)
    except msgspec.ValidationError as error:
        raise Failure(Kind.INVALID, f"cannot be used: {error}", at="client") from None
    if text := problem(client):
        raise Failure(Kind.INVALID, f"client {client.client_id}: {text}", at="client")
    return client


def read_clients(path: Path) -> tuple[Client, ...]:
    """The registrations in a JSON file: a list of objects with the fields of `Client`.

    Raises: Failure(INVALID) that names what is wrong.
    """
    try:
        values: Any = msgspec.json.decode(path.read_bytes(), type=list[Any])
        return tuple(read_client(value) for value in values)
    except (OSError, msgspec.MsgspecError) as error:
        raise Failure(Kind.INVALID, f"cannot be used: {error}", at=str(path)) from None
    except Failure as failure:
        raise Failure(failure.kind, failure.detail, at=str(path)) from None


def _kept(body: str, digest: str) -> Client:
    """A registration as it was kept. Source: SMART 2.2, R305 (protected from corruption)."""
    if hashed(body) != digest:
        raise Failure(Kind.FAULT, "a registration is not as it was kept", at="client")
    return msgspec.json.decode(body, type=Client)
