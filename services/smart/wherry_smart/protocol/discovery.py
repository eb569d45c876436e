"""An EHR's smart-configuration becomes the addresses of its authorization server."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from wherry.errors import Failure, Kind
from wherry_smart.protocol.addresses import AllowList

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where to send the browser, where to send the code, and whose id_token to believe."""

    authorization: str
    token: str
    jwks: str
    issuer: str
    names_issuer: bool = False
    """Whether every answer of the authorization endpoint names its issuer (RFC 9207)."""


def configuration_address(base: str) -> str:
    """Source: SMART App Launch 2.2, conformance: relative to the FHIR base."""
    return f"{base}/.well-known/smart-configuration"


def openid_address(document: Document, *, base: str, allow: AllowList) -> str:
    """Where the OpenID configuration is, when the document lacks its parts; else empty."""
    if _text(document, "issuer") and _text(document, "jwks_uri"):
        return ""
    issuer = _text(document, "issuer") or base
    return allow.check(
        f"{issuer.removesuffix('/')}/.well-known/openid-configuration", base=base, at="issuer"
    )


def endpoints(document: Document, openid: Document, *, base: str, allow: AllowList) -> Endpoints:
    """The endpoints, every one on the list of this EHR.

    Optional members may be missing; relative addresses are relative to the FHIR base.
    Raises: Failure: UNSUPPORTED when the server cannot do what we need, FORBIDDEN for an address
    that is not on the list.
    """
    methods = document.get("code_challenge_methods_supported")
    if isinstance(methods, list) and "S256" not in methods:
        raise Failure(Kind.UNSUPPORTED, "the EHR does not offer PKCE with S256", at="discovery")
    issuer = _text(document, "issuer") or _text(openid, "issuer")
    if not issuer or (openid and _text(openid, "issuer") != issuer):
        raise Failure(
            Kind.UNSUPPORTED, "the EHR does not say who issues its id_tokens", at="issuer"
        )

    def address(name: str, *places: Document) -> str:
        said = next((text for place in places if (text := _text(place, name))), "")
        if not said:
            raise Failure(Kind.UNSUPPORTED, "the EHR's SMART configuration lacks it", at=name)
        return allow.check(urljoin(f"{base}/", said), base=base, at=name)

    return Endpoints(
        authorization=address("authorization_endpoint", document),
        token=address("token_endpoint", document),
        jwks=address("jwks_uri", document, openid),
        issuer=issuer,
        names_issuer=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _text(document: Document, name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else ""
