"""Documents over HTTP from addresses that an operator has listed, never from anywhere else."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

import urllib3
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from wherry.errors import Failure, Kind
from wherry.web.peers import Networks, is_near

MAX_BYTES = 64 * 1024
DEADLINE_S = 2.0
_CHUNK = 8 * 1024
_OK = 200

Resolve = Callable[[str, int], list[str]]


def resolve(host: str, port: int) -> list[str]:
    """The IP addresses of a host. Raises: OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[4][0]) for address in found]


@dataclass(frozen=True, slots=True)
class HttpFetch:
    """Keeps the `Fetch` port's contract: https, no redirects, two seconds, 64 KiB.

    The connection goes to the very address that was judged, so that a name cannot change its mind
    in between. `networks` are private networks that an operator trusts; there, http is enough.
    """

    networks: Networks = ()
    resolve: Resolve = resolve

    def get(self, address: str, *, loopback: bool) -> bytes:
        """The document at this address. Raises: Failure(UNAVAILABLE), saying why."""
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        with _safely():
            ip = self.address_of(parts.scheme, host, port, loopback=loopback)
            with _pool(parts.scheme, host, ip, port) as pool:
                target = parts.path or "/"
                return _read(
                    pool, f"{target}?{parts.query}" if parts.query else target, parts.netloc
                )

    def address_of(self, scheme: str, host: str, port: int, *, loopback: bool) -> str:
        """The one IP address to connect to, when every one of the host may be connected to.

        Raises: Failure(UNAVAILABLE), saying why; OSError for a host that is not known.
        """
        found = sorted(map(_plain, self.resolve(host, port)), key=lambda ip: ip.version)
        if not found:
            raise _away("the host has no address")
        for ip in found:
            trusted = loopback if ip.is_loopback else is_near(str(ip), self.networks)
            if not trusted and not ip.is_global:
                raise _away("the address is private, and no network of WHERRY_CDS_KEY_NETWORKS")
            if not trusted and scheme != "https":
                raise _away("keys come over https")
        return str(found[0])


def _plain(text: str) -> IPv4Address | IPv6Address:
    """An IPv4 address may come written as IPv6, and an IPv6 one with its zone."""
    ip = ip_address(text.partition("%")[0])
    return (ip.ipv4_mapped if isinstance(ip, IPv6Address) else None) or ip


@contextmanager
def _pool(scheme: str, host: str, ip: str, port: int) -> Iterator[urllib3.HTTPConnectionPool]:
    timeout = urllib3.Timeout(total=DEADLINE_S)
    if scheme == "https":
        pool: urllib3.HTTPConnectionPool = urllib3.HTTPSConnectionPool(
            ip,
            port,
            timeout=timeout,
            retries=False,
            ca_certs=DEFAULT_CA_BUNDLE_PATH,
            cert_reqs="CERT_REQUIRED",
            assert_hostname=host,
            server_hostname=host,
        )
    else:
        pool = urllib3.HTTPConnectionPool(ip, port, timeout=timeout, retries=False)
    try:
        yield pool
    finally:
        pool.close()


def _read(pool: urllib3.HTTPConnectionPool, target: str, host: str) -> bytes:
    ends = time.monotonic() + DEADLINE_S
    answer = pool.urlopen(
        "GET",
        target,
        headers={"Host": host, "Accept": "application/json"},
        redirect=False,
        preload_content=False,
    )
    try:
        if answer.status != _OK:
            raise _away(f"the server answered {answer.status}")
        body = bytearray()
        while chunk := answer.read1(_CHUNK, decode_content=True):
            body += chunk
            if len(body) > MAX_BYTES:
                raise _away(f"the document is larger than {MAX_BYTES} bytes")
            if time.monotonic() > ends:
                raise _away("the document came too slowly")
        return bytes(body)
    finally:
        answer.close()


@contextmanager
def _safely() -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, urllib3.exceptions.HTTPError):
        raise _away("the server did not answer") from None


def _away(reason: str) -> Failure:
    return Failure(Kind.UNAVAILABLE, f"the client's keys cannot be fetched: {reason}", at="keys")
