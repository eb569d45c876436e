"""The authorization servers of the EHRs over HTTP: discovery, tokens, public keys, revocation."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog

from wherry.errors import Failure, Kind
from wherry_smart.client_auth import ClientAuth
from wherry_smart.fetching import Answer, Fetcher
from wherry_smart.protocol.discovery import (
    Endpoints,
    configuration_address,
    endpoints,
    openid_address,
)
from wherry_smart.protocol.launches import Pending, Tokens
from wherry_smart.protocol.profiles import Profile, check, check_style

log = structlog.get_logger()

# Source: RFC 6749 5.2; anything else an EHR may write there is not logged
_ERRORS = frozenset(
    {
        *("invalid_request", "invalid_client", "invalid_grant", "unauthorized_client"),
        *("unsupported_grant_type", "invalid_scope", "server_error", "temporarily_unavailable"),
    }
)
_SHORT_S, _MANY = 60.0, 32
_SERVER_ERROR = 500


class HttpAuthorization:
    """Keeps the `Authorization` port's contract; public keys are remembered for a short time."""

    def __init__(self, *, auth: ClientAuth, fetcher: Fetcher, ticks: Callable[[], float]) -> None:
        self._auth = auth
        self._fetcher = fetcher
        self._ticks = ticks
        self._styles: dict[str, Mapping[str, Any]] = {}
        self._keys: dict[str, tuple[float, Sequence[Mapping[str, Any]]]] = {}

    def discover(self, profile: Profile) -> Endpoints:
        """What the EHR of this profile says of itself.

        Raises: Failure: UNAVAILABLE when it is away; UNSUPPORTED, FORBIDDEN when it is of no use.
        """
        document = self.document(profile)
        further = openid_address(document, profile)
        openid = self._document(further, "openid-configuration") if further else {}
        return endpoints(document, openid, profile)

    def document(self, profile: Profile) -> Mapping[str, Any]:
        """The SMART configuration as the EHR sends it. Raises: Failure(UNAVAILABLE)."""
        address = configuration_address(profile.base)
        return self._document(address, "discovery", profile.discovery_headers)

    def style(self, profile: Profile, address: str) -> Mapping[str, Any]:
        """The EHR's style document, which is kept by its address: a new style has a new one.

        Raises: Failure(FORBIDDEN, UNAVAILABLE). Source: SMART 2.2, smart_style_url.
        """
        if address not in self._styles:
            found = self._document(check_style(profile, address), "style")
            if len(self._styles) >= _MANY:
                self._styles.clear()
            self._styles[address] = found
        return self._styles[address]

    def serve(self, profile: Profile, endpoint: str, scope: str) -> Mapping[str, Any]:
        """The token response to a backend service. Raises: Failure(FORBIDDEN, UNAVAILABLE).

        Source: SMART App Launch 2.2, Backend Services.
        """
        form = {"grant_type": "client_credentials", "scope": scope}
        return self._granted(self._post(profile, endpoint, form))

    def keys(self, pending: Pending, kid: str) -> Sequence[Mapping[str, Any]]:
        """The public keys of the EHR; asked for again when none has this kid, but not too often.

        Raises: Failure(UNAVAILABLE).
        """
        since_s, known = self._keys.get(pending.jwks, (0.0, ()))
        is_fresh = self._ticks() - since_s < _SHORT_S
        if is_fresh and any(key.get("kid") == kid for key in known):
            return known
        listed = self._document(pending.jwks, "jwks").get("keys")
        found = [key for key in listed if isinstance(key, dict)] if isinstance(listed, list) else []
        if len(self._keys) >= _MANY:
            self._keys.clear()
        self._keys[pending.jwks] = (self._ticks(), found)
        return found

    def exchange(self, profile: Profile, pending: Pending, code: str) -> Mapping[str, Any]:
        """The token response for this code. Raises: Failure(FORBIDDEN, UNAVAILABLE)."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": pending.redirect,
            "code_verifier": pending.verifier,
        }
        return self._granted(self._post(profile, pending.token_endpoint, form))

    def renew(self, profile: Profile, tokens: Tokens) -> Mapping[str, Any]:
        """The token response for the refresh token; the same scope is asked for by silence.

        Raises: Failure: UNAUTHENTICATED when the EHR ended it; FORBIDDEN, UNAVAILABLE.
        Source: SMART App Launch 2.2, R105 to R108.
        """
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}
        answer = self._post(profile, tokens.token_endpoint, form, refresh=True)
        if answer.body.get("error") == "invalid_grant":
            raise Failure(Kind.UNAUTHENTICATED, "this session has ended", at="session")
        return self._granted(answer)

    def revoke(self, profile: Profile, tokens: Tokens) -> bool:
        """Whether the EHR was told that both tokens are done with. Source: RFC 7009.

        Raises: Failure(FORBIDDEN, UNAVAILABLE).
        """
        if not tokens.revocation:
            return False
        named = {"refresh_token": tokens.refresh_token, "access_token": tokens.access_token}
        done = True
        for hint, token in named.items():
            if token:
                form = {"token": token, "token_type_hint": hint}
                told = self._post(
                    profile, tokens.revocation, form, audience=tokens.token_endpoint, refresh=True
                )
                done = told.is_ok and done
        return done

    def _granted(self, answer: Answer) -> Mapping[str, Any]:
        if answer.is_ok and answer.body:
            return answer.body
        if answer.is_ok or answer.status >= _SERVER_ERROR:
            raise Failure(Kind.UNAVAILABLE, "the EHR's token endpoint did not answer", at="token")
        error = answer.body.get("error")
        log.warning("token_refused", error=error if error in _ERRORS else "")
        raise Failure(Kind.FORBIDDEN, "the EHR did not accept the app's request", at="token")

    def _post(
        self,
        profile: Profile,
        endpoint: str,
        form: Mapping[str, str],
        *,
        audience: str = "",
        refresh: bool = False,
    ) -> Answer:
        """The answer; an assertion is for the token endpoint, wherever it is sent (R329)."""
        check(profile, endpoint, at="token")
        added, headers = self._auth.parts(profile, audience or endpoint, refresh=refresh)
        return self._fetcher.post(endpoint, {**form, **added}, headers, at="token")

    def _document(
        self, address: str, at: str, headers: Mapping[str, str] | None = None
    ) -> Mapping[str, Any]:
        """A JSON object of an address that is on the list of this EHR."""
        answer = self._fetcher.get(address, headers or {}, at=at)
        if not answer.is_ok:
            raise Failure(Kind.UNAVAILABLE, f"the EHR answered {answer.status}", at=at)
        if not answer.body:
            raise Failure(Kind.UNAVAILABLE, "the EHR did not answer with a JSON object", at=at)
        return answer.body
