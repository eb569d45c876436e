"""Chart pages are for a browser on this machine, and for no page of another site in it."""

import re
from ipaddress import ip_address

from flask import Response, request

from wherry.errors import Failure, Kind

# The peer alone is not enough: a foreign site's name may be made to point at this machine
_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})

_PORT = re.compile(r":[0-9]+$")

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def check() -> None:
    """Refuse a peer or a Host that is not this machine. Raises: Failure(FORBIDDEN)."""
    near = _is_near(request.remote_addr or "")
    if not near or _PORT.sub("", request.host).lower() not in _NAMES:
        raise Failure(Kind.FORBIDDEN, "the chart is shown on this machine only")


def harden(response: Response) -> Response:
    """Nothing is kept, framed, sniffed or fetched from elsewhere."""
    response.headers.update(HEADERS)
    return response


def _is_near(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
