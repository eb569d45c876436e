"""What the launch host needs from the world, and how a view gets it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, cast

from flask import current_app
from prometheus_client import CollectorRegistry

from wherry.ports import Clock, Fhir
from wherry.resource import Resource
from wherry_smart.deeds import Deeds
from wherry_smart.metrics import Metrics
from wherry_smart.protocol.client import Key
from wherry_smart.protocol.discovery import Endpoints
from wherry_smart.protocol.launches import Pending, Tokens
from wherry_smart.protocol.profiles import CALLBACK, Profile, Profiles


class Authorization(Protocol):
    """The authorization servers of the EHRs that have a profile."""

    def discover(self, profile: Profile) -> Endpoints:
        """What the EHR of this profile says of itself.

        Raises: Failure: UNAVAILABLE when it is away; UNSUPPORTED, FORBIDDEN when it is of no use.
        """
        ...

    def exchange(self, profile: Profile, pending: Pending, code: str) -> Mapping[str, Any]:
        """The token response for this code. Raises: Failure(FORBIDDEN, UNAVAILABLE)."""
        ...

    def keys(self, pending: Pending, kid: str) -> Sequence[Mapping[str, Any]]:
        """The EHR's public keys, fresh when none has this kid. Raises: Failure(UNAVAILABLE)."""
        ...

    def style(self, profile: Profile, address: str) -> Mapping[str, Any]:
        """The EHR's style document. Raises: Failure(FORBIDDEN, UNAVAILABLE)."""
        ...

    def renew(self, profile: Profile, tokens: Tokens) -> Mapping[str, Any]:
        """The token response for the refresh token.

        Raises: Failure: UNAUTHENTICATED when the EHR ended it; FORBIDDEN, UNAVAILABLE.
        """
        ...

    def revoke(self, profile: Profile, tokens: Tokens) -> bool:
        """Whether the EHR ended both tokens. Raises: Failure(FORBIDDEN, UNAVAILABLE)."""
        ...


class Vault(Protocol):
    """Sealed values that vanish by themselves; names are kept as hashes, values encrypted."""

    def put(self, kind: str, name: str, value: bytes, *, life_s: int) -> None:
        """Keep a value under a secret name. Raises: Failure(UNAVAILABLE)."""
        ...

    def take(self, kind: str, name: str) -> bytes | None:
        """The value, once: whoever asks next gets None. Raises: Failure(UNAVAILABLE)."""
        ...

    def get(self, kind: str, name: str, *, life_s: int = 0) -> bytes | None:
        """The value; if `life_s` is given it lives so long on. Raises: Failure(UNAVAILABLE)."""
        ...

    def drop(self, kind: str, name: str) -> None:
        """Forget it. Raises: Failure(UNAVAILABLE)."""
        ...

    def ping(self) -> None:
        """Return when it answers. Raises: Failure(UNAVAILABLE)."""
        ...


class Turns(Protocol):
    """Who may do what only one may do at a time."""

    def claim(self, kind: str, name: str, *, life_s: int) -> str:
        """Be the only one for so long; what is returned gives it back. Empty: somebody else is.

        Raises: Failure(UNAVAILABLE).
        """
        ...

    def release(self, kind: str, name: str, token: str) -> None:
        """Give back what was claimed, if it is still ours. Raises: Failure(UNAVAILABLE)."""
        ...


class Scorer(Protocol):
    """The risk service."""

    def models(self) -> Sequence[Mapping[str, Any]]:
        """The models it has. Raises: Failure(UNAVAILABLE)."""
        ...

    def score(
        self, model: str, patient_id: str, resources: Sequence[Resource], *, at: datetime
    ) -> Mapping[str, Any]:
        """Its answer about these resources. Raises: Failure(UNAVAILABLE, INVALID)."""
        ...

    def card(self, model: str) -> Mapping[str, Any]:
        """The card of a model. Raises: Failure(NOT_FOUND, UNAVAILABLE)."""
        ...

    def ping(self) -> None:
        """Return when it answers. Raises: Failure(UNAVAILABLE)."""
        ...


@dataclass(frozen=True, slots=True)
class About:
    """A patient as the CDS service knows them, and who asks; ids are unique within a tenant."""

    tenant: str
    patient: str
    person: str


class CardDesk(Protocol):
    """The CDS service: which cards it showed about a patient, and which it holds back."""

    def cards(self, about: About) -> Sequence[Mapping[str, Any]]:
        """The newest first, as in openapi/smart.yaml, Card. Raises: Failure(UNAVAILABLE)."""
        ...

    def snooze(self, about: About, *, until: datetime, reason: str) -> None:
        """Hold cards about this patient back until then. Raises: Failure(UNAVAILABLE)."""
        ...


FhirOf = Callable[[str, str], AbstractContextManager[Fhir]]
"""A FHIR base and an access token become the server, as this token may see it."""

Each = Callable[[Iterable[Callable[[], Any]]], list[Any]]
"""Calls all of them, side by side or one after the other, and returns what they return."""

Later = Callable[[Callable[[], Any]], Callable[[], Any]]
"""Begins work; what is returned waits for what came of it."""


@dataclass(frozen=True, slots=True)
class Here:
    """Where browsers and EHRs find us."""

    url: str

    @property
    def redirect(self) -> str:
        """The redirect address that EHRs register unless their profile names another."""
        return f"{self.url}{CALLBACK}"

    @property
    def is_public(self) -> bool:
        """Whether browsers reach us by https, as anywhere but on one machine."""
        return self.url.startswith("https:")


@dataclass(frozen=True, slots=True)
class Limits:
    """How long things last, in seconds."""

    session_s: int
    idle_s: int


@dataclass(frozen=True, slots=True)
class Deps:
    """Built by `wiring.wire`; tests build it around fakes."""

    profiles: Profiles
    authorization: Authorization
    vault: Vault
    turns: Turns
    fhir: FhirOf
    scorer: Scorer
    cards: CardDesk
    deeds: Deeds
    clock: Clock
    secret: Callable[[int], str]
    """That many random bytes as text."""
    pause: Callable[[float], None]
    each: Each
    later: Later
    here: Here
    keys: Callable[[], Sequence[Key]]
    page: Path
    frame_ancestors: Mapping[str, tuple[str, ...]]
    """By FHIR base: the origins that may show the app in a frame."""
    limits: Limits
    metrics: Metrics
    registry: CollectorRegistry


def deps() -> Deps:
    """The Deps of the app that answers this request."""
    return cast("Deps", current_app.extensions["wherry"])
