"""One EHR that may call, as it was registered."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wherry_cds.clients.keyset import KeySet
from wherry_cds.clients.profile import PROFILES, Profile


@dataclass(frozen=True, slots=True)
class Client:
    """Who calls, and for which tenant of ours.

    `claims` are the values of the token's `tenant` claim that this client may name; empty lets the
    claim be absent or anything. `jku` are the addresses of its key sets, compared as text; `jwks`
    are keys that were given by hand. `mirrors` are addresses to fetch a key set from in place of
    its `jku`. `aud_aliases` are values of `aud` beside our own addresses. `hooks` empty means all.
    `fhir_servers` are the servers that its calls may be read from; empty means those of the
    settings. `cds_version` is 2.0 or 3.0.
    """

    id: str
    tenant: str
    iss: str
    profile: Profile
    claims: frozenset[str] = frozenset()
    sub: str = ""
    jku: frozenset[str] = frozenset()
    jwks: KeySet | None = field(default=None, repr=False, compare=False)
    mirrors: Mapping[str, str] = field(default_factory=dict)
    aud_aliases: frozenset[str] = frozenset()
    algs: frozenset[str] = frozenset()
    hooks: frozenset[str] = frozenset()
    fhir_servers: tuple[str, ...] = ()
    cds_version: str = "2.0"
    enabled: bool = True

    @property
    def allowed_algs(self) -> frozenset[str]:
        """Its own algorithms, else those of its profile."""
        return self.algs or self.profile.algs


LOCAL = Client("local", "local", "", PROFILES["sandbox"])
"""Who calls while no client is registered: a program on this machine, or of this suite."""
