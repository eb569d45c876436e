"""Chart pages are for a browser on this machine, and for no page of another site in it."""

import re
from typing import cast
from urllib.parse import urlsplit

from flask import Response, g, redirect, request

from wherry.errors import Failure, Kind
from wherry.web.peers import is_near
from wherry_ehr.auth.clients import Client, origin
from wherry_ehr.auth.registry import registered
from wherry_ehr.deps import deps
from wherry_ehr.here import here

# The peer alone is not enough: a foreign site's name may be made to point at this machine
_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})

_PORT = re.compile(r":[0-9]+$")

HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_READS = frozenset({"GET", "HEAD", "OPTIONS"})


def check() -> Response | None:
    """Refuse a peer that is neither this machine nor trusted, and a Host that is not this machine.

    Raises: Failure(FORBIDDEN).

    A page that is asked for under another of this machine's names is sent to the public one: apps
    and cookies know the chart by that alone.
    """
    near = is_near(request.remote_addr, deps().trusted_peers)
    if not near or _name(request.host) not in _NAMES:
        raise Failure(Kind.FORBIDDEN, "the chart is shown on this machine only")
    public = urlsplit(here().origin)
    if request.method == "GET" and request.host != public.netloc and public.hostname in _NAMES:
        return cast("Response", redirect(f"{here().origin}{request.full_path.rstrip('?')}"))
    return None


def check_name() -> None:
    """Refuse a Host that is not this machine, unless our own name does not depend on it.

    Raises: Failure(FORBIDDEN): a made-up Host must not decide whom an assertion was meant for.
    """
    if not deps().issuer and _name(request.host) not in _NAMES:
        raise Failure(Kind.FORBIDDEN, "this server is not known by that name")


def check_sender() -> None:
    """Refuse a form that another page sent. Raises: Failure(FORBIDDEN).

    Browsers say where a request comes from; programs, which say nothing, carry no cookie.
    """
    if request.method in _READS:
        return
    site, sender = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    ours = site == "same-origin" if site else sender in {None, here().origin}
    if not ours:
        raise Failure(Kind.FORBIDDEN, "this form was sent by another page")


def harden(response: Response) -> Response:
    """Nothing is kept, sniffed or fetched from elsewhere; frames and forms know only our apps."""
    response.headers.update(HEADERS)
    apps = sorted({origin(url) for one in registered().all() for url in _addresses(one)})
    ours = " ".join(["'self'", *apps])
    # of a native app, which chooses its port, only the request knows the address
    answered = " ".join([ours, *g.get("answers_to", ())])
    by_us = g.get("framed_by_us", False)
    response.headers["X-Frame-Options"] = "SAMEORIGIN" if by_us else "DENY"
    response.headers["Content-Security-Policy"] = "; ".join(
        [
            "default-src 'none'",
            "style-src 'self'",
            "base-uri 'none'",
            # a browser holds every hop of a launch against this list
            f"form-action {answered}",
            "frame-ancestors 'self'" if by_us else "frame-ancestors 'none'",
            *([f"frame-src {ours}"] if g.get("frames_apps") else []),
        ]
    )
    return response


def _addresses(client: Client) -> tuple[str, ...]:
    return tuple(url for url in (client.launch_url, *client.redirect_uris) if url)


def _name(host: str) -> str:
    return _PORT.sub("", host).lower()
