"""A file of profiles becomes what is known of each EHR: who we are to it, and how it differs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, unique
from typing import Any, Literal

import msgspec

from wherry.codec import decode
from wherry.errors import Failure, Kind
from wherry_smart.protocol.addresses import is_safe, origin
from wherry_smart.protocol.scopes import V1, WANTED

KEY, BASIC, POST, NONE = "private_key_jwt", "client_secret_basic", "client_secret_post", "none"
CALLBACK = "/callback"


@unique
class Way(Enum):
    """How the app was opened."""

    EHR = "ehr"
    STANDALONE = "standalone"
    WORKLIST = "worklist"


_CONTEXT = {Way.EHR: "launch", Way.STANDALONE: "launch/patient"}


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One EHR; everything but `iss` has a default.

    `iss` is its FHIR base. `secret_ref` names a file of the data directory that holds the secret.
    `allowed_hosts` are origins of its authorization server beside its own, `id_token_issuers` the
    issuers whose id_tokens count beside the one of discovery. `scope_version` auto asks in v1 when
    the EHR says that it knows no v2. `authorize_method` auto posts what is too long for an address.
    `cds_tenant` is under what name the CDS service knows it; one EHR alone needs none.
    `banner_default` counts when the EHR does not say who shows the patient. Units: seconds.
    Source: SMART App Launch 2.2; Epic (2025) and Oracle Health (2026), as documented.
    """

    iss: str
    name: str = ""
    vendor: Literal["generic", "sandbox", "epic", "oracle"] = "generic"
    client_id: str = ""
    auth_method: Literal["private_key_jwt", "client_secret_basic", "client_secret_post", "none"] = (
        "private_key_jwt"
    )
    alg: Literal["ES384", "RS384"] = "ES384"
    kid: str = ""
    secret_ref: str = ""
    basic_urlencode: bool = False
    send_client_id_in_body: bool = False
    refresh_send_client_id: bool = False
    redirect_uri: str = ""
    scopes_v2: tuple[str, ...] = ()
    scopes_v1: tuple[str, ...] = ()
    scope_version: Literal["auto", "v1", "v2"] = "auto"
    authorize_method: Literal["auto", "GET", "POST"] = "auto"
    discovery_headers: dict[str, str] = {}
    allowed_hosts: tuple[str, ...] = ()
    id_token_issuers: tuple[str, ...] = ()
    oidc_discovery_url: str = ""
    frame_ancestors: tuple[str, ...] = ()
    extra_context_keys: tuple[str, ...] = ()
    banner_default: bool = True
    style_hosts: tuple[str, ...] = ()
    cds_tenant: str = ""
    refresh_min_interval_s: int = 60
    keep_refresh_if_absent: bool = True

    @property
    def base(self) -> str:
        """The FHIR base without a slash at its end."""
        return self.iss.removesuffix("/")

    @property
    def is_public(self) -> bool:
        """Whether the app cannot prove to this EHR who it is."""
        return self.auth_method == NONE

    @property
    def shown(self) -> str:
        """The name that a person knows it by."""
        return self.name or origin(self.iss)

    def scopes(self, known: Iterable[str], way: Way) -> str:
        """The scopes to ask for; `known` are the capabilities that the EHR names.

        An EHR launch needs `launch`, without which some EHRs ask to sign in again; standalone, a
        patient has to be asked for; a list of patients is what the person may see, not a patient.
        Source: SMART 2.2, R137, R141, R150 to R153, R161, R166.
        """
        asked = self._asked(frozenset(known))
        if way is Way.WORKLIST:
            return " ".join(scope.replace("patient/", "user/", 1) for scope in asked)
        return " ".join((_CONTEXT[way], *asked))

    def _asked(self, known: frozenset[str]) -> tuple[str, ...]:
        old = "permission-v1" in known and "permission-v2" not in known
        is_v1 = self.scope_version == "v1" or (self.scope_version == "auto" and old)
        asked = (self.scopes_v1 or V1) if is_v1 else (self.scopes_v2 or WANTED)
        return tuple(scope for scope in asked if scope not in _CONTEXT.values())


# What an EHR of this make needs unless its profile says otherwise
_VENDORS: Mapping[str, Mapping[str, Any]] = {
    "epic": {"basic_urlencode": True, "alg": "ES384"},
    "oracle": {"refresh_min_interval_s": 60},
}


@dataclass(frozen=True, slots=True)
class Profiles:
    """The EHRs that may launch the app; nobody else is ever asked anything."""

    listed: tuple[Profile, ...]

    def of(self, iss: str) -> Profile:
        """The profile of the FHIR base that `iss` names; one liberty is a slash at its end.

        Raises: Failure(FORBIDDEN). The address is not repeated: a stranger wrote it.
        """
        for profile in self.listed:
            if iss.removesuffix("/") == profile.base:
                return profile
        raise Failure(Kind.FORBIDDEN, "this EHR is not one that may open the app", at="iss")


def check(profile: Profile, address: str, *, at: str) -> str:
    """The address, if it may be fetched or redirected to for this EHR.

    Raises: Failure(FORBIDDEN) when it is elsewhere or not safe to use.
    """
    found = origin(address)
    hosts = {origin(profile.iss), *map(origin, profile.allowed_hosts)}
    if found and found in hosts and is_safe(address):
        return address
    raise Failure(Kind.FORBIDDEN, "the EHR names an address that is not on its list", at=at)


def check_style(profile: Profile, address: str) -> str:
    """The address of the EHR's style, which may live on hosts of its own.

    Raises: Failure(FORBIDDEN).
    """
    hosts = (*profile.allowed_hosts, *profile.style_hosts)
    return check(msgspec.structs.replace(profile, allowed_hosts=hosts), address, at="style")


def profiles(listed: Iterable[Mapping[str, Any]], *, client_id: str, redirect: str) -> Profiles:
    """The profiles of these settings. Raises: Failure(INVALID) when one cannot be right."""
    made: list[Profile] = []
    for given in listed:
        vendor = _VENDORS.get(str(given.get("vendor", "")), {})
        whole = {"client_id": client_id, "redirect_uri": redirect, **vendor, **given}
        try:
            profile = msgspec.convert(whole, Profile)
        except msgspec.ValidationError as error:
            raise Failure(Kind.INVALID, f"a profile is not right: {error}", at="profiles") from None
        made.append(_with_vendor_headers(profile))
    problem = next((text for one in made for wrong, text in _checks(one) if wrong), "")
    if problem:
        raise Failure(Kind.INVALID, problem, at="profiles")
    if len({one.base for one in made}) != len(made):
        raise Failure(Kind.INVALID, "two profiles are of the same issuer", at="profiles")
    return Profiles(tuple(made))


def read_profiles(data: bytes) -> list[Mapping[str, Any]]:
    """A JSON list of profiles. Raises: Failure(INVALID)."""
    listed = decode(data)
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise Failure(Kind.INVALID, "profiles are a JSON list of objects", at="profiles")
    return listed


def _with_vendor_headers(profile: Profile) -> Profile:
    """Epic tells apps apart at discovery by a header when endpoints differ by app."""
    if profile.vendor != "epic" or profile.discovery_headers:
        return profile
    named = {"Epic-Client-ID": profile.client_id}
    return msgspec.structs.replace(profile, discovery_headers=named)


def _checks(one: Profile) -> list[tuple[bool, str]]:
    has_query = "?" in one.iss
    secret = one.auth_method in {BASIC, POST}
    addresses = [each for each in (one.oidc_discovery_url, one.redirect_uri) if each]
    return [
        (not (origin(one.iss) and is_safe(one.iss)) or has_query, _ISSUER),
        ("" in map(origin, one.allowed_hosts), "an allowed host is like https://host"),
        (not all(map(is_safe, addresses)), "an address is https, or http on loopback"),
        (not one.redirect_uri.endswith(CALLBACK), f"a redirect_uri ends with {CALLBACK}"),
        (secret != bool(one.secret_ref), "secret_ref is for clients with a secret, and needed"),
        ("/" in one.secret_ref or one.secret_ref.startswith("."), "secret_ref is a file's name"),
        (not one.client_id, "a client_id is needed"),
    ]


_ISSUER = "an issuer is https, or http on loopback"
