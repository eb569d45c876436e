"""authlib's authorization server with the rules of SMART: one grant, one way to authenticate."""

import hmac
import logging
from typing import Any

import structlog
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import OAuth2Request
from authlib.oauth2.rfc6749.errors import AccessDeniedError, InvalidGrantError, InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207 import IssuerParameter

from wherry_ehr.auth.asked import caller, scope_for
from wherry_ehr.auth.client_key import authenticate
from wherry_ehr.auth.clients import Client
from wherry_ehr.auth.id_token import id_token
from wherry_ehr.auth.records import Code, Grant, Session
from wherry_ehr.auth.vault import TOKEN_LIFE, FoundCode, vault
from wherry_ehr.deps import deps
from wherry_ehr.here import here

log = structlog.get_logger()

METHOD = "private_key_jwt"


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
    """An EHR launch becomes a code, and the code a token. Source: SMART 2.2, App Launch."""

    TOKEN_ENDPOINT_AUTH_METHODS = (METHOD,)

    def validate_authorization_request(self) -> str:
        """Whom to answer. Raises: Failure for a page, OAuth2Error for the app."""
        fields = self.request.payload.datalist
        who = caller(fields, deps().clients)
        self.scope = scope_for(fields, who, aud=here().fhir)
        super().validate_authorization_request()
        return who.redirect_uri

    def create_authorization_response(
        self, redirect_uri: str, grant_user: Session | None
    ) -> tuple[int, str, list[tuple[str, str]]]:
        """Trade the launch handle of this clinician for a code."""
        if grant_user is None:
            raise AccessDeniedError(
                "nobody is signed in to the chart in this browser", redirect_uri=redirect_uri
            )
        self.redirect_uri = redirect_uri
        status, body, headers = super().create_authorization_response(redirect_uri, grant_user)
        return status, body, headers

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
            )
            made = vault().trade_launch(data["launch"], code, session, now)
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

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """The token with its context. Source: SMART 2.2, R73 to R78, R83, R168 to R173, R200."""
        status, body, headers = super().create_token_response()
        code = self.request.authorization_code.found.code
        launch = code.launch
        context: dict[str, Any] = {
            "patient": launch.patient,
            "encounter": launch.encounter,
            "need_patient_banner": launch.banner,
            "appContext": launch.app_context,
        }
        if "openid" in code.scope.split():
            context["id_token"] = id_token(
                code, issuer=here().issuer, now=deps().clock.now(), vault=vault()
            )
        return status, {**body, **{k: v for k, v in context.items() if v != ""}}, headers


class SmartServer(AuthorizationServer):  # type: ignore[misc]  # authlib has no types
    """The registry, the token maker and the one grant."""

    def query_client(self, client_id: str) -> Client | None:
        """The registration of this id."""
        return next((one for one in deps().clients if one.client_id == client_id), None)

    def generate_token(self, **_asked: Any) -> dict[str, Any]:
        """The answer without the token itself: `save_token` makes it. Source: SMART 2.2, R91."""
        return {"token_type": "Bearer", "expires_in": int(TOKEN_LIFE.total_seconds())}

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        """Use the code up and make its token, in one commit. Raises: InvalidGrantError."""
        found: FoundCode = request.authorization_code.found
        code = found.code
        grant = Grant(
            client_id=code.launch.client_id,
            practitioner=code.practitioner,
            patient=code.launch.patient,
            scope=code.scope,
            aud=code.aud,
        )
        made = vault().trade_code(found, grant, deps().clock.now())
        if made is None:
            replayed(found)
            raise InvalidGrantError("the code was used before")
        token.update(access_token=made, scope=code.scope)
        log.info("token_issued", client_id=grant.client_id, patient_id=grant.patient)


class Revocation(RevocationEndpoint):  # type: ignore[misc]  # authlib has no types
    """An app gives its token back. Source: RFC 7009."""

    CLIENT_AUTH_METHODS = (METHOD,)

    def query_token(self, token_string: str, _hint: str | None) -> "Owned | None":
        """The token, while it works."""
        grant = vault().grant(token_string, deps().clock.now())
        return None if grant is None else Owned(token_string, grant)

    def revoke_token(self, token: "Owned", _request: OAuth2Request) -> None:
        """From now on it is refused."""
        vault().revoke(token.token)


class Owned:
    """A token and its owner, as authlib wants to see them."""

    def __init__(self, token: str, grant: Grant) -> None:
        self.token = token
        self.grant = grant

    def check_client(self, client: Client) -> bool:
        """Whether this client may give it back."""
        return hmac.compare_digest(self.grant.client_id, client.client_id)


class Issuer(IssuerParameter):  # type: ignore[misc]  # authlib has no types
    """Every answer to an app says who gave it. Source: RFC 9207."""

    def get_issuer(self) -> str:
        """The issuer of this server."""
        return here().issuer


def replayed(found: FoundCode) -> None:
    """Somebody uses a code again: what came from it stops working. Source: RFC 6749, 4.1.2."""
    log.warning("code_replayed", client_id=found.code.launch.client_id)
    vault().revoke_descendants(found)


def make_server() -> SmartServer:
    """The server with its grant, its endpoints and its one way to authenticate."""
    server = SmartServer()
    server.register_client_auth_method(METHOD, authenticate)
    server.register_grant(LaunchGrant, [CHALLENGE])
    server.register_endpoint(Revocation)
    server.register_extension(Issuer())
    return server


def grant_for(server: SmartServer, request: OAuth2Request) -> LaunchGrant:
    """The grant of an authorization request, whatever response_type it names."""
    grant = LaunchGrant(request, server)
    CHALLENGE(grant)
    return grant


def quiet() -> None:
    """authlib logs verifiers and tokens at DEBUG: it does not get to."""
    logging.getLogger("authlib").setLevel(logging.INFO)


CHALLENGE = S256Only(required=True)
SERVER = make_server()
