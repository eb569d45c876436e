"""Patients' accounts at vendors' clouds, with consent and tokens: the ports of the connections."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from wherry_devices.freshness.standings import Standing
from wherry_devices.mapping.binding import Binding
from wherry_devices.vendors.protocol import Trouble


class Access(StrEnum):
    """Whether a vendor lets us fetch."""

    ACTIVE = "active"
    REFUSED = "refused"  # by the vendor: the person has to consent again
    REVOKED = "revoked"  # by us: the tokens are erased


@dataclass(frozen=True, slots=True)
class Connection:
    """One account and the patient for whom it was consented; `key` is the account's opaque key.

    `trouble` is why the last fetch gave nothing, empty when it did; `failures` are in a row.
    """

    id: str
    source: str
    key: str
    patient: str
    verified_by: str
    access: Access
    scopes: str
    connected_at: datetime
    next_at: datetime
    fetched_at: datetime | None = None
    failures: int = 0
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What opens the account; `number` grows with each renewal."""

    account: str = field(repr=False)
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime
    number: int = 0


@dataclass(frozen=True, slots=True)
class Lent:
    """A connection that is one fetcher's until its lease ends; `fence` says whose turn it is."""

    connection: Connection
    tokens: Tokens
    cursor: str
    fence: int


@dataclass(frozen=True, slots=True)
class Ended:
    """How a fetch ended: without trouble, or with which; what comes next and when.

    `again_s`: seconds until it is due again. `vendor_pause_s`: seconds for which the vendor wants
    to hear nothing of any connection.
    """

    trouble: Trouble | None
    again_s: float
    vendor_pause_s: float = 0.0

    @property
    def outcome(self) -> str:
        """As a label of metrics."""
        return self.trouble.value if self.trouble else "ok"


@dataclass(frozen=True, slots=True)
class Consented:
    """What a person agreed to: their account at a source, for this patient, from `binding` on."""

    source: str
    patient: str
    verified_by: str
    tokens: Tokens
    scopes: str
    cursor: str
    binding: Binding


@dataclass(frozen=True, slots=True)
class Asked:
    """A consent that was asked for and not yet given; `verifier` as of RFC 7636."""

    source: str
    patient: str
    verified_by: str
    verifier: str = field(repr=False)


class Connections(Protocol):
    """Which accounts are connected, as the people see it who connect and end them."""

    def connect(self, consented: Consented) -> Connection:
        """Keep the tokens, sealed, and bind the account to the patient, in one commit.

        An account has one connection: consented again, it is active again, and goes on where it
        stood if it is the same patient's.
        Raises: Failure(CONFLICT) when the account is somebody else's; then nothing is kept.
        """
        ...

    def search(self, *, patient: str = "", id_: str = "") -> list[Connection]:
        """Connections by patient or id, those ended too, the oldest first; at most 1000."""
        ...

    def end(self, id_: str, *, who: str) -> Tokens:
        """Erase the tokens and end the binding now, in one commit; returns what the tokens were.

        They are empty when they could not be opened any more.
        Raises: Failure: NOT_FOUND, or GONE when it was ended before.
        """
        ...

    def nudge(self, keys: Sequence[str], *, in_doubt: bool = False) -> int:
        """Make the active connections of these accounts due; returns how many there are.

        One that is fetched just now is due again after it, one that failed when its pause is over,
        unless the consent is `in_doubt`: then it is due at once.
        """
        ...

    def standing(self, keys: Sequence[str]) -> Mapping[str, Standing]:
        """How the connections of these account keys stand; those without one are left out."""
        ...


class Fetches(Protocol):
    """The same connections as fetchers see them, each lent to one at a time."""

    def claim(
        self, sources: Sequence[str], *, owner: str, lease_s: float, only: str = ""
    ) -> Lent | None:
        """Lend the connection of these sources that is due for longest; None when none is.

        Vendors who are away or want to be left alone are passed over, but for one connection once
        their pause is over. With `only` that connection, due or not, refused or not.
        """
        ...

    def extend(self, lent: Lent, *, lease_s: float) -> bool:
        """Renew the lease; False when it was taken over or the connection was ended."""
        ...

    def renewed(self, lent: Lent, tokens: Tokens) -> bool:
        """Keep new tokens, numbered one higher; on True they survive a power cut.

        False, and nothing kept, when the old ones are not those that were lent.
        """
        ...

    def advance(self, lent: Lent, cursor: str) -> bool:
        """Go on from here from now on; False when it is not ours any more."""
        ...

    def settle(self, lent: Lent, ended: Ended) -> bool:
        """Give the connection back; a refused one is not due again. False when it is not ours."""
        ...


class Consents(Protocol):
    """Consents that were asked for, by the digest of their state; each works once."""

    def begin(self, digest: str, asked: Asked, *, life_s: float) -> None:
        """Remember it for so many seconds."""
        ...

    def take(self, digest: str) -> Asked | None:
        """What was asked under this state, once; None when it is not known, used or too old."""
        ...


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts by (source, access) and by (source, outcome of a fetch); by source the rest.

    `overdue_s`: for how long the connection that waits longest has been due; `away`: vendors who
    do not answer.
    """

    connections: Mapping[tuple[str, str], int]
    fetches: Mapping[tuple[str, str], int]
    overdue_s: Mapping[str, float]
    away: Mapping[str, bool]


class FetchFigures(Protocol):
    """What metrics tell of connections and fetches."""

    def figures(self) -> Figures:
        """As they are now. Raises: Failure(UNAVAILABLE)."""
        ...
