"""Whoever calls the token endpoint proves to be a registered client, by its one registered way."""

import base64
import binascii
from typing import Any
from urllib.parse import unquote_plus

import structlog
from authlib.oauth2.rfc6749 import OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidClientError

from wherry.errors import Failure, Kind
from wherry_ehr.auth.client_key import Query, by_key
from wherry_ehr.auth.clients import NONE, SECRET, Client

log = structlog.get_logger()

METHOD = "registered"
"""What authlib calls the one function that knows all ways."""


class NotKnown(InvalidClientError):  # type: ignore[misc]  # authlib has no types
    """400, or 401 with a challenge for Basic, whatever HTTP header it came with."""

    def get_headers(self) -> list[tuple[str, str]]:
        """Source: RFC 6749, 5.2."""
        headers = [one for one in super().get_headers() if one[0] != "WWW-Authenticate"]
        challenge = ("WWW-Authenticate", 'Basic realm="wherry"')
        return [*headers, challenge] if self.status_code == 401 else headers


def authenticate(query_client: Query, request: OAuth2Request) -> Client:
    """The client that asks. Raises: InvalidClientError (SMART 2.2, R251, R340).

    Source: RFC 6749, 2.3 (one way in a request); SMART 2.2, R71, R72, R344 to R346.
    """
    header = request.headers.get("Authorization", "")
    try:
        return _client(query_client, request.form, header)
    except Failure as failure:
        log.info("client_refused", reason=failure.detail)
        raise NotKnown(failure.detail, status_code=401 if header else 400) from None


def _client(query_client: Query, form: Any, header: str) -> Client:
    signs = "client_assertion" in form or "client_assertion_type" in form
    if "client_secret" in form:
        raise _no("no client_secret in the form: use HTTP Basic")
    if header and signs:
        raise _no("authenticate in one way only")
    if header:
        return _by_secret(query_client, header, form.get("client_id"))
    if signs:
        return by_key(query_client, form)
    client = query_client(form.get("client_id", ""))
    if client is None or client.auth_method != NONE:
        raise _no("the client is not known, or has to authenticate")
    return client


def _by_secret(query_client: Query, header: str, named: str | None) -> Client:
    """Basic, its parts as they are or form-encoded: both are in use. Source: RFC 6749, 2.3.1."""
    scheme, _, encoded = header.partition(" ")
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        text = ""
    if scheme.lower() != "basic" or ":" not in text:
        raise _no("Authorization must be HTTP Basic with client_id and secret")
    client_id, _, secret = text.partition(":")
    client = query_client(client_id) or query_client(unquote_plus(client_id))
    good = (
        client is not None
        and client.auth_method == SECRET
        and (client.check_client_secret(secret) or client.check_client_secret(unquote_plus(secret)))
    )
    if client is None or not good or named not in {None, client.client_id}:
        raise _no("client_id or secret is wrong")
    return client


def _no(reason: str) -> Failure:
    return Failure(Kind.UNAUTHENTICATED, reason, at="client")
