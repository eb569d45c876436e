"""The launch id of a path and the cookie of a browser become the session, or a refusal."""

import structlog

from wherry.errors import Failure, Kind
from wherry_smart import cookies
from wherry_smart.deeds import Deed, Doing, Subject, What
from wherry_smart.deps import About, deps
from wherry_smart.headers import framed_by
from wherry_smart.protocol.launches import Session, holds, unpack

log = structlog.get_logger()

ENDED = "this session has ended"


def session(launch_id: str) -> Session:
    """The session of this launch, if it lives and belongs to this browser; it lives on.

    Raises: Failure(UNAUTHENTICATED), the same whichever it is.
    """
    found = unpack(Session, deps().vault.get("session", launch_id))
    now = deps().clock.now()
    if (
        found is None
        or found.expires_at <= now
        or not holds(cookies.session_secret(), found.browser)
    ):
        raise ended()
    left_s = max(1, int((found.expires_at - now).total_seconds()))
    deps().vault.get("session", launch_id, life_s=min(left_s, deps().limits.idle_s))
    framed_by(found.base)
    structlog.contextvars.bind_contextvars(patient=found.patient)
    return found


def of_patient(launch_id: str) -> Session:
    """A session that is about a patient. Raises: Failure(UNAUTHENTICATED, NOT_FOUND)."""
    found = session(launch_id)
    if not found.patient:
        raise Failure(Kind.NOT_FOUND, "no patient is open in this session", at="patient")
    return found


def subject(session: Session) -> Subject:
    """Whom a deed of this session is about, and whose it is."""
    return Subject(session.base, session.patient, session.person)


def about_of(session: Session) -> About:
    """Whom the CDS service knows by this session.

    Raises: Failure(UNAVAILABLE) when the EHR has no tenant there and is not the only EHR here:
    the same id could be another hospital's patient.
    """
    profile = deps().profiles.of(session.base)
    if not profile.cds_tenant and len(deps().profiles.listed) > 1:
        raise Failure(Kind.UNAVAILABLE, "this EHR has no tenant at the CDS service")
    return About(profile.cds_tenant, session.patient, session.person)


def note(session: Session, what: What, *, key: str) -> Deed | None:
    """Keep that something happened, when it can be kept; what happened stands either way."""
    try:
        return deps().deeds.keep(subject(session), Doing(what, key), at=deps().clock.now())
    except Failure as failure:
        log.warning("deed_not_kept", what=what.value, kind=failure.kind.name)
        return None


def ended() -> Failure:
    """What is said of every session that cannot be used, whatever the reason."""
    return Failure(Kind.UNAUTHENTICATED, ENDED, at="session")
