"""A session becomes an access token that works: renewed in time, by one request at a time."""

from datetime import datetime, timedelta

import structlog

from wherry.errors import Failure, Kind
from wherry_smart.deps import deps
from wherry_smart.protocol.grant import renewal
from wherry_smart.protocol.launches import Session, Tokens, pack, unpack
from wherry_smart.sessions import ended

log = structlog.get_logger()

_RENEWED_AT = 0.8
"""The part of a token's life after which it is renewed."""
_TURN_S = 20
"""Longer than a token endpoint may take to answer."""
_WAIT_S, _ASKED_AGAIN = 0.1, 80


def tokens(session: Session) -> Tokens:
    """The tokens of this session, the access token of which still works.

    Raises: Failure: UNAUTHENTICATED when they have ended; UNAVAILABLE.
    Source: RFC 9700 4.14; a refresh token that is used twice ends all that came of it.
    """
    found = _kept(session)
    if not _is_due(found):
        return found
    for _ in range(_ASKED_AGAIN):
        if turn := deps().turns.claim("renewing", session.tokens, life_s=_TURN_S):
            try:
                return _renewed(session)
            finally:
                deps().turns.release("renewing", session.tokens, turn)
        if _works(found):  # somebody else renews; until then the old one does
            return found
        deps().pause(_WAIT_S)
        found = _kept(session)
        if _works(found):
            return found
    raise Failure(Kind.UNAVAILABLE, "the EHR did not renew the session in time", at="token")


def _renewed(session: Session) -> Tokens:
    found = _kept(session)
    if not _is_due(found):  # whoever had the turn before did it
        return found
    profile = deps().profiles.of(found.base)
    try:
        answer = deps().authorization.renew(profile, found)
        given = renewal(
            answer,
            scope=found.scope,
            refresh_token=found.refresh_token,
            keeps=profile.keep_refresh_if_absent,
        )
    except Failure as failure:
        return _not_renewed(session, found, failure)
    now = deps().clock.now()
    renewed = Tokens(
        base=found.base,
        token_endpoint=found.token_endpoint,
        revocation=found.revocation,
        access_token=given.access_token,
        refresh_token=given.refresh_token,
        scope=given.scope,
        issued_at=now,
        expires_at=now + timedelta(seconds=max(given.expires_in_s, 1)),
        ends_at=found.ends_at,
    )
    life_s = max(1, int((found.ends_at - now).total_seconds()))
    deps().vault.put("tokens", session.tokens, pack(renewed), life_s=life_s)
    log.info("token_renewed", issuer=found.base)
    return renewed


def _not_renewed(session: Session, found: Tokens, failure: Failure) -> Tokens:
    """One that the EHR ended is forgotten; when the EHR is away, the old one is used to its end."""
    log.info("token_not_renewed", kind=failure.kind.name)
    if failure.kind is Kind.UNAUTHENTICATED:
        deps().vault.drop("tokens", session.tokens)
        raise ended()
    if _works(found):
        return found
    raise failure


def _kept(session: Session) -> Tokens:
    found = unpack(Tokens, deps().vault.get("tokens", session.tokens))
    if found is None or (not found.refresh_token and not _works(found)):
        raise ended()
    return found


def _is_due(found: Tokens) -> bool:
    now, profile = deps().clock.now(), deps().profiles.of(found.base)
    if not found.refresh_token or now < found.issued_at + _pause(
        found, profile.refresh_min_interval_s
    ):
        return not _works(found)
    return now >= found.issued_at + _RENEWED_AT * (found.expires_at - found.issued_at)


def _pause(found: Tokens, least_s: int) -> timedelta:
    """How long an EHR wants to be left alone, but never beyond the token's own end."""
    return min(timedelta(seconds=least_s), found.expires_at - found.issued_at)


def _works(found: Tokens) -> bool:
    now: datetime = deps().clock.now()
    return now < found.expires_at
