"""Pages for a person's browser: what it may load, and that its forms are ours."""

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Response, request

from wherry.errors import Failure, Kind
from wherry_devices.deps import deps

# Without a token the peer alone is asked for, and a stranger's name may be made to point at us
_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})
_PORT = re.compile(r":[0-9]+$")
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_FORM = "application/x-www-form-urlencoded"
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def check() -> None:
    """Refuse a name that is not this machine's while no token is set, and forms of other pages.

    Browsers say where a form comes from; programs say nothing, and bring the token by themselves.
    Raises: Failure(FORBIDDEN, UNSUPPORTED). Source: W3C Fetch Metadata, Sec-Fetch-Site.
    """
    if deps().token is None and _PORT.sub("", request.host).lower() not in _NAMES:
        raise Failure(Kind.FORBIDDEN, "this page is shown on this machine only")
    if request.method in _READS:
        return
    site, sender = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    ours = site == "same-origin" if site else sender in {None, request.host_url.rstrip("/")}
    if not ours:
        raise Failure(Kind.FORBIDDEN, "this form was sent by another page")
    if request.mimetype != _FORM:
        raise Failure(Kind.UNSUPPORTED, "send a form", at="Content-Type")


def harden(response: Response) -> Response:
    """Nothing is kept, framed, or loaded: the one style sheet is in the page itself."""
    response.headers.update(_HEADERS)
    digest = b64encode(sha256(css().encode()).digest()).decode()
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    )
    return response


@cache
def css() -> str:
    """The style sheet."""
    return (Path(__file__).parent / "pages" / "page.css").read_text(encoding="utf-8")
