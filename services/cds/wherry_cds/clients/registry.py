"""Registered clients, from a file and from the database, as the gate asks for them."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import structlog
import yaml
from sqlalchemy import Engine, delete, insert, select

from wherry.adapters.sql import database_now, reading, writing
from wherry.codec import decode, encode
from wherry.errors import Failure, Kind
from wherry_cds.clients.client import Client
from wherry_cds.clients.registration import checked, read, read_all
from wherry_cds.tables import cds_client

log = structlog.get_logger()

REFRESH_S = 5.0
HELD_S = 60.0


class Clients(Protocol):
    """Who may call."""

    def all(self) -> Sequence[Client]:
        """Every registered client. Raises: Failure(UNAVAILABLE) when that is not known."""
        ...


def read_file(path: str) -> tuple[Client, ...]:
    """The clients of a YAML or JSON file; none without a path. Raises: Failure(INVALID)."""
    if not path:
        return ()
    try:
        values = yaml.safe_load(Path(path).read_text())
    except (OSError, UnicodeDecodeError):
        raise Failure(Kind.INVALID, "the file of clients cannot be read", at=path) from None
    except yaml.YAMLError as error:
        raise Failure(
            Kind.INVALID, f"the file of clients is no YAML: {_line(error)}", at=path
        ) from None
    return read_all(values)


def _line(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}" if mark else "it cannot be parsed"


class SqlClients:
    """Registrations as rows; the one table is `cds_client`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._read: dict[str, tuple[str, Client]] = {}

    def all(self) -> list[Client]:
        """Every client, by id; a row that did not change is not read again."""
        with reading(self.engine) as connection:
            asked = select(cds_client.c.id, cds_client.c.body).order_by(cds_client.c.id)
            rows = connection.execute(asked).all()
        before, self._read = self._read, {}
        for row in rows:
            held = before.get(row.id)
            try:
                same = held is not None and held[0] == row.body
                client = held[1] if held and same else read(decode(row.body))
            except Failure as failure:  # one registration of no use shuts nobody else out
                log.error("client_not_read", client=row.id, reason=failure.detail, at=failure.at)
                continue
            self._read[row.id] = (row.body, client)
        return [client for _, client in self._read.values()]

    def add(self, value: object, beside: Sequence[Client] = ()) -> Client:
        """Keep a registration. Raises: Failure(INVALID, CONFLICT)."""
        client = read(value)
        checked([*beside, *self.all(), client])
        with writing(self.engine) as connection:
            connection.execute(
                insert(cds_client).values(
                    id=client.id, body=encode(value).decode(), recorded_s=database_now()
                )
            )
        return client

    def remove(self, id_: str) -> bool:
        """Forget a registration; False when there is none of this id."""
        with writing(self.engine) as connection:
            gone = connection.execute(delete(cds_client).where(cds_client.c.id == id_))
        return bool(gone.rowcount)


def without_clashes(fixed: Sequence[Client], rows: Sequence[Client]) -> tuple[Client, ...]:
    """All of the file, and of the rows those that no token could be mistaken for another's."""
    found = tuple(fixed)
    for row in rows:
        try:
            found = checked([*found, row])
        except Failure as failure:
            log.error("client_left_out", client=row.id, reason=failure.detail)
    return found


class Registered:
    """Clients of the file and of the database together, read again every five seconds.

    While the database is away they are those of the last minute, and after that not known.
    """

    def __init__(self, fixed: Sequence[Client], rows: Clients, ticks: Callable[[], float]) -> None:
        self._fixed, self._rows, self._ticks = tuple(fixed), rows, ticks
        self._found: tuple[Client, ...] = ()
        self._read_s = self._tried_s = float("-inf")
        self._lock = threading.Lock()

    def all(self) -> Sequence[Client]:
        """Every registered client. Raises: Failure(UNAVAILABLE) when that is not known."""
        if self._ticks() - self._tried_s > REFRESH_S:
            with self._lock:
                if self._ticks() - self._tried_s > REFRESH_S:
                    self._refresh()
        if self._ticks() - self._read_s > HELD_S:
            raise Failure(Kind.UNAVAILABLE, "registered clients are not known", at="clients")
        return self._found

    def _refresh(self) -> None:
        try:
            self._found = without_clashes(self._fixed, self._rows.all())
            self._read_s = self._ticks()
        except Failure as failure:
            log.warning("clients_not_read", reason=failure.detail, at=failure.at)
        finally:
            self._tried_s = self._ticks()
