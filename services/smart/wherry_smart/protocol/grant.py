"""A token response becomes a grant: the token, whom it is about and what may be read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wherry.errors import Failure, Kind
from wherry_smart.protocol.profiles import Profile, Way

# Source: FHIR R4 datatypes, id
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_DEFAULT_S = 300
_MAX_TOKEN = 16_384
_MAX_WORD = 255
_REFERRED = ("reference", "canonical", "identifier")
LAUNCHED = "launch"
"""The role of a resource that the app was opened about."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What the EHR gave for the code.

    `context` are objects with a role each; `more` are the members that the profile asks to keep.
    """

    access_token: str = field(repr=False)
    id_token: str = field(repr=False)
    expires_in_s: int
    scope: str
    patient: str
    encounter: str
    banner: bool
    """Whether the app has to show the patient banner: yes unless the EHR clearly says no."""
    refresh_token: str = field(default="", repr=False)
    intent: str = ""
    tenant: str = ""
    style: str = ""
    context: tuple[dict[str, Any], ...] = ()
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Renewal:
    """What the EHR gave for a refresh token."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in_s: int
    scope: str


def grant(answer: Mapping[str, Any], profile: Profile, way: Way, *, asked: str) -> Grant:
    """The grant of this token response. Raises: Failure(FORBIDDEN) when it cannot be used.

    `asked` is what was asked for: it holds when the server does not say what it granted, and only
    then. Source: SMART App Launch 2.2, obtain access token; RFC 6749 5.1.
    """
    token = _token(answer)
    patient = answer.get("patient", "")
    if not isinstance(patient, str) or (patient and not _ID.fullmatch(patient)):
        raise Failure(Kind.FORBIDDEN, "the EHR did not say which patient is open", at="patient")
    if not patient and way is Way.EHR:
        raise Failure(Kind.FORBIDDEN, "the EHR did not say which patient is open", at="patient")
    id_token = answer.get("id_token")
    if not isinstance(id_token, str):
        raise Failure(Kind.FORBIDDEN, "the EHR did not say who is using the app", at="id_token")
    return Grant(
        access_token=token,
        id_token=id_token,
        refresh_token=_text(answer, "refresh_token", _MAX_TOKEN),
        expires_in_s=_seconds(answer.get("expires_in")),
        scope=_scope(answer, asked),
        patient=patient,
        encounter=_id(answer.get("encounter")),
        banner=_banner(answer.get("need_patient_banner"), profile.banner_default),
        intent=_text(answer, "intent"),
        tenant=_text(answer, "tenant"),
        style=_text(answer, "smart_style_url", 2048),
        context=_context(answer.get("fhirContext")),
        more={name: answer[name] for name in profile.extra_context_keys if name in answer},
    )


def renewal(answer: Mapping[str, Any], *, scope: str, refresh_token: str, keeps: bool) -> Renewal:
    """The grant of a refresh. Raises: Failure(FORBIDDEN) when it cannot be used.

    A new refresh token replaces the old one; without a new one the old one is used again where the
    EHR does so. Source: SMART 2.2, R109 to R118.
    """
    kept = refresh_token if keeps else ""
    return Renewal(
        access_token=_token(answer),
        refresh_token=_text(answer, "refresh_token", _MAX_TOKEN) or kept,
        expires_in_s=_seconds(answer.get("expires_in")),
        scope=_scope(answer, scope),
    )


def service_grant(answer: Mapping[str, Any]) -> Renewal:
    """The grant of a backend service, which renews nothing. Raises: Failure(FORBIDDEN).

    Source: SMART App Launch 2.2, R248, R254 to R258.
    """
    return Renewal(_token(answer), "", _seconds(answer.get("expires_in")), _scope(answer, ""))


def _token(answer: Mapping[str, Any]) -> str:
    token = answer.get("access_token")
    if not isinstance(token, str) or not 0 < len(token) <= _MAX_TOKEN or not token.isprintable():
        raise Failure(Kind.FORBIDDEN, "the EHR gave no access token", at="access_token")
    if str(answer.get("token_type", "")).lower() != "bearer":
        raise Failure(Kind.FORBIDDEN, "the EHR gave a token of another type", at="token_type")
    return token


def _scope(answer: Mapping[str, Any], otherwise: str) -> str:
    said = answer.get("scope")
    return said if isinstance(said, str) else otherwise


def _banner(said: Any, otherwise: bool) -> bool:
    """Some EHRs write a text; what is neither yes nor no is yes."""
    word = str(said).lower()
    return otherwise if said is None else word != "false"


def _context(said: Any) -> tuple[dict[str, Any], ...]:
    """Objects with a role each; SMART 2.0 had plain references. Source: SMART 2.2, R178, R191."""
    listed: Sequence[Any] = said if isinstance(said, list) else []
    objects = [{"reference": one} if isinstance(one, str) else one for one in listed]
    return tuple(
        {**one, "role": one.get("role") or LAUNCHED}
        for one in objects
        if isinstance(one, dict) and any(name in one for name in _REFERRED)
    )


def _id(value: Any) -> str:
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""


def _text(answer: Mapping[str, Any], name: str, longest: int = _MAX_WORD) -> str:
    value = answer.get(name)
    fits = isinstance(value, str) and len(value) <= longest and value.isprintable()
    return str(value) if fits else ""


def _seconds(value: Any) -> int:
    try:
        return max(0, int(value))
    except (TypeError, ValueError, OverflowError):
        return _DEFAULT_S
