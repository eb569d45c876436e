"""An address becomes its origin, and the answer to whether it is safe to use at all."""

from ipaddress import ip_address
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}


def origin(address: str) -> str:
    """Scheme, host and port; empty for what has no such, or hides a user name in it."""
    try:
        parts = urlsplit(address)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return ""
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    shown = "" if port == _PORTS[parts.scheme] else f":{port}"
    return f"{parts.scheme}://{host}{shown}"


def is_loopback(host: str) -> bool:
    """Whether this host name or address is this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_safe(address: str) -> bool:
    """Whether it is encrypted, or stays on this machine, and can stand in a header or a page.

    Source: SMART App Launch 2.2, app protection: transport must be encrypted.
    """
    parts = urlsplit(address)
    encrypted = parts.scheme == "https" or is_loopback(parts.hostname or "")
    printable = all("!" <= letter <= "~" and letter not in '\\"<>' for letter in address)
    return encrypted and printable and not parts.fragment
