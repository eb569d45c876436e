"""Which FHIR server may be asked, and which next links belong to it."""

from collections.abc import Iterable
from urllib.parse import urljoin, urlsplit

_PORTS = {"http": 80, "https": 443}


def same_server(one: str, other: str) -> bool:
    """Whether two base addresses are the same server: origin and path, not spelling."""
    return bool(one) and _origin(one) == _origin(other) != () and _path(one) == _path(other)


def allowed(server: str, servers: Iterable[str]) -> bool:
    """Whether this address is one of those that a person has listed."""
    return any(same_server(server, each) for each in servers)


def next_page(link: str, base: str) -> str:
    """The absolute address of a next link on the same origin as `base`, or an empty text.

    Source: CDS Hooks 2.0, Prefetch Template, paging; a token never leaves its own server.
    """
    if not link or not base:
        return ""
    address = urljoin(base.rstrip("/") + "/", link)
    return address if _origin(address) == _origin(base) != () else ""


def _origin(address: str) -> tuple[str, str, int] | tuple[()]:
    """Scheme, host and port; nothing for an address with credentials in it or a broken one."""
    try:
        url = urlsplit(address)
        port = url.port
    except ValueError:
        return ()
    if url.scheme not in _PORTS or not url.hostname or "@" in url.netloc:
        return ()
    return (url.scheme, url.hostname.rstrip("."), port or _PORTS[url.scheme])


def _path(address: str) -> tuple[str, str]:
    url = urlsplit(address)
    return url.path.rstrip("/"), url.query
