"""What `wherry up` and `wherry demo` take from the environment."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class UpSettings(BaseSettings):
    """Read from WHERRY_<NAME>; everything else about a suite is an option of its commands."""

    model_config = SettingsConfigDict(frozen=True, populate_by_name=True, extra="ignore")

    redis_url: str | None = Field(
        default=None,
        validation_alias="WHERRY_REDIS_URL",
        description="Redis or Valkey to use; without it `wherry up` runs one of its own",
    )
    database_url: str | None = Field(
        default=None,
        validation_alias="WHERRY_DATABASE_URL",
        description="Database of the inbox; without it a SQLite file in the data directory",
    )
    ehr_database_url: str | None = Field(
        default=None,
        validation_alias="WHERRY_EHR_DATABASE_URL",
        description="Database of the sandbox; without it a SQLite file in the data directory",
    )
    fhir_token: SecretStr | None = Field(
        default=None,
        validation_alias="WHERRY_FHIR_TOKEN",
        description="Bearer token of the sandbox; without it one is made and kept in the data "
        "directory",
    )
    cds_clients: str | None = Field(
        default=None,
        validation_alias="WHERRY_CDS_CLIENTS",
        description="File of EHRs that may call the CDS service; without it the sandbox's chart"
        " and the demo are registered",
    )
    service_token: SecretStr | None = Field(
        default=None,
        validation_alias="WHERRY_SERVICE_TOKEN",
        description="Secret between Wherry services, sent by the demo too",
    )
    inbox_key: SecretStr | None = Field(
        default=None,
        validation_alias="WHERRY_INBOX_KEY",
        description="Keys that encrypt messages in the inbox; without any it says so at the start",
    )
    devices_vendors: str | None = Field(
        default=None,
        validation_alias="WHERRY_DEVICES_VENDORS",
        description="Vendors' clouds to fetch from; without it a sandbox stands in for them",
    )
