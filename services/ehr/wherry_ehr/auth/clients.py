"""A registration of a SMART app or a backend service, and what is wrong with one."""

import hmac
import re
from hashlib import sha256
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from wherry_ehr.auth.quirks import PROFILES, Profile
from wherry_ehr.auth.scopes import SYSTEM, accesses

# What the suite's own app is allowed to ask for
_READ = ("Patient", "Observation", "RiskAssessment", "Encounter", "Device", "Provenance")
OWN_SCOPE = " ".join(
    (
        "launch launch/patient openid fhirUser online_access",
        *(f"{level}/{type_}.rs" for level in ("patient", "user") for type_ in _READ),
        "patient/ServiceRequest.c user/ServiceRequest.c",
    )
)

KEY, SECRET, NONE = "private_key_jwt", "client_secret_basic", "none"
BACKEND = "client_credentials"
_ID = re.compile(r"[A-Za-z0-9._~-]{1,255}")
_HOST = re.compile(r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]+)?")
_HASH = re.compile(r"[0-9a-f]{64}")
_LOOPBACK = frozenset({"127.0.0.1", "::1"})

# Source: SMART 2.2, R91: no longer than an hour
MAX_LIFE_S = 3600


class Client(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One registration. Source: SMART 2.2, R18, R24, R296, R297, R316; RFC 7591, 2.

    Keys are at `jwks_uri` or are `jwks` themselves; of a secret only its SHA-256 is kept. Apps have
    redirect_uris, backend services scopes that begin with `system/`. `origins` are those of pages
    that call from a browser; a public client's redirect_uris count too. `native` lets a registered
    loopback address have any port (RFC 8252, 7.3). `intents` were agreed upon with the app (R194).
    `quirks` and `expired_tokens` are for tests. The methods answer what authlib asks of a client.
    Units: `token_life_s` and `code_life_s` are seconds.
    """

    client_id: str
    name: str
    launch_url: str = ""
    redirect_uris: tuple[str, ...] = ()
    scope: str = ""
    jwks_uri: str = ""
    jwks: dict[str, Any] | None = None
    auth_method: Literal["private_key_jwt", "client_secret_basic", "none"] = "private_key_jwt"
    secret_sha256: str = ""
    origins: tuple[str, ...] = ()
    native: bool = False
    intents: tuple[str, ...] = ()
    quirks: Literal["", "epic", "oracle"] = ""
    token_life_s: int = MAX_LIFE_S
    code_life_s: int = 60
    expired_tokens: bool = False

    @property
    def profile(self) -> Profile:
        """How the server behaves towards it."""
        return PROFILES[self.quirks]

    @property
    def page_origins(self) -> frozenset[str]:
        """Where its pages call from. Source: SMART 2.2, R17."""
        own = self.redirect_uris if self.auth_method == NONE else ()
        return frozenset({*self.origins, *(origin(url) for url in own)})

    def get_client_id(self) -> str:
        """The id that it was assigned."""
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """There is none: every request names its own."""

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether it is, to the letter, one that was registered; a native app's may have any port.

        Source: SMART 2.2, R34; RFC 8252, 7.3 and 8.4 (loopback addresses, never `localhost`).
        """
        if redirect_uri in self.redirect_uris:
            return True
        return self.native and _any_port(redirect_uri) in self.redirect_uris

    def check_response_type(self, response_type: str) -> bool:
        """The code flow and no other."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Apps trade codes and refresh tokens; backend services, which have a key, ask by it."""
        if grant_type == BACKEND:
            return self.auth_method == KEY and any(
                one.level == SYSTEM for one in accesses(self.scope)
            )
        return grant_type in {"authorization_code", "refresh_token"} and bool(self.redirect_uris)

    def check_endpoint_auth_method(self, _method: str, _endpoint: str) -> bool:
        """`client_auth.authenticate` has already held it to its own method."""
        return True

    def check_client_secret(self, secret: str) -> bool:
        """Whether this is its secret."""
        return bool(self.secret_sha256) and hmac.compare_digest(hashed(secret), self.secret_sha256)

    def get_allowed_scope(self, scope: str) -> str:
        """Scopes were worked out before authlib asks."""
        return scope


def is_client_id(text: str) -> bool:
    """Whether this can be the id of a client at all; a database need not be asked about others."""
    return _ID.fullmatch(text) is not None


def hashed(secret: str) -> str:
    """What is kept of a secret: secrets are random and long, so a plain hash is enough."""
    return sha256(secret.encode()).hexdigest()


def own_client(url: str) -> Client:
    """The suite's own app at this address."""
    return Client(
        client_id="wherry-smart",
        name="Wherry app",
        launch_url=f"{url}/launch",
        redirect_uris=(f"{url}/callback",),
        scope=OWN_SCOPE,
        jwks_uri=f"{url}/.well-known/jwks.json",
    )


def origin(url: str) -> str:
    """Scheme, host and port of an address, as a browser's policy names them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def problem(client: Client) -> str:
    """What is wrong with this registration, or an empty text."""
    return next((text for wrong, text in _checks(client) if wrong), "")


def _checks(client: Client) -> list[tuple[bool, str]]:
    addresses = [url for url in (client.launch_url, client.jwks_uri) if url]
    has_keys = bool(client.jwks and client.jwks.get("keys"))
    is_backend = client.check_grant_type(BACKEND)
    return [
        (not is_client_id(client.client_id), "client_id needs 1 to 255 of A-Z a-z 0-9 . _ ~ -"),
        (not client.name.strip(), "a name is needed"),
        (not client.redirect_uris and not is_backend, "redirect_uris or system/ scopes are needed"),
        (
            not all(_is_fixed(url) for url in (*addresses, *client.redirect_uris)),
            "every address must be absolute, http or https, and without user or fragment",
        ),
        (
            not all(_is_fixed(one) and origin(one) == one for one in client.origins),
            "an origin is scheme, host and port only",
        ),
        (
            client.auth_method == KEY and bool(client.jwks_uri) == has_keys,
            "either jwks_uri or jwks is needed",
        ),
        (
            client.auth_method != KEY and bool(client.jwks_uri or client.jwks),
            f"keys are for {KEY}",
        ),
        (
            (client.auth_method == SECRET) != bool(_HASH.fullmatch(client.secret_sha256)),
            f"secret_sha256 is needed for {SECRET}, in hexadecimal, and for nothing else",
        ),
        (
            not 1 <= client.token_life_s <= MAX_LIFE_S or not 1 <= client.code_life_s <= 600,
            "token_life_s is at most 3600, code_life_s at most 600",
        ),
    ]


def _any_port(redirect_uri: str) -> str:
    """A loopback address without its port; any other is left empty, so that it fits nothing."""
    try:
        parts = urlsplit(redirect_uri)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme != "http" or parts.hostname not in _LOOPBACK or not port or "@" in parts.netloc:
        return ""
    head, _, tail = redirect_uri.partition(parts.netloc)
    return f"{head}{parts.netloc.rpartition(':')[0]}{tail}"


def _is_fixed(url: str) -> bool:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises ValueError for a port that is no number
    except ValueError:
        return False
    plain = not parts.fragment and not set(url) & set(' *\\"<>#')
    # it stands in policies that browsers read, so a host is a host
    return parts.scheme in {"http", "https"} and bool(_HOST.fullmatch(parts.netloc)) and plain
