"""Settings of the CDS service, WHERRY_CDS_<NAME>."""

from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from wherry.settings import SuiteSettings

Addresses = Annotated[tuple[str, ...], NoDecode]


class Settings(SuiteSettings):
    """Each field is WHERRY_CDS_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="WHERRY_CDS_")

    risk_url: str = Field("http://127.0.0.1:8103", description="Base address of the risk service")
    deadline_s: float = Field(
        2.5, gt=0, le=30, description="Seconds after which a call is answered 503"
    )
    fhir_servers: Addresses = Field(
        (),
        description=(
            "FHIR servers that may be read when a request names them, beside WHERRY_FHIR_URL; "
            "separated by spaces or commas. No other address is ever fetched"
        ),
    )
    own_fhir: bool = Field(
        False,
        description=(
            "Read WHERRY_FHIR_URL when a request names no fhirServer. Only where every client uses "
            "that server's patient ids: elsewhere the same id is another patient"
        ),
    )
    max_pages: int = Field(
        5, ge=0, le=100, description="Further pages to read of one paged search result"
    )
    cors_origins: Addresses = Field(
        (), description="Origins of browser pages that may call, as sent: https://ehr.example.org"
    )
    chart_url: str = Field(
        "", description="Cards link to <this>/<patient id>; without it they have no link"
    )
    smart_url: str = Field(
        "",
        description=(
            "Launch address of the SMART app that cards link to; without it they link to none"
        ),
    )
    source_url: str = Field("", description="Public page about the score, named by each card")
    max_body_bytes: int = Field(
        8 * 1024 * 1024, gt=0, description="Larger requests are answered 413"
    )

    @field_validator("fhir_servers", "cors_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value
