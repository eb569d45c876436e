"""OAuth 2 as vendors speak it: the consent's address, and requests for tokens. Pure.

Source: RFC 6749, 4.1, 5 and 6; RFC 7636, 4; RFC 7009.
"""

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from http import HTTPStatus
from typing import Any, TypeGuard
from urllib.parse import quote_plus, urlencode

from wherry.errors import Failure, Kind
from wherry_devices.mapping.names import name_of
from wherry_devices.vendors.protocol import (
    Answer,
    Asking,
    Client,
    Grant,
    Request,
    TokenStyle,
    Vendor,
    malformed,
    plain,
    refuse_troubles,
)

_LEAST_LIFE_S = 60.0
_INVALID_GRANT = "invalid_grant"


def consent_query(
    vendor: Vendor, client: Client, *, redirect_uri: str, state: str, verifier: str
) -> str:
    """The query of the address to which a person is sent to consent."""
    asked = {
        "response_type": "code",
        "client_id": client.id,
        "redirect_uri": redirect_uri,
        "scope": vendor.scope_joint.join(vendor.scopes),
        "state": state,
        **vendor.consent_extra,
    }
    if vendor.pkce:
        asked |= {"code_challenge": challenge(verifier), "code_challenge_method": "S256"}
    return urlencode(asked)


def challenge(verifier: str) -> str:
    """The S256 challenge of a verifier. Source: RFC 7636, 4.2."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def exchange(
    vendor: Vendor, client: Client, *, code: str, redirect_uri: str, verifier: str
) -> Asking[Grant]:
    """Tokens for the code that the person came back with; asks for whom where they do not say."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    if vendor.pkce:
        form["code_verifier"] = verifier
    answer = yield vendor.style.request(vendor.token_path, client, form)
    return granted(vendor, answer)


def renewal(vendor: Vendor, client: Client, refresh_token: str) -> Asking[Grant]:
    """New tokens for a refresh token, which may work only this once."""
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    answer = yield vendor.style.request(vendor.token_path, client, form)
    return granted(vendor, answer)


def granted(vendor: Vendor, answer: Answer | None) -> Grant:
    """The tokens of an answer. Raises: Failure as `TokenStyle.members`, UNPROCESSABLE for none."""
    if answer is None:
        raise TypeError("a request has to be sent its answer")
    members = vendor.style.members(answer)
    access = members.get("access_token")
    refresh = members.get("refresh_token", "")
    scopes = members.get("scope", "")
    if not _is_token(access) or not (refresh in ("", None) or _is_token(refresh)):
        raise malformed("the vendor's answer holds no tokens")
    return Grant(
        access_token=access,
        refresh_token=refresh or "",
        expires_in_s=_life_s(members.get("expires_in")),
        scopes=scopes if isinstance(scopes, str) else "",
        account=name_of(members.get(vendor.account)) if vendor.account else "",
    )


def by_standard(*, basic: bool = False) -> TokenStyle:
    """RFC 6749, with the client's secret in the form, or as HTTP Basic."""

    def request(path: str, client: Client, form: Mapping[str, str]) -> Request:
        if basic:
            pair = f"{quote_plus(client.id)}:{quote_plus(client.secret)}"
            header = {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}
            return Request("POST", path, form=form, headers=header, host="tokens")
        named = {"client_id": client.id, "client_secret": client.secret}
        return Request("POST", path, form={**form, **named}, host="tokens")

    return TokenStyle(request, _members)


def revoking(path: str, *, hint: str = "refresh_token") -> Any:
    """A vendor's `revoke` by RFC 7009."""

    def revoke(client: Client, _account: str, refresh_token: str, _now: object) -> Asking[None]:
        form = {"token": refresh_token, "token_type_hint": hint}
        named = {"client_id": client.id, "client_secret": client.secret}
        answer = yield Request("POST", path, form={**form, **named}, host="tokens")
        if answer is not None:
            refuse_troubles(answer)
            if answer.status != HTTPStatus.OK:
                raise malformed(f"the vendor answered {answer.status}")

    return revoke


def _members(answer: Answer) -> Mapping[str, Any]:
    refuse_troubles(answer)
    body = plain(answer)
    if not isinstance(body, dict):
        raise malformed("the vendor's answer is no JSON object")
    if answer.status == HTTPStatus.OK:
        return body
    if body.get("error") == _INVALID_GRANT:
        raise over()
    raise Failure(Kind.FORBIDDEN, f"the vendor refuses this client with {answer.status}")


def over() -> Failure:
    """Code or refresh token are not taken any more: only the person can help."""
    return Failure(Kind.UNAUTHENTICATED, "the consent is over, or was used before")


def _is_token(said: Any) -> TypeGuard[str]:
    """Whether it can stand in a header. Source: RFC 6749, appendix A.12."""
    return isinstance(said, str) and said.isascii() and said.isprintable() and bool(said)


def _life_s(said: Any) -> float:
    text = name_of(said)
    return max(_LEAST_LIFE_S, float(text)) if text.isascii() and text.isdigit() else _LEAST_LIFE_S
