"""A registration is tried as the service would use it: every rule, told one by one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from wherry.errors import Failure, Kind
from wherry_cds.clients.client import Client
from wherry_cds.clients.gate import endpoints
from wherry_cds.clients.keyset import addresses, key_set
from wherry_cds.clients.keysets import Documents, Fetch
from wherry_cds.clients.token import seen
from wherry_cds.clients.verify import Verifier


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one rule."""

    rule: str
    text: str
    good: bool


class _NotKept:
    """A store that takes every token and remembers none: trying uses nothing up."""

    def first(self, iss: str, jti: str, *, life_s: int) -> bool:
        return True

    def ping(self) -> None:
        return


def named(clients: Sequence[Client], id_: str) -> Client:
    """The client of this id. Raises: Failure(NOT_FOUND)."""
    for client in clients:
        if client.id == id_:
            return client
    raise Failure(Kind.NOT_FOUND, "no such client is registered", at=id_)


def key_sets(client: Client, fetch: Fetch) -> Iterator[Finding]:
    """Each key set, fetched now; keys by hand need no fetch."""
    documents = Documents(fetch, lambda: 0.0, key_set)
    lists = Documents(fetch, lambda: 0.0, addresses)
    if client.jwks is not None:
        yield Finding("keys", "given by hand", good=True)
    for jku in sorted(client.jku):
        address = client.mirrors.get(jku, jku)
        yield _tried(documents, address, loopback=client.profile.loopback_keys)
    if client.profile.jku_list_url:
        yield _tried(lists, client.profile.jku_list_url, loopback=False)


def token(
    text: str,
    client: Client,
    clients: Sequence[Client],
    *,
    fetch: Fetch,
    bases: Sequence[str],
    endpoint: str,
    ticks: Callable[[], float],
    now_s: float,
) -> list[Finding]:
    """Whether this token would be taken at the endpoint, and if not, by which rule."""
    verifier = Verifier(
        sets=Documents(fetch, ticks, key_set),
        lists=Documents(fetch, ticks, addresses),
        replays=_NotKept(),
        now_s=lambda: now_s,
    )
    try:
        accepted = endpoints(bases, _path(text, endpoint))
        proved = verifier.verify(text, clients, accepted)
    except Failure as failure:
        return [Finding(failure.at, failure.detail, good=False)]
    if proved.id != client.id:
        return [Finding("issuer", f"the token is good, but it is one of {proved.id}", good=False)]
    return [Finding("token", "every rule is kept", good=True)]


def _path(text: str, endpoint: str) -> str:
    """The path under which the endpoint is called; without one, the token's own aud is asked."""
    aud = seen(text).claims.get("aud")
    given = endpoint or (aud if isinstance(aud, str) else "")
    path = urlsplit(given).path
    return path[path.find("/cds-services") :] if "/cds-services" in path else path


def _tried(documents: Documents, address: str, *, loopback: bool) -> Finding:
    try:
        documents.get(address, loopback=loopback)
    except Failure as failure:
        return Finding("keys", f"{address}: {failure.detail}", good=False)
    return Finding("keys", address, good=True)
