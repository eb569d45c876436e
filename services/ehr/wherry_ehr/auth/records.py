"""What the authorization server remembers under the hash of each secret that it hands out."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Session:
    """A clinician who is signed in to the chart; `hash` names the session in other records."""

    hash: str
    practitioner: str


@dataclass(frozen=True, slots=True)
class Launch:
    """What an app is opened about: patient and encounter may be empty when none was chosen.

    `inside` is False when the app was not opened from the chart (standalone launch).
    Source: SMART 2.2, Scopes and Launch Context, Launch context arrives with your access token.
    """

    client_id: str
    patient: str
    encounter: str = ""
    banner: bool = True
    app_context: str = ""
    intent: str = ""
    fhir_context: tuple[dict[str, Any], ...] = ()
    inside: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """An authorization request of a standalone app, kept while somebody chooses and consents."""

    client_id: str
    redirect_uri: str
    scope: str
    state: str
    challenge: str
    nonce: str
    aud: str
    patient: str = ""
    encounter: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code: the launch it came from and what the app asked for."""

    launch: Launch
    practitioner: str
    redirect_uri: str
    scope: str
    challenge: str
    nonce: str
    aud: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """What the holder of a token may do, for whom, and at which FHIR base.

    A backend service has no practitioner. `launch` is the context that the token was given with.
    """

    client_id: str
    practitioner: str
    patient: str
    scope: str
    aud: str
    launch: Launch | None = None
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class Refresh:
    """A refresh token: what it renews and the family of tokens that it belongs to."""

    grant: Grant
    family: str
