"""CDS services that the sandbox may call: the suite's own, and those that a tester adds."""

import re
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import Engine, delete, insert, select

from wherry.adapters.sql import reading, writing
from wherry.errors import Failure, Kind
from wherry_ehr.auth.rows import in_turn
from wherry_ehr.chart import tables

MOST = 20
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_PLAIN = re.compile(r"https?://[^\s?#@\\\"'<>*;,]+")


class CdsServer(NamedTuple):
    """One server with its catalogue of services; `url` is what `/cds-services` is put behind.

    `id` is the client id that its tokens are made for.
    """

    id: str
    name: str
    url: str


class CdsServers:
    """Registrations in the store, beside those that the sandbox was started with.

    `allowed` are origins that may be called besides loopback addresses.
    """

    def __init__(
        self, engine: Engine, fixed: tuple[CdsServer, ...] = (), allowed: tuple[str, ...] = ()
    ) -> None:
        self._engine = engine
        self._fixed = fixed
        self._allowed = allowed

    def all(self) -> tuple[CdsServer, ...]:
        """Every server; one that may not be called any more is left out."""
        held = tables.cds_server.c
        asked = select(held.id, held.name, held.url).order_by(held.id).limit(MOST)
        with reading(self._engine) as connection:
            rows = connection.execute(asked).all()
        added = [CdsServer(row.id, row.name, row.url) for row in rows]
        return (*self._fixed, *(one for one in added if not problems(one, self._allowed)))

    def one(self, id_: str) -> CdsServer | None:
        """The server of this id."""
        return next((each for each in self.all() if each.id == id_), None)

    def is_fixed(self, id_: str) -> bool:
        """Whether the sandbox was started with it, so that it cannot be removed."""
        return any(each.id == id_ for each in self._fixed)

    def add(self, server: CdsServer) -> None:
        """Keep a registration. Raises: Failure(INVALID, CONFLICT)."""
        if found := problems(server, self._allowed):
            at, text = next(iter(found.items()))
            raise Failure(Kind.INVALID, text, at=at)
        held = tables.cds_server.c
        with writing(self._engine) as connection:
            in_turn(connection)
            known = connection.execute(select(held.id)).scalars().all()
            if self.is_fixed(server.id) or server.id in known:
                raise Failure(Kind.CONFLICT, "a service of this id is registered already", at="id")
            if len(known) >= MOST:
                raise Failure(Kind.CONFLICT, f"no more than {MOST} services are kept", at="id")
            connection.execute(
                insert(tables.cds_server).values(id=server.id, name=server.name, url=server.url)
            )

    def remove(self, id_: str) -> bool:
        """Forget a registration that was added; False when there is none."""
        with writing(self._engine) as connection:
            gone = connection.execute(
                delete(tables.cds_server).where(tables.cds_server.c.id == id_)
            )
        return bool(gone.rowcount)


def problems(server: CdsServer, allowed: tuple[str, ...]) -> dict[str, str]:
    """What is wrong, by field. An address is one of this machine, or of an origin on the list."""
    found = {}
    if not _ID.fullmatch(server.id):
        found["id"] = "1 to 64 letters, digits, dots, hyphens or underscores"
    if not 0 < len(server.name.strip()) <= 100:
        found["name"] = "a name of at most 100 characters is needed"
    if text := address_problem(server.url, allowed):
        found["url"] = text
    return found


def address_problem(url: str, allowed: tuple[str, ...]) -> str:
    """Why this address is not called, or an empty text."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "this is no address"
    if not _PLAIN.fullmatch(url) or not host:
        return "an absolute http or https address is needed, without query, user or fragment"
    if is_loopback(host):
        return ""
    if parts.scheme != "https":
        return "https is needed, unless the address is a loopback address such as 127.0.0.1"
    if f"{parts.scheme}://{parts.netloc}" in allowed:
        return ""
    return "neither a loopback address nor an origin in WHERRY_EHR_CDS_ALLOWED"


def is_loopback(host: str) -> bool:
    """Whether this host is this machine, whatever names resolve to."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
