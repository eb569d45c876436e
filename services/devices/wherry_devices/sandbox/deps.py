"""What the sandbox of clouds needs, and how a view gets it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from flask import current_app

from wherry_devices.sandbox.faults import Faults
from wherry_devices.sandbox.grants import Grants
from wherry_devices.sandbox.state import State

Send = Callable[[str, bytes, Mapping[str, str]], int]
"""POSTs a body with headers to an address on this machine; the status, 0 without an answer."""


@dataclass(frozen=True, slots=True)
class Deps:
    """Everything; `page_size` is how many records a page holds where nobody says."""

    state: State
    grants: Grants
    faults: Faults
    send: Send
    key: EllipticCurvePrivateKey = field(repr=False)
    page_size: int = 100


def deps() -> Deps:
    """The Deps of the app that answers this request."""
    return cast("Deps", current_app.extensions["wherry"])
