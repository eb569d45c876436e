"""The addresses of this server, as its callers see them."""

from dataclasses import dataclass

from flask import request

from wherry_ehr.deps import deps

PREFIX = "/fhir"


@dataclass(frozen=True, slots=True)
class Addresses:
    """The FHIR base, which is the OpenID issuer too, and the endpoints beside it."""

    fhir: str

    @property
    def origin(self) -> str:
        """Where the chart and the authorization server live."""
        return self.fhir.removesuffix(PREFIX)

    @property
    def issuer(self) -> str:
        """`iss` of id_tokens and of authorization responses."""
        return self.fhir

    @property
    def authorize(self) -> str:
        """The authorization endpoint."""
        return f"{self.origin}/auth/authorize"

    @property
    def token(self) -> str:
        """The token endpoint."""
        return f"{self.origin}/auth/token"

    @property
    def revoke(self) -> str:
        """The revocation endpoint."""
        return f"{self.origin}/auth/revoke"

    @property
    def introspect(self) -> str:
        """The introspection endpoint."""
        return f"{self.origin}/auth/introspect"

    @property
    def manage(self) -> str:
        """Where somebody sees and ends what apps may go on to do."""
        return f"{self.origin}/auth/manage"

    @property
    def style(self) -> str:
        """What apps may look like; another look is another address."""
        return f"{self.origin}/auth/style-1.json"

    @property
    def brands(self) -> str:
        """The User Access Brands of this server."""
        return f"{self.origin}/auth/brands"

    @property
    def jwks(self) -> str:
        """The public half of the key that signs id_tokens."""
        return f"{self.origin}/auth/jwks"


def here() -> Addresses:
    """As browsers and apps know it: by its configured address, else by this request's."""
    return Addresses(deps().issuer or fhir_base())


def fhir_base() -> str:
    """The FHIR base in links: the configured one, else the one that this request came to."""
    return deps().public_url or f"{request.host_url.rstrip('/')}{PREFIX}"
