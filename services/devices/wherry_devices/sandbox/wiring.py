"""The sandbox's real parts: the clock, random texts, and who carries its notices."""

import time
from collections.abc import Mapping
from secrets import token_urlsafe
from urllib.parse import urlsplit

import requests
from cryptography.hazmat.primitives.asymmetric import ec

from wherry.adapters.clock import SystemClock
from wherry.adapters.http import session
from wherry_devices.sandbox.deps import Deps, Send
from wherry_devices.sandbox.faults import Faults
from wherry_devices.sandbox.grants import Grants
from wherry_devices.sandbox.state import State

_NEAR = frozenset({"127.0.0.1", "localhost", "::1"})


def wire(*, page_size: int = 100) -> Deps:
    """An empty sandbox with a key of its own."""
    now = SystemClock().now
    return Deps(
        state=State(now, _text),
        grants=Grants(now, _text),
        faults=Faults(time.sleep),
        send=sender(session(read_s=5.0)),
        key=ec.generate_private_key(ec.SECP256R1()),
        page_size=page_size,
    )


def _text() -> str:
    return token_urlsafe(24)


def sender(http: requests.Session) -> Send:
    """POSTs to addresses on this machine, HEAD for an empty body; others are not sent to."""

    def send(address: str, body: bytes, headers: Mapping[str, str]) -> int:
        if urlsplit(address).hostname not in _NEAR:
            return 0
        try:
            method = "POST" if body else "HEAD"
            return http.request(method, address, data=body, headers=dict(headers)).status_code
        except requests.RequestException:
            return 0

    return send
