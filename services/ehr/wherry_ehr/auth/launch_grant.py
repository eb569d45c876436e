"""The code flow: an authorization request becomes a code, and the code a token."""

from datetime import timedelta
from typing import Any

import structlog
from authlib.oauth2.rfc6749 import OAuth2Request
from authlib.oauth2.rfc6749.errors import (
    AccessDeniedError,
    InvalidGrantError,
    InvalidRequestError,
    OAuth2Error,
)
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from flask import g

from wherry_ehr.auth.answer import context, grant_of, issuer_for, terms_for, token_body
from wherry_ehr.auth.asked import Caller, caller, is_standalone, scope_for
from wherry_ehr.auth.client_auth import METHOD
from wherry_ehr.auth.clients import Client
from wherry_ehr.auth.id_token import id_token
from wherry_ehr.auth.records import Asked, Code, Session
from wherry_ehr.auth.registry import registered
from wherry_ehr.auth.tokens import FoundCode
from wherry_ehr.auth.vault import vault
from wherry_ehr.deps import deps
from wherry_ehr.here import here

log = structlog.get_logger()


class Held:
    """A code that was found, as authlib wants to see it."""

    def __init__(self, found: FoundCode) -> None:
        self.found = found
        self.code_challenge = found.code.challenge
        self.code_challenge_method = "S256"

    def get_redirect_uri(self) -> str:
        """The address that the code was sent to."""
        return self.found.code.redirect_uri

    def get_scope(self) -> str:
        """What was granted."""
        return self.found.code.scope


class S256Only(CodeChallenge):  # type: ignore[misc]  # authlib has no types
    """PKCE for every client, and no `plain`. Source: SMART 2.2, R14, R15, R31."""

    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)


class LaunchGrant(AuthorizationCodeGrant):  # type: ignore[misc]  # authlib has no types
    """Launches from the chart and standalone ones. Source: SMART 2.2, App Launch."""

    TOKEN_ENDPOINT_AUTH_METHODS = (METHOD,)
    who: Caller

    def validate_authorization_request(self) -> str:
        """Whom to answer. Raises: Failure for a page, OAuth2Error for the app."""
        fields = self.request.payload.datalist
        self.who = caller(fields, registered().one)
        g.says_issuer = self.who.client.profile.says_issuer
        self.scope = scope_for(fields, self.who, aud=here().fhir)
        super().validate_authorization_request()
        return self.who.redirect_uri

    def create_authorization_response(
        self, redirect_uri: str, grant_user: Session | None
    ) -> tuple[int, str, list[tuple[str, str]]]:
        """Trade the clinician's launch handle for a code; without one, let somebody choose."""
        self.redirect_uri = redirect_uri
        if is_standalone(self.request.payload.datalist):
            return 302, "", [("Location", self._to_choose(grant_user))]
        if grant_user is None:
            raise AccessDeniedError(
                "nobody is signed in to the chart in this browser", redirect_uri=redirect_uri
            )
        status, body, headers = super().create_authorization_response(redirect_uri, grant_user)
        return status, body, headers

    def _to_choose(self, user: Session | None) -> str:
        """The page where somebody signs in, chooses and consents. Source: SMART 2.2, R27, R36."""
        data = self.request.payload.data
        if "none" in data.get("prompt", "").split():
            error = "interaction_required" if user else "login_required"
            raise OAuth2Error("somebody has to agree", error=error, redirect_uri=self.redirect_uri)
        asked = Asked(
            client_id=self.who.client.client_id,
            redirect_uri=self.redirect_uri,
            scope=self.scope,
            state=data["state"],
            challenge=data["code_challenge"],
            nonce=data.get("nonce", ""),
            aud=data["aud"],
        )
        g.says_issuer = False  # this is not an answer to the app yet
        return f"{here().origin}/auth/choose?asked={vault().ask(asked, deps().clock.now())}"

    def generate_authorization_code(self) -> str:
        """The code; the launch handle is used up by it. Source: SMART 2.2, R35, R55."""
        data, now, session = self.request.payload.data, deps().clock.now(), self.request.user
        launch = vault().launched(data["launch"], session, now)
        made = None
        if launch is not None and launch.client_id == data["client_id"]:
            code = Code(
                launch=launch,
                practitioner=session.practitioner,
                redirect_uri=self.redirect_uri,
                scope=self.scope,
                challenge=data["code_challenge"],
                nonce=data.get("nonce", ""),
                aud=data["aud"],
                state=data["state"],
            )
            made = vault().trade(data["launch"], code, session, now, code_life(self.who.client))
        if made is None:
            log.info("launch_refused", client_id=data["client_id"])
            raise InvalidRequestError(
                "launch is not known here, was used or has ended", redirect_uri=self.redirect_uri
            )
        log.info("code_issued", client_id=data["client_id"], practitioner=session.practitioner)
        return made

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        """It was kept when it was made."""

    def query_authorization_code(self, code: str, client: Client) -> Held | None:
        """A code of this client that still works. Source: RFC 6749, 4.1.2; SMART 2.2, R55, R58."""
        found = vault().code(code, deps().clock.now())
        if found is None or found.code.launch.client_id != client.client_id:
            return None
        if found.used:
            replayed(found)
        signed_in = vault().session(found.session, deps().clock.now())
        return None if found.used or found.ended or signed_in is None else Held(found)

    def delete_authorization_code(self, authorization_code: Held) -> None:
        """It was used up when its token was made; it is kept to notice a replay."""

    def authenticate_user(self, authorization_code: Held) -> str:
        """The clinician who launched."""
        return authorization_code.found.code.practitioner

    def generate_token(self, **_asked: Any) -> dict[str, Any]:
        """Nothing yet: `save_token` makes it."""
        return {}

    def save_token(self, token: dict[str, Any]) -> None:
        """Use the code up and make its token, in one commit. Raises: InvalidGrantError.

        Source: SMART 2.2, R73 to R78, R83, R168 to R173, R200.
        """
        found: FoundCode = self.request.authorization_code.found
        code, client, now = found.code, self.request.client, deps().clock.now()
        terms = terms_for(client, code.scope)
        grant = grant_of(client, code.launch, code.practitioner, code.scope, here())
        issued = vault().trade_code(found, grant, now, terms)
        if issued is None:
            replayed(found)
            raise InvalidGrantError("the code was used before")
        token.update(token_body(issued, terms, code.scope, client))
        token.update(context(code.launch, client, here()))
        if "openid" in code.scope.split():
            issuer = issuer_for(client, here())
            token["id_token"] = id_token(code, issuer=issuer, now=now, vault=vault())
        if client.profile.echoes_state:
            token["state"] = code.state
        token.update(client.profile.extra)
        log.info("token_issued", client_id=grant.client_id, patient_id=grant.patient)


def code_life(client: Client) -> timedelta:
    """How long a code of this client lasts. Source: SMART 2.2, R55, R58."""
    return timedelta(seconds=client.code_life_s)


def replayed(found: FoundCode) -> None:
    """Somebody uses a code again: what came from it stops working. Source: RFC 6749, 4.1.2."""
    log.warning("code_replayed", client_id=found.code.launch.client_id)
    vault().end_family(found.hash)
