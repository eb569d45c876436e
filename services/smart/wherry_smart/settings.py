"""Settings of the SMART launch host, WHERRY_SMART_<NAME>."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from wherry.settings import SuiteSettings
from wherry_smart.protocol.addresses import is_safe, origin
from wherry_smart.protocol.scopes import WANTED

Addresses = Annotated[tuple[str, ...], NoDecode]
Routes = Annotated[dict[str, str], NoDecode]


class Settings(SuiteSettings):
    """Each field is WHERRY_SMART_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="WHERRY_SMART_")

    issuers: Addresses = Field(
        (),
        description=(
            "FHIR base addresses of the EHRs that may launch the app, exactly as they send them in "
            "`iss`; separated by spaces or commas. No other is ever fetched or redirected to"
        ),
    )
    profiles: Path | None = Field(
        None,
        description=(
            "JSON file with a list of profiles of EHRs that need more than their address: "
            "services/smart/README.md says what may stand in one"
        ),
    )
    auth_origins: Addresses = Field(
        (),
        description=(
            "Further origins that an issuer's authorization endpoints may have, such as "
            "https://authorization.example.org; each issuer's own origin is always allowed"
        ),
    )
    frame_ancestors: Addresses = Field(
        (),
        description=(
            "Further origins that may show the app in a frame; those of the issuers always may"
        ),
    )
    public_url: str = Field(
        "http://127.0.0.1:8105",
        description="Address by which browsers and EHRs reach this service; https but on loopback",
    )
    client_id: str = Field(
        "wherry-smart", min_length=1, description="Client id under which the EHRs know the app"
    )
    scopes: str = Field(
        " ".join(WANTED),
        description="Scopes that are asked for; those of the launch itself are added",
    )
    risk_url: str = Field("http://127.0.0.1:8103", description="Base address of the risk service")
    cds_url: str = Field("http://127.0.0.1:8104", description="Base address of the CDS service")
    data_dir: Path = Field(
        Path("var/smart"),
        description="Directory of the client's signing key and of the key that seals sessions",
    )
    seal_key: SecretStr | None = Field(
        None,
        description=(
            "AES-256 key in base64 that seals tokens in Redis, for several hosts behind one "
            "address; further ones after a space still open; without it one is made and kept in "
            "the data directory"
        ),
    )
    session_s: int = Field(
        3600,
        ge=60,
        le=86_400,
        description="Seconds a session lasts, at most as long as the EHR renews its token",
    )
    idle_s: int = Field(
        900, ge=60, le=86_400, description="Seconds after which a session that nobody asks ends"
    )
    page_dir: Path | None = Field(
        None, description="Directory of the built page; without it smart-app/dist beside the code"
    )
    routes: Routes = Field(
        default_factory=dict,
        description=(
            "Origins that this service reaches at another address than browsers do, as "
            "public=inside pairs: https://ehr.example.org=http://ehr:8000"
        ),
    )

    @field_validator("issuers", "auth_origins", "frame_ancestors", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("routes", mode="before")
    @classmethod
    def _pairs(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return dict(pair.split("=", 1) for pair in value.replace(",", " ").split())

    @field_validator("public_url")
    @classmethod
    def _is_ours(cls, value: str) -> str:
        url = value.rstrip("/")
        if origin(url) != url or not is_safe(url):
            raise ValueError("an address like https://app.example.org, or http on this machine")
        return url
