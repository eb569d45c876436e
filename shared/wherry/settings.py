"""Settings that several services share; each service adds its own in its settings.py."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class SuiteSettings(BaseSettings):
    """Read from WHERRY_<NAME>; a service's own class adds WHERRY_<SERVICE>_<NAME>."""

    model_config = SettingsConfigDict(frozen=True, populate_by_name=True, extra="ignore")

    redis_url: str = Field(
        default="redis://127.0.0.1:6379/0",
        validation_alias="WHERRY_REDIS_URL",
        description="Redis or Valkey for RQ",
    )
    database_url: str = Field(
        default="sqlite:///var/wherry.db",
        validation_alias="WHERRY_DATABASE_URL",
        description="Inbox: a SQLite file or postgresql+psycopg://",
    )
    fhir_url: str = Field(
        default="http://127.0.0.1:8100/fhir",
        validation_alias="WHERRY_FHIR_URL",
        description="Base address of the FHIR R4 server",
    )
    fhir_token: SecretStr | None = Field(
        default=None,
        validation_alias="WHERRY_FHIR_TOKEN",
        description="Bearer token for the FHIR server",
    )
    fhir_timeout_s: float = Field(
        default=10.0,
        gt=0,
        validation_alias="WHERRY_FHIR_TIMEOUT_S",
        description="Seconds to wait for one FHIR answer",
    )
    service_token: SecretStr | None = Field(
        default=None,
        validation_alias="WHERRY_SERVICE_TOKEN",
        description="Secret between Wherry services; without it only loopback callers are answered",
    )
    log_level: str = Field(
        default="info",
        validation_alias="WHERRY_LOG_LEVEL",
        description="debug, info, warning, error",
    )
