"""A secret in a path and the address it came from become whether an unsigned vendor is let in."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from wherry.networks import Network, lets_in

GOOD = "good"
WRONG, ELSEWHERE, NONE = "wrong", "elsewhere", "none"

LETTERS = r"^[A-Za-z0-9_-]{22,128}$"
"""What a secret in a path is made of: at least 128 bits, and no letter that a URL escapes."""


@dataclass(frozen=True, slots=True)
class Door:
    """The SHA-256 of one or two secrets, and the networks that a vendor sends from; none: all."""

    hashes: tuple[bytes, ...] = field(repr=False)
    allow: tuple[Network, ...] = ()


_SHUT = Door((sha256(b"").digest(),))


def door(secrets: Sequence[str], allow: tuple[Network, ...] = ()) -> Door:
    """A door that any of these secrets opens."""
    return Door(tuple(digest(one) for one in secrets), allow)


def digest(secret: str) -> bytes:
    """What is kept and compared of a secret."""
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()


def knock(doors: Mapping[str, Door], name: str, secret: str, address: str) -> str:
    """GOOD, or why nobody is let in: NONE (no such door), WRONG or ELSEWHERE.

    A door that is not there takes as long as one that is.
    """
    found = doors.get(name, _SHUT)
    given = digest(secret)
    right = True in [hmac.compare_digest(one, given) for one in found.hashes]
    if name not in doors:
        return NONE
    if not right:
        return WRONG
    return GOOD if lets_in(found.allow, address) else ELSEWHERE


def sender(peer: str, forwarded: str, proxies: tuple[Network, ...]) -> str:
    """The address that a request came from: the peer's, unless that is one of our own proxies.

    Then it is the last address of X-Forwarded-For that is not one of them too; whatever stands
    before it, anybody may have written.
    """
    chain = [*(one.strip() for one in forwarded.split(",") if one.strip()), peer]
    while len(chain) > 1 and proxies and lets_in(proxies, chain[-1]):
        chain.pop()
    return chain[-1]
