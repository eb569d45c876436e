"""The SMART apps that are registered: the suite's own, and those of a JSON file."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from wherry.errors import Failure, Kind

# What the suite's own app is allowed to ask for
OWN_SCOPE = (
    "launch openid fhirUser patient/Patient.rs patient/Observation.rs patient/RiskAssessment.rs "
    "patient/Encounter.rs patient/Device.rs patient/Provenance.rs"
)


class Client(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One registration: a confidential client that signs with a key of its own.

    Its keys are at `jwks_uri` or are `jwks` themselves. Source: SMART 2.2, R18, R24, R296, R297.
    The methods answer what authlib asks of a client.
    """

    client_id: str
    name: str
    launch_url: str
    redirect_uris: tuple[str, ...]
    scope: str
    jwks_uri: str = ""
    jwks: dict[str, Any] | None = None

    def get_client_id(self) -> str:
        """The id that it was assigned."""
        return self.client_id

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether it is, to the letter, one that was registered."""
        return redirect_uri in self.redirect_uris

    def check_response_type(self, response_type: str) -> bool:
        """The code flow and no other."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """The code flow and no other; there are no refresh tokens."""
        return grant_type == "authorization_code"

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        """A signed assertion and nothing else, on every endpoint."""
        return method == "private_key_jwt"

    def get_allowed_scope(self, scope: str) -> str:
        """Scopes were worked out before authlib asks."""
        return scope


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


def read_clients(path: Path) -> tuple[Client, ...]:
    """The registrations in a JSON file: a list of objects with the fields of `Client`.

    Raises: Failure(INVALID) that names what is wrong.
    """
    try:
        clients = msgspec.json.decode(path.read_bytes(), type=tuple[Client, ...])
    except (OSError, msgspec.MsgspecError) as error:
        raise Failure(Kind.INVALID, f"cannot be used: {error}", at=str(path)) from None
    for client in clients:
        if problem := _problem(client):
            raise Failure(Kind.INVALID, f"client {client.client_id}: {problem}", at=str(path))
    return clients


def origin(url: str) -> str:
    """Scheme, host and port of an address, as a browser's policy names them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _problem(client: Client) -> str:
    addresses = [client.launch_url, *client.redirect_uris]
    if client.jwks_uri:
        addresses.append(client.jwks_uri)
    if not client.client_id or not client.redirect_uris:
        return "client_id and redirect_uris are needed"
    if not all(_is_fixed(each) for each in addresses):
        return "every address must be absolute, http or https, and without a fragment"
    if bool(client.jwks_uri) == bool(client.jwks and client.jwks.get("keys")):
        return "either jwks_uri or jwks is needed"
    return ""


def _is_fixed(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.fragment
