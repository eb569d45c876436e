"""An EHR's smart-configuration becomes the addresses of its authorization server."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from wherry.errors import Failure, Kind
from wherry_smart.protocol.profiles import Profile, check

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where to send the browser, where to send the code, and whose id_token to believe.

    `issuer` is the authorization server's; `signers` are the issuers whose id_tokens count.
    """

    authorization: str
    token: str
    jwks: str
    issuer: str
    names_issuer: bool = False
    """Whether every answer of the authorization endpoint names its issuer (RFC 9207)."""
    revocation: str = ""
    capabilities: tuple[str, ...] = ()
    signers: tuple[str, ...] = ()


def configuration_address(base: str) -> str:
    """Source: SMART App Launch 2.2, conformance: relative to the FHIR base."""
    return f"{base}/.well-known/smart-configuration"


def openid_address(document: Document, profile: Profile) -> str:
    """Where the OpenID configuration is, when it is needed; else empty.

    It is needed when the SMART configuration lacks its parts, or when the issuer of id_tokens is
    another than it names. Source: SMART 2.2, R218; OpenID Connect Discovery 1.0, 4.
    """
    at = "issuer"
    if profile.oidc_discovery_url:
        return check(profile, profile.oidc_discovery_url, at=at)
    if profile.id_token_issuers:
        signer = profile.id_token_issuers[0]
        return check(profile, _openid(signer), at=at)
    if _text(document, "issuer") and _text(document, "jwks_uri"):
        return ""
    return check(profile, _openid(_text(document, "issuer") or profile.base), at=at)


def endpoints(document: Document, openid: Document, profile: Profile) -> Endpoints:
    """The endpoints, every one on the list of this EHR.

    Optional members may be missing; relative addresses are relative to the FHIR base.
    Raises: Failure: UNSUPPORTED when the server cannot do what we need, FORBIDDEN for an address
    that is not on the list.
    """
    methods = document.get("code_challenge_methods_supported")
    if isinstance(methods, list) and methods and "S256" not in methods:
        raise Failure(Kind.UNSUPPORTED, "the EHR does not do PKCE with S256", at="discovery")
    said = _text(openid, "issuer")
    signers = profile.id_token_issuers or tuple(
        dict.fromkeys(each for each in (_text(document, "issuer"), said) if each)
    )
    if not signers:
        raise Failure(
            Kind.UNSUPPORTED, "the EHR does not say who issues its id_tokens", at="issuer"
        )
    if profile.id_token_issuers and said and said not in signers:
        raise Failure(Kind.FORBIDDEN, "another issuer answers in place of the EHR's", at="issuer")

    def address(name: str, *places: Document) -> str:
        found = next((text for place in places if (text := _text(place, name))), "")
        if not found:
            raise Failure(Kind.UNSUPPORTED, "the EHR's SMART configuration lacks it", at=name)
        return check(profile, urljoin(f"{profile.base}/", found), at=name)

    revocation = _text(document, "revocation_endpoint")
    known = document.get("capabilities")
    return Endpoints(
        authorization=address("authorization_endpoint", document),
        token=address("token_endpoint", document),
        jwks=address("jwks_uri", openid, document),
        issuer=_text(document, "issuer") or said or signers[0],
        names_issuer=document.get("authorization_response_iss_parameter_supported") is True,
        revocation=address("revocation_endpoint", document) if revocation else "",
        capabilities=tuple(map(str, known)) if isinstance(known, list) else (),
        signers=signers,
    )


def _openid(issuer: str) -> str:
    return f"{issuer.removesuffix('/')}/.well-known/openid-configuration"


def _text(document: Document, name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else ""
