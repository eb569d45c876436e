"""Calls that a chart made, kept as they were sent for the developer panel, secrets masked."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Engine, Select, delete, insert, select

from wherry.adapters.sql import reading, writing
from wherry_ehr.chart import tables
from wherry_ehr.deps import deps

KEPT = timedelta(hours=12)
MOST = 60
MASK = "[masked]"

HOOK, DISCOVERY, FEEDBACK, LAUNCH, TAKEN = "hook", "discovery", "feedback", "launch", "action"


class Exchange(msgspec.Struct, frozen=True):
    """One request and its answer. `status` 0 is no answer, with the reason in `failure`.

    `occasion` is what all calls of one event share; `about` is the card that feedback is about.
    Units: `ms` are milliseconds.
    """

    id: str
    occasion: str
    at: int
    kind: str
    patient: str
    method: str
    url: str
    server: str = ""
    service: str = ""
    title: str = ""
    hook: str = ""
    headers: dict[str, str] = {}
    request: str = ""
    status: int = 0
    answer: str = ""
    failure: str = ""
    ms: int = 0
    about: str = ""


class Exchanges:
    """Those of one clinician's session: nobody else sees them."""

    def __init__(self, engine: Engine, session: str) -> None:
        self._engine = engine
        self._session = session

    def keep(self, made: Sequence[Exchange], now: datetime) -> None:
        """Note these, and forget the old ones."""
        if not made:
            return
        held = tables.exchange.c
        with writing(self._engine, durable=False) as connection:
            connection.execute(
                insert(tables.exchange),
                [
                    {
                        "id": one.id,
                        "occasion": one.occasion,
                        "session": self._session,
                        "at": one.at,
                        "kind": one.kind,
                        "patient": one.patient,
                        "body": msgspec.json.encode(one).decode(),
                    }
                    for one in made
                ],
            )
            newest = (
                select(held.id)
                .where(held.session == self._session)
                .order_by(held.at.desc())
                .limit(MOST)
            )
            kept = connection.execute(newest).scalars().all()
            connection.execute(
                delete(tables.exchange).where(held.session == self._session, held.id.not_in(kept))
            )
            connection.execute(delete(tables.exchange).where(held.at < micros(now - KEPT)))

    def all(self) -> list[Exchange]:
        """The newest first."""
        held = tables.exchange.c
        return self._found(select(held.body).order_by(held.at.desc(), held.id))

    def one(self, id_: str) -> Exchange | None:
        """The one of this id."""
        found = self._found(select(tables.exchange.c.body).where(tables.exchange.c.id == id_))
        return found[0] if found else None

    def of(self, occasion: str) -> list[Exchange]:
        """All of one occasion, the oldest first."""
        held = tables.exchange.c
        return self._found(
            select(held.body).where(held.occasion == occasion).order_by(held.at, held.id)
        )

    def _found(self, asked: Select[tuple[str]]) -> list[Exchange]:
        with reading(self._engine) as connection:
            rows = connection.execute(asked.where(tables.exchange.c.session == self._session))
            return [msgspec.json.decode(row.body, type=Exchange) for row in rows]


def exchanges(session: str) -> Exchanges:
    """Those of this session, in the store of the app that is answering."""
    return Exchanges(deps().store.engine, session)


def masked(text: str, secrets: Sequence[str]) -> str:
    """The text without these secrets."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, MASK)
    return text


def micros(at: datetime) -> int:
    """Microseconds since 1970."""
    return int(at.timestamp() * 1_000_000)
