"""Settings of the CDS service, WHERRY_CDS_<NAME>."""

from datetime import time
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from wherry.retention import Keeping
from wherry.settings import SuiteSettings
from wherry.web.peers import Networks, read_networks
from wherry_cds.keeping import LEAST_DAYS

Addresses = Annotated[tuple[str, ...], NoDecode]


class VendorHook(BaseModel):
    """A hook of a vendor: which of our services answer it, and what its context holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    services: tuple[str, ...] = Field(min_length=1)
    context: dict[str, str]


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
    fhir_deadline_s: float = Field(
        1.5, gt=0, le=30, description="Seconds of it that reading from a FHIR server may take"
    )
    fhir_reads: int = Field(
        8, ge=1, le=64, description="Reads from FHIR servers at the same time, for all calls"
    )
    public_url: str = Field(
        "http://127.0.0.1:8104",
        description=(
            "Address by which clients reach this service, before /cds-services: `aud` of their"
            " tokens must name it; several separated by spaces or commas. https in production"
        ),
    )
    clients: str = Field(
        "",
        description=(
            "YAML or JSON file of registered EHRs, beside those of `wherry cds client add`."
            " With any registered, hooks need a signed token"
        ),
    )
    discovery_auth: Literal["required", "optional", "open"] = Field(
        "optional",
        description=(
            "Who may read /cds-services once clients are registered: required (clients only),"
            " optional (whoever brings no token, or a good one) or open"
        ),
    )
    key_networks: Annotated[Networks, NoDecode] = Field(
        (),
        description=(
            "Private networks, such as 172.30.87.0/24, that key sets of clients may be fetched"
            " from, over http too; any other private address is refused"
        ),
    )
    vendor_hooks: dict[str, VendorHook] = Field(
        default_factory=dict,
        description=(
            "Hooks of a vendor, by reverse-DNS name, as JSON: services (ids that answer it) and"
            " context (field to id, reference or bundle; a ? at the end: may be left out)"
        ),
    )
    policy: str = Field(
        "",
        description=(
            "YAML file of the policy by which cards are shown, for each tenant and service;"
            " `wherry cds policy lint` checks one, `wherry cds policy show` tells what holds"
        ),
    )
    off: Addresses = Field(
        (),
        description=(
            "Services that are switched off for everybody, separated by spaces or commas; beside"
            " `wherry cds policy off`, which needs no restart"
        ),
    )
    models_url: str = Field(
        "",
        description=(
            "Public base address of the risk service: cards link to"
            " <this>/v1/models/<model>/card; without it they do not"
        ),
    )
    app_tenant: str = Field(
        "sandbox",
        description="Tenant whose cards the app asks about when a request to /v1 names none",
    )
    production: bool = Field(
        default=False,
        validation_alias="WHERRY_PRODUCTION",
        description="Start only with an https public address, and answer registered EHRs alone",
    )
    max_body_bytes: int = Field(
        8 * 1024 * 1024, gt=0, description="Larger requests are answered 413"
    )

    keep_days: float = Field(
        400.0,
        ge=LEAST_DAYS,
        description=(
            "Days after which decisions, feedback, ended snoozes, closed tickets and audit rows"
            " are removed, daily; what an open ticket is about stays"
        ),
    )
    purge_at: str = Field(
        "03:40",
        pattern=r"^$|^([01]\d|2[0-3]):[0-5]\d$",
        description=(
            "Time of day, in UTC, from which the service removes them, once a day; empty leaves it"
            " to `wherry cds audit purge`"
        ),
    )

    @field_validator("key_networks", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        return read_networks(value) if isinstance(value, str) else value

    @field_validator("public_url")
    @classmethod
    def _are_bases(cls, value: str) -> str:
        bases = value.replace(",", " ").split()
        if not bases or not all(urlsplit(base).hostname for base in bases):
            raise ValueError("an absolute http or https address is needed")
        return value

    @model_validator(mode="after")
    def _https_in_production(self) -> "Settings":
        if self.production and not all(base.startswith("https://") for base in self.bases):
            raise ValueError("in production WHERRY_CDS_PUBLIC_URL must be https")
        return self

    @field_validator("fhir_servers", "cors_origins", "off", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @property
    def keeping(self) -> Keeping:
        """How long rows are kept, and when they go."""
        at = time.fromisoformat(self.purge_at) if self.purge_at else None
        return Keeping(self.keep_days, self.keep_days, at)

    @property
    def bases(self) -> tuple[str, ...]:
        """The public addresses, without a slash at the end."""
        return tuple(base.rstrip("/") for base in self.public_url.replace(",", " ").split())
