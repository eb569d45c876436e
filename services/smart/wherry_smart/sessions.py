"""The launch id of a path and the cookie of a browser become the session, or a refusal."""

import structlog

from wherry.errors import Failure, Kind
from wherry_smart import cookies
from wherry_smart.deps import deps
from wherry_smart.protocol.launches import Session, holds, unpack

log = structlog.get_logger()

ENDED = "this session has ended"


def session(launch_id: str) -> Session:
    """The session of this launch, if it lives and belongs to this browser.

    Raises: Failure(UNAUTHENTICATED), the same whichever it is.
    """
    kept = deps().vault.get("session", launch_id)
    found = unpack(Session, kept) if kept else None
    if (
        found is None
        or found.expires_at <= deps().clock.now()
        or not holds(cookies.session_secret(), found.browser)
    ):
        raise Failure(Kind.UNAUTHENTICATED, ENDED, at="session")
    structlog.contextvars.bind_contextvars(patient=found.patient)
    return found
