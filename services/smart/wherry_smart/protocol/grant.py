"""A token response becomes a grant: the token, whom it is about and what may be read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wherry.errors import Failure, Kind

# Source: FHIR R4 datatypes, id
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_DEFAULT_S = 300
_MAX_TOKEN = 16_384


@dataclass(frozen=True, slots=True)
class Grant:
    """What the EHR gave for the code."""

    access_token: str = field(repr=False)
    id_token: str = field(repr=False)
    expires_in_s: int
    scope: str
    patient: str
    encounter: str
    banner: bool
    """Whether the app has to show the patient banner: yes unless the EHR clearly says no."""


def grant(answer: Mapping[str, Any]) -> Grant:
    """The grant of this token response. Raises: Failure(FORBIDDEN) when it cannot be used.

    Source: SMART App Launch 2.2, obtain access token; RFC 6749 5.1.
    """
    token = answer.get("access_token")
    if not isinstance(token, str) or not 0 < len(token) <= _MAX_TOKEN or not token.isprintable():
        raise Failure(Kind.FORBIDDEN, "the EHR gave no access token", at="access_token")
    if str(answer.get("token_type", "")).lower() != "bearer":
        raise Failure(Kind.FORBIDDEN, "the EHR gave a token of another type", at="token_type")
    patient = answer.get("patient")
    if not isinstance(patient, str) or not _ID.fullmatch(patient):
        raise Failure(Kind.FORBIDDEN, "the EHR did not say which patient is open", at="patient")
    id_token = answer.get("id_token")
    if not isinstance(id_token, str):
        raise Failure(Kind.FORBIDDEN, "the EHR did not say who is using the app", at="id_token")
    encounter = answer.get("encounter")
    return Grant(
        access_token=token,
        id_token=id_token,
        expires_in_s=_seconds(answer.get("expires_in")),
        scope=str(answer.get("scope", "")),
        patient=patient,
        encounter=encounter if isinstance(encounter, str) and _ID.fullmatch(encounter) else "",
        banner=str(answer.get("need_patient_banner", "")).lower() != "false",
    )


def _seconds(value: Any) -> int:
    try:
        return max(0, int(value))
    except (TypeError, ValueError, OverflowError):
        return _DEFAULT_S
