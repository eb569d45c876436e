"""A bearer token and the endpoint it was sent to become the client that sent it: eight rules."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from wherry.errors import Failure, Kind
from wherry_cds.clients.client import Client
from wherry_cds.clients.keyset import KeySet
from wherry_cds.clients.keysets import Documents
from wherry_cds.clients.token import (
    Seen,
    check_audience,
    check_jti,
    check_signature,
    check_times,
    no,
    seen,
)


class Replays(Protocol):
    """Tokens that were taken, until they would have ended anyway."""

    def first(self, iss: str, jti: str, *, life_s: int) -> bool:
        """Whether this is the first token of that issuer and id. Raises: Failure(UNAVAILABLE)."""
        ...

    def ping(self) -> None:
        """Return when it can be asked. Raises: Failure(UNAVAILABLE)."""
        ...


@dataclass(frozen=True, slots=True)
class Verifier:
    """The eight rules in order; a failure's `at` is the rule.

    `sets` are key sets by address, `lists` the addresses that an EHR publishes as its own.
    """

    sets: Documents
    lists: Documents
    replays: Replays
    now_s: Callable[[], float]

    def verify(self, text: str, clients: Sequence[Client], accepted: Collection[str]) -> Client:
        """The client that sent this token to an endpoint known by the `accepted` addresses.

        Raises: Failure: UNAUTHENTICATED for a rule that is broken, FORBIDDEN for a client that is
        proved but not let in, UNAVAILABLE when keys or the store of tokens cannot be had.
        Source: CDS Hooks 2.0, Trusting CDS Clients.
        """
        token = seen(text)  # 1. form, algorithm, size
        client, fits = chosen(token, clients)  # 2. issuer and, before any fetch, its key set
        if token.alg not in client.allowed_algs:
            raise no("header", f"alg is not one of {', '.join(sorted(client.allowed_algs))}")
        check_audience(token.claims, {*accepted, *client.aud_aliases})  # 5.
        profile = client.profile
        ends_s = check_times(  # 6.
            token.claims,
            now_s=self.now_s(),
            leeway_s=profile.leeway_s,
            max_life_s=profile.max_life_s,
        )
        jti = check_jti(token.claims)
        keys = self._keys(token, client)  # 3.
        check_signature(token, keys.key(token.kid, token.alg))  # 4.
        life_s = max(1, int(ends_s + profile.leeway_s - self.now_s()) + 1)
        if not self.replays.first(token.iss, jti, life_s=life_s):  # 7.
            raise no("replay", "a token of this jti was taken before")
        if not fits:  # 8.
            raise Failure(Kind.FORBIDDEN, "this tenant or subject is not let in", at="tenant")
        if not client.enabled:
            raise Failure(Kind.FORBIDDEN, "this client is switched off", at="tenant")
        return client

    def _keys(self, token: Seen, client: Client) -> KeySet:
        """The key set of this client. Raises: Failure(UNAUTHENTICATED, UNAVAILABLE)."""
        jku = token.jku or (next(iter(client.jku)) if len(client.jku) == 1 else "")
        if not jku and client.jwks is not None:
            return client.jwks
        if not jku:
            raise no("issuer", "jku is needed: this client has several key sets, or none by hand")
        if jku not in client.jku and not self._listed(jku, client):
            raise no("issuer", "jku is not an address of this client's key sets")
        loopback = client.profile.loopback_keys
        found: KeySet = self.sets.get(
            client.mirrors.get(jku, jku), loopback=loopback, good=lambda held: held.has(token.kid)
        )
        return found

    def _listed(self, jku: str, client: Client) -> bool:
        address = client.profile.jku_list_url
        if not address or not jku.startswith("https://"):
            return False
        return bool(jku in self.lists.get(address, good=lambda listed: jku in listed))


def chosen(token: Seen, clients: Sequence[Client]) -> tuple[Client, bool]:
    """The client of this issuer, and whether tenant and subject are those of one of its clients.

    Raises: Failure(UNAUTHENTICATED) for an issuer that nobody has registered.
    """
    of_issuer = [one for one in clients if one.iss == token.iss]
    if not of_issuer:
        raise no("issuer", "no client of this iss is registered")
    fitting = [one for one in of_issuer if _fits(token, one)]
    return (fitting[0], True) if fitting else (of_issuer[0], False)


def _fits(token: Seen, client: Client) -> bool:
    if client.sub and token.text_of("sub") != client.sub:
        return False
    return not client.claims or token.text_of("tenant") in client.claims
