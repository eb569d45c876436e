"""The address that a request came from: does it count as this machine?"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
Networks = tuple[Network, ...]

# RFC 1918, 1122 (loopback), 3927 and 4193, 4291: networks that no stranger has an address in
_PRIVATE: Networks = tuple(
    ip_network(text)
    for text in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16"),
        *("fc00::/7", "fe80::/10", "::1/128"),
    )
)


def is_near(peer: str | None, trusted: Networks = ()) -> bool:
    """Whether this peer is a loopback address, or in a network that the operator trusts.

    The peer is the socket's other end; headers such as X-Forwarded-For are never asked.
    """
    try:
        address = _plain(ip_address(peer or ""))
    except ValueError:
        return False
    return address.is_loopback or any(address in network for network in trusted)


def read_networks(text: str) -> Networks:
    """Networks in CIDR notation, separated by spaces or commas.

    Raises: ValueError, saying which one is wrong and why.
    """
    return tuple(_network(word) for word in text.replace(",", " ").split())


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """An IPv4 peer of a socket that speaks both is told as ::ffff:a.b.c.d."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _network(word: str) -> Network:
    try:
        network = ip_network(word)
    except ValueError as error:
        raise ValueError(
            f"{word!r} is no network such as 172.30.87.0/24 or fd00:87::/64: {error}"
        ) from error
    if isinstance(network.network_address, IPv6Address) and network.network_address.ipv4_mapped:
        raise ValueError(f"{word!r} is an IPv4 network: write it as one")
    if not any(_is_within(network, private) for private in _PRIVATE):
        raise ValueError(f"{word!r} is not within a private network: strangers would be trusted")
    return network


def _is_within(network: Network, private: Network) -> bool:
    # the types say that versions cannot be mixed
    if isinstance(network, IPv4Network):
        return isinstance(private, IPv4Network) and network.subnet_of(private)
    return isinstance(private, IPv6Network) and network.subnet_of(private)
