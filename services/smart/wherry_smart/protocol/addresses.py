"""The allow-list: which EHR may launch, and which addresses may be fetched on its behalf."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from wherry.errors import Failure, Kind

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class AllowList:
    """EHRs by their FHIR base address, and origins that their endpoints may have besides."""

    issuers: tuple[str, ...]
    auth_origins: frozenset[str] = frozenset()

    def base(self, iss: str) -> str:
        """The FHIR base address that `iss` names; the one liberty is a slash at its end.

        Raises: Failure(FORBIDDEN). The address is not repeated: a stranger wrote it.
        """
        for issuer in self.issuers:
            if iss.removesuffix("/") == issuer.removesuffix("/"):
                return issuer.removesuffix("/")
        raise Failure(Kind.FORBIDDEN, "this EHR is not one that may open the app", at="iss")

    def check(self, address: str, *, base: str, at: str) -> str:
        """The address, if it may be fetched or redirected to for this EHR.

        Raises: Failure(FORBIDDEN) when it is elsewhere or not safe to use.
        """
        found = origin(address)
        if found and (found == origin(base) or found in self.auth_origins) and _is_safe(address):
            return address
        raise Failure(Kind.FORBIDDEN, "the EHR names an address that is not on its list", at=at)


def allow_list(issuers: Iterable[str], auth_origins: Iterable[str]) -> AllowList:
    """The allow-list of the settings. Raises: Failure(INVALID) when an entry cannot be right."""
    listed = AllowList(tuple(issuers), frozenset(map(origin, auth_origins)))
    for issuer in listed.issuers:
        parts = urlsplit(issuer)
        if not (origin(issuer) and _is_safe(issuer)) or parts.query:
            raise Failure(Kind.INVALID, "an issuer is https, or http on loopback", at="issuers")
    if "" in listed.auth_origins:
        raise Failure(Kind.INVALID, "an origin is like https://host", at="auth_origins")
    return listed


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


def _is_safe(address: str) -> bool:
    """Source: SMART App Launch 2.2, app protection: transport must be encrypted."""
    parts = urlsplit(address)
    encrypted = parts.scheme == "https" or is_loopback(parts.hostname or "")
    printable = all("!" <= letter <= "~" and letter not in '\\"<>' for letter in address)
    return encrypted and printable and not parts.fragment
