"""What the authorization server remembers under the hash of each secret that it hands out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Session:
    """A clinician who is signed in to the chart; `hash` names the session in other records."""

    hash: str
    practitioner: str


@dataclass(frozen=True, slots=True)
class Launch:
    """An app that is about to be opened for one patient in one chart session."""

    client_id: str
    patient: str
    encounter: str = ""
    banner: bool = True
    app_context: str = ""


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


@dataclass(frozen=True, slots=True)
class Grant:
    """What the holder of an access token may do, for whom, and at which FHIR base."""

    client_id: str
    practitioner: str
    patient: str
    scope: str
    aud: str
