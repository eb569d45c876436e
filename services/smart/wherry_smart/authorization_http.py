"""The authorization servers of the EHRs over HTTP: discovery, code for token, public keys."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import requests
import structlog
import urllib3
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from joserfc.jwk import ECKey

from wherry.adapters.http import equip, session
from wherry.codec import decode
from wherry.errors import Failure, Kind
from wherry.ports import Clock
from wherry_smart.deps import Client
from wherry_smart.protocol import client as assertions
from wherry_smart.protocol.addresses import AllowList
from wherry_smart.protocol.discovery import (
    Endpoints,
    configuration_address,
    endpoints,
    openid_address,
)
from wherry_smart.protocol.launches import Pending

log = structlog.get_logger()

MAX_BYTES = 1024 * 1024
DEADLINE_S = 5.0
_CHUNK = 64 * 1024
_METHOD = "private_key_jwt"

# Source: RFC 6749 5.2; anything else an EHR may write there is not logged
_ERRORS = frozenset(
    {
        *("invalid_request", "invalid_client", "invalid_grant", "unauthorized_client"),
        *("unsupported_grant_type", "invalid_scope", "server_error", "temporarily_unavailable"),
    }
)


class HttpAuthorization:
    """Keeps the `Authorization` port's contract; nothing is remembered between two calls."""

    def __init__(
        self,
        *,
        allow: AllowList,
        client: Client,
        key: Callable[[], ECKey],
        clock: Clock,
        secret: Callable[[int], str],
        routes: Mapping[str, str],
    ) -> None:
        self._allow = allow
        self._client = client
        self._key = key
        self._clock = clock
        self._secret = secret
        self._routes = routes

    def discover(self, base: str) -> Endpoints:
        """What the EHR at this FHIR base says of itself.

        Raises: Failure: UNAVAILABLE when it is away; UNSUPPORTED, FORBIDDEN when it is of no use.
        """
        document = self._document(configuration_address(base), at="discovery")
        further = openid_address(document, base=base, allow=self._allow)
        openid = self._document(further, at="openid-configuration") if further else {}
        return endpoints(document, openid, base=base, allow=self._allow)

    def keys(self, pending: Pending) -> Sequence[Mapping[str, Any]]:
        """The public keys of the EHR. Raises: Failure(UNAVAILABLE)."""
        listed = self._document(pending.jwks, at="jwks").get("keys")
        return [key for key in listed if isinstance(key, dict)] if isinstance(listed, list) else []

    def exchange(self, pending: Pending, code: str) -> Mapping[str, Any]:
        """The token response for this code. Raises: Failure(FORBIDDEN, UNAVAILABLE)."""
        with equip(self._oauth(pending), read_s=DEADLINE_S, routes=self._routes) as oauth:
            try:
                return dict(
                    oauth.fetch_token(
                        pending.token_endpoint,
                        grant_type="authorization_code",
                        code=code,
                        code_verifier=pending.verifier,
                        allow_redirects=False,
                    )
                )
            except OAuthError as error:
                log.warning("token_refused", error=error.error if error.error in _ERRORS else "")
                raise Failure(
                    Kind.FORBIDDEN, "the EHR did not accept the app's request", at="token"
                ) from None
            except Failure as failure:  # as below
                raise Failure(failure.kind, failure.detail, at="token") from None
            except (requests.RequestException, ValueError):
                raise Failure(
                    Kind.UNAVAILABLE, "the EHR's token endpoint did not answer", at="token"
                ) from None

    def _oauth(self, pending: Pending) -> OAuth2Session:
        made = OAuth2Session(
            self._client.id,
            redirect_uri=self._client.redirect,
            token_endpoint_auth_method=_METHOD,
        )
        made.register_client_auth_method((_METHOD, self._signer(pending.token_endpoint)))
        return made

    def _signer(self, audience: str) -> Callable[..., Any]:
        """Adds a client assertion with its own jti to the one request that it is for.

        Authlib's own PrivateKeyJWT signs for an hour and may use a jti twice.
        """

        def sign(_: object, method: str, uri: str, headers: Any, body: str) -> Any:
            signed = assertions.assertion(
                self._key(),
                client_id=self._client.id,
                audience=audience,
                jti=self._secret(16),
                now=self._clock.now(),
            )
            added = {
                "client_assertion_type": assertions.ASSERTION_TYPE,
                "client_assertion": signed,
            }
            body = f"{body}&{urlencode(added)}"
            headers["Content-Length"] = str(len(body))
            return uri, headers, body

        return sign

    def _document(self, address: str, *, at: str) -> Mapping[str, Any]:
        """A JSON object of an address that is on the allow-list, within a time and a size."""
        ends = time.monotonic() + DEADLINE_S
        try:
            with (
                session(read_s=DEADLINE_S, routes=self._routes) as web,
                web.get(
                    address,
                    headers={"Accept": "application/json"},
                    stream=True,
                    allow_redirects=False,
                ) as answer,
            ):
                if answer.status_code != requests.codes.ok:
                    raise Failure(Kind.UNAVAILABLE, f"the EHR answered {answer.status_code}", at=at)
                return _object(_body(answer, ends, at), at)
        except Failure as failure:  # the session refuses a redirect without knowing what was asked
            raise Failure(failure.kind, failure.detail, at=at) from None
        except (requests.RequestException, urllib3.exceptions.HTTPError):
            raise Failure(Kind.UNAVAILABLE, "the EHR did not answer", at=at) from None


def _body(answer: requests.Response, ends: float, at: str) -> bytes:
    """The whole body; a server that drips or pours is cut off."""
    body = bytearray()
    for chunk in answer.iter_content(_CHUNK):
        body += chunk
        if len(body) > MAX_BYTES or time.monotonic() > ends:
            raise Failure(Kind.UNAVAILABLE, "the EHR's answer is too large or too slow", at=at)
    return bytes(body)


def _object(body: bytes, at: str) -> Mapping[str, Any]:
    try:
        value = decode(body)
    except Failure:
        value = None
    if not isinstance(value, dict):
        raise Failure(Kind.UNAVAILABLE, "the EHR did not answer with a JSON object", at=at)
    return value
