"""A list of networks becomes the answer to whether an address is let in."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from wherry.errors import Failure, Kind

Network = IPv4Network | IPv6Network


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks such as 10.1.0.0/16 or single addresses. Raises: Failure(INVALID)."""
    try:
        return tuple(ip_network(text.strip()) for text in texts if text.strip())
    except ValueError:
        detail = "not a network such as 10.1.0.0/16 (host bits must be zero)"
        raise Failure(Kind.INVALID, detail, at="allow") from None


def lets_in(allowed: tuple[Network, ...], host: str) -> bool:
    """Whether this address is in one of the networks; without any, everybody is let in."""
    if not allowed:
        return True
    try:
        address = _plain(ip_address(host.partition("%")[0]))
    except ValueError:
        return False
    return any(address in network for network in allowed if network.version == address.version)


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """IPv4 senders have IPv6 addresses at a listener that takes both."""
    return getattr(address, "ipv4_mapped", None) or address
