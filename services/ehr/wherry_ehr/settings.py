"""The sandbox EHR's settings."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from wherry.errors import Failure
from wherry.settings import SuiteSettings
from wherry.web.peers import Networks, read_networks
from wherry_ehr.faults import read_faults


class Settings(SuiteSettings):
    """Each field is WHERRY_EHR_<NAME> unless it says otherwise."""

    model_config = SettingsConfigDict(env_prefix="WHERRY_EHR_")

    database_url: str = Field(
        default="sqlite:///var/ehr.db",
        validation_alias="WHERRY_EHR_DATABASE_URL",
        description="FHIR store: a SQLite file or postgresql+psycopg://",
    )
    open_fhir: bool = Field(
        default=False, description="Answer /fhir without a token, to programs on this machine only"
    )
    trusted_peers: Annotated[Networks, NoDecode] = Field(
        default=(),
        description="Private networks, such as 172.30.87.1/32, whose peers count as this machine; "
        "separated by spaces or commas. Needed where browsers come through a bridge's gateway. "
        "X-Forwarded-For is never asked",
    )
    public_url: str = Field(
        default="",
        pattern=r"^$|^https?://[^/?#]+(/[^?#]*[^/?#])?/fhir$",
        description="Address of /fhir in links, when callers see another one than this process",
    )
    issuer: str = Field(
        default="",
        pattern=r"^$|^https?://[^/?#]+(/[^?#]*[^/?#])?/fhir$",
        description="Address of /fhir that browsers and SMART apps know, and that launches name; "
        "empty takes the one that each request came to",
    )
    clients: str = Field(
        default="",
        description="JSON file with more SMART apps that may be launched, beside the suite's own",
    )
    brand: str = Field(
        default="",
        description="JSON file with the Organization that is published as User Access Brand; empty "
        "publishes a made-up one",
    )
    quirks: Literal["", "epic", "oracle"] = Field(
        default="",
        description="EHR whose deviations discovery shows; single apps choose theirs when they are "
        "registered. Empty keeps to the standard",
    )
    test_seam: bool = Field(
        default=False,
        description="Open /auth/test to programs on this machine, where the conformance suite "
        "registers apps, launches and resources. Never on a machine that others use",
    )
    smart_url: str = Field(
        default="http://127.0.0.1:8105",
        pattern=r"^$|^https?://[^/?#]+$",
        description="Address of the suite's own SMART app; empty leaves it out",
    )
    smart_inside_url: str = Field(
        default="",
        pattern=r"^$|^https?://[^/?#]+$",
        description="Address at which this process reaches that app, when browsers use another",
    )
    cds_url: str = Field(
        default="http://127.0.0.1:8104",
        pattern=r"^$|^https?://[^?#]+$",
        description="CDS service that is asked when a chart is opened; empty asks none",
    )
    cds_deadline_s: float = Field(
        default=2.5, gt=0, le=30, description="Seconds that a chart waits for cards"
    )
    cds_allowed: str = Field(
        default="",
        pattern=r"^$|^https://[^/?#\s]+( https://[^/?#\s]+)*$",
        description="Origins of CDS services, such as https://cds.example.org, that may be "
        "registered beside those on this machine; separated by spaces",
    )
    faults: str = Field(
        default="",
        description="Faults of /fhir on purpose, such as latency=200@50%, error=503@5%, "
        "throttle=3@10%, drop@1%; none without",
    )
    fault_header: bool = Field(
        default=False,
        description="Whether programs on this machine may ask for a fault by X-Wherry-Fault",
    )
    production: bool = Field(
        default=False,
        validation_alias="WHERRY_PRODUCTION",
        description="The sandbox refuses to start when this is true",
    )

    @field_validator("trusted_peers", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        return read_networks(value) if isinstance(value, str) else value

    @field_validator("faults")
    @classmethod
    def _are_faults(cls, value: str) -> str:
        try:
            read_faults(value)
        except Failure as failure:
            raise ValueError(failure.detail) from None
        return value

    @model_validator(mode="after")
    def _never_in_production(self) -> "Settings":
        if self.production:
            raise ValueError("the sandbox EHR is a development tool: it does not run in production")
        return self
