"""What the store hands out and takes in: a resource as found, and a version to be written.

Tuples: a transaction makes hundreds, and a frozen dataclass takes five times as long to make.
"""

from typing import NamedTuple

from wherry_ehr.ask import Version
from wherry_ehr.write.told import Told


class Found(NamedTuple):
    """The current state of one resource."""

    rid: int
    type: str
    id: str
    vid: int
    seq: int
    updated: int
    gone: bool
    digest: str
    body: str = ""

    @property
    def version(self) -> Version:
        """The version that this is."""
        return Version(self.type, self.id, self.vid, self.updated)


class Fresh(NamedTuple):
    """A version to be written: `found` is what it follows; without `told` it deletes."""

    version: Version
    digest: str = ""
    body: str = ""
    told: Told | None = None
    found: Found | None = None
