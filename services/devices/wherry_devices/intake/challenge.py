"""A vendor's test of our address becomes a verdict: it wants to see that strangers are refused."""

from wherry.codec import decode
from wherry.errors import Failure
from wherry_devices.intake.signature import GOOD, WRONG, Headers, Scheme, authorized

_ASKED = {"type": "verification"}
_LONGEST = 1024


def challenged(scheme: Scheme | None, headers: Headers, body: bytes) -> str | None:
    """None for any other request; else GOOD, MISSING or WRONG by the Authorization header.

    A test is not signed and carries nothing. Without a value to compare with, none is passed.
    Source: developers.google.com/health, REST v4, projects.subscribers.create.
    """
    if scheme is None or scheme.style != "tink" or len(body) > _LONGEST or not _is_test(body):
        return None
    found = authorized(scheme, headers)
    return WRONG if found == GOOD and not scheme.authorization else found


def _is_test(body: bytes) -> bool:
    try:
        return bool(decode(body) == _ASKED)
    except Failure:
        return False
