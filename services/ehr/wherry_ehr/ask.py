"""What every interaction is asked and answers, whether by HTTP or inside a Bundle."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from wherry_ehr.write.told import NOTHING, Told

if TYPE_CHECKING:
    from wherry_ehr.interactions.allowed import Limits


@dataclass(frozen=True, slots=True)
class Ask:
    """One request; `base` is this server's address as the caller sees it.

    `name` is the interaction's in `interactions/table.py`. `limits` are what the caller is held to;
    None for the suite's own parts.
    """

    name: str = ""
    type: str = ""
    id: str = ""
    vid: str = ""
    params: tuple[tuple[str, str], ...] = ()
    told: Told = field(default=NOTHING, repr=False)
    text: bytes = field(default=b"", repr=False)
    if_match: str = ""
    if_none_match: str = ""
    if_modified_since: str = ""
    if_none_exist: str = ""
    prefer: frozenset[str] = frozenset()
    base: str = ""
    limits: "Limits | None" = None


class Version(NamedTuple):
    """One version of one resource; `updated` are microseconds since 1970."""

    type: str
    id: str
    vid: int
    updated: int

    @property
    def etag(self) -> str:
        """Source: FHIR R4 http, 3.1.0.1.7 (weak, the version id)."""
        return f'W/"{self.vid}"'

    @property
    def location(self) -> str:
        """Relative address of this very version."""
        return f"{self.type}/{self.id}/_history/{self.vid}"

    @property
    def instant(self) -> str:
        """`meta.lastUpdated` of this version."""
        return instant(self.updated)

    @property
    def last_modified(self) -> str:
        """The Last-Modified header."""
        whole = datetime.fromtimestamp(self.updated // 1_000_000, UTC)
        return format_datetime(whole, usegmt=True)


class Answer(NamedTuple):
    """One answer; `body` is JSON text, kept as it was stored."""

    status: int
    body: str = ""
    version: Version | None = None


@lru_cache(1024)
def instant(updated: int) -> str:
    """Microseconds since 1970 as a FHIR instant in UTC, to the millisecond."""
    whole = datetime.fromtimestamp(updated // 1_000_000, UTC)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{updated // 1000 % 1000:03d}Z"
