"""A registration as somebody wrote it becomes a Client, or the reason why it cannot be one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from ipaddress import ip_address
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET, Meta, UnsetType

from wherry.errors import Failure, Kind
from wherry_cds.clients.client import Client
from wherry_cds.clients.keyset import KeySet, key_set
from wherry_cds.clients.profile import PROFILES, Profile
from wherry_cds.clients.token import ALGORITHMS

_Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
_Text = Annotated[str, Meta(min_length=1, max_length=255)]


class Overrides(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Values of a profile that are different at this client."""

    supports_app_context: bool | UnsetType = UNSET
    allowed_link_hosts: frozenset[str] | UnsetType = UNSET
    max_detail_chars: Annotated[int, Meta(ge=0)] | UnsetType = UNSET
    supports_action_selection_behavior: bool | UnsetType = UNSET
    any_hook_instance: bool | UnsetType = UNSET
    leeway_s: Annotated[int, Meta(ge=0, le=300)] | UnsetType = UNSET
    max_life_s: Annotated[int, Meta(ge=60, le=3600)] | UnsetType = UNSET
    fhir_server: str | UnsetType = UNSET
    jku_list_url: str | UnsetType = UNSET


class Registration(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is written in a file or a row; `tenant` is the id when it is left out."""

    id: _Id
    iss: _Text
    tenant: _Id | Literal[""] = ""
    profile: str = "strict"
    overrides: Overrides = Overrides()
    claims: tuple[_Text, ...] = ()
    sub: str = ""
    jku: tuple[_Text, ...] = ()
    jwks: dict[str, Any] | None = None
    mirrors: dict[str, str] = {}
    aud_aliases: tuple[_Text, ...] = ()
    algs: tuple[str, ...] = ()
    hooks: tuple[_Text, ...] = ()
    fhir_servers: tuple[_Text, ...] = ()
    cds_version: Literal["2.0", "3.0"] = "2.0"
    enabled: bool = True


def read(value: object) -> Client:
    """The client of this registration. Raises: Failure(INVALID) that names the member."""
    try:
        given = msgspec.convert(value, Registration)
    except msgspec.ValidationError as error:
        raise Failure(Kind.INVALID, str(error), at="client") from None
    if given.profile not in PROFILES:
        raise _wrong(given, "profile", f"one of {', '.join(PROFILES)}")
    profile = _profile(given)
    keys = _keys(given)
    for name, text in _problems(given, profile, keys):
        raise _wrong(given, name, text)
    return Client(
        id=given.id,
        tenant=given.tenant or given.id,
        iss=given.iss,
        profile=profile,
        claims=frozenset(given.claims),
        sub=given.sub,
        jku=frozenset(given.jku),
        jwks=keys,
        mirrors=given.mirrors,
        aud_aliases=frozenset(given.aud_aliases),
        algs=frozenset(given.algs),
        hooks=frozenset(given.hooks),
        fhir_servers=given.fhir_servers,
        cds_version=given.cds_version,
        enabled=given.enabled,
    )


def read_all(values: object) -> tuple[Client, ...]:
    """The clients of a list of registrations. Raises: Failure(INVALID)."""
    if not isinstance(values, list):
        raise Failure(Kind.INVALID, "a list of clients is needed", at="clients")
    return checked([read(value) for value in values])


def checked(clients: Sequence[Client]) -> tuple[Client, ...]:
    """The same clients, once any token fits one of them at most. Raises: Failure(CONFLICT)."""
    ids = [client.id for client in clients]
    for client in clients:
        if ids.count(client.id) > 1:
            raise Failure(Kind.CONFLICT, f"{client.id} is registered twice", at="id")
        for other in clients:
            if other is not client and _same_token(client, other):
                text = f"{client.id} and {other.id} have one iss: tell them apart by claims or sub"
                raise Failure(Kind.CONFLICT, text, at="iss")
    return tuple(clients)


def _same_token(one: Client, other: Client) -> bool:
    if one.iss != other.iss:
        return False
    if one.sub and other.sub and one.sub != other.sub:
        return False
    return not (one.claims and other.claims) or bool(one.claims & other.claims)


def _profile(given: Registration) -> Profile:
    changed = {
        name: value
        for name in Overrides.__struct_fields__
        if (value := getattr(given.overrides, name)) is not UNSET
    }
    return replace(PROFILES[given.profile], **changed)


def _keys(given: Registration) -> KeySet | None:
    if given.jwks is None:
        return None
    try:
        made = key_set(given.jwks)
    except Failure:
        raise _wrong(given, "jwks", "a JSON object with a list of keys") from None
    if any(isinstance(one, dict) and {"d", "k"} & one.keys() for one in given.jwks["keys"]):
        raise _wrong(given, "jwks", "public keys only")
    return made


def _problems(given: Registration, profile: Profile, keys: KeySet | None) -> list[tuple[str, str]]:
    found = []
    if not (given.jku or keys or profile.jku_list_url):
        found.append(("jku", "needed, unless keys are given by hand in jwks"))
    found += [
        ("jku", "https is needed, or http on this machine under the profile sandbox")
        for jku in given.jku
        if not _is_safe(jku, loopback=profile.loopback_keys)
    ]
    if profile.jku_list_url and not _is_safe(profile.jku_list_url, loopback=False):
        found.append(("jku_list_url", "https is needed"))
    if unknown := sorted(set(given.algs) - set(ALGORITHMS)):
        found.append(("algs", f"not known or not safe: {', '.join(unknown)}"))
    if strange := sorted(set(given.mirrors) - set(given.jku)):
        found.append(("mirrors", f"no jku of this client: {', '.join(strange)}"))
    servers: Mapping[str, Sequence[str]] = {
        "fhir_servers": given.fhir_servers,
        "fhir_server": [profile.fhir_server] if profile.fhir_server else [],
        "mirrors": list(given.mirrors.values()),
    }
    found += [
        (name, "an absolute http or https address is needed")
        for name, listed in servers.items()
        for address in listed
        if not _is_address(address)
    ]
    return found


def _is_safe(address: str, *, loopback: bool) -> bool:
    if not _is_address(address):
        return False
    parts = urlsplit(address)
    if parts.scheme == "https":
        return True
    try:
        return loopback and ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return loopback and parts.hostname == "localhost"


def _is_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    plain = bool(parts.hostname) and "@" not in parts.netloc and not parts.fragment
    return plain and parts.scheme in ("http", "https")


def _wrong(given: Registration, name: str, text: str) -> Failure:
    return Failure(Kind.INVALID, f"{given.id}: {text}", at=name)
