"""Settings that several services share; each service adds its own in its settings.py."""

from datetime import time

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from wherry.keys import read_keys
from wherry.retention import Keeping


class SuiteSettings(BaseSettings):
    """Read from WHERRY_<NAME>; a service's own class adds WHERRY_<SERVICE>_<NAME>."""

    model_config = SettingsConfigDict(
        frozen=True, populate_by_name=True, extra="ignore", hide_input_in_errors=True
    )

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
    inbox_key: SecretStr | None = Field(
        default=None,
        validation_alias="WHERRY_INBOX_KEY",
        description="Keys that encrypt messages in the inbox and score records, 32 bytes each in"
        " base64, separated by spaces: the first encrypts, all decrypt; without any they are stored"
        " as they came",
    )
    inbox_keep_days: float = Field(
        default=30.0,
        ge=0,
        validation_alias="WHERRY_INBOX_KEEP_DAYS",
        description="Days after which the bodies of messages that are done are removed, daily or by"
        " `wherry inbox purge`",
    )
    inbox_keep_rows_days: float = Field(
        default=365.0,
        ge=0,
        validation_alias="WHERRY_INBOX_KEEP_ROWS_DAYS",
        description="Days after which it removes what is left of them: header, digest, state",
    )
    inbox_purge_at: str = Field(
        default="03:00",
        pattern=r"^$|^([01]\d|2[0-3]):[0-5]\d$",
        validation_alias="WHERRY_INBOX_PURGE_AT",
        description="Time of day, in UTC, from which an hl7 worker purges the inbox, once a day;"
        " empty leaves it to `wherry inbox purge`",
    )
    log_level: str = Field(
        default="info",
        validation_alias="WHERRY_LOG_LEVEL",
        description="debug, info, warning, error",
    )

    @field_validator("inbox_key")
    @classmethod
    def _are_keys(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None:
            read_keys(given.get_secret_value())
        return given

    @property
    def keeping(self) -> Keeping:
        """How long the inbox keeps what is done."""
        at = time.fromisoformat(self.inbox_purge_at) if self.inbox_purge_at else None
        return Keeping(self.inbox_keep_days, self.inbox_keep_rows_days, at)

    @property
    def inbox_keys(self) -> tuple[bytes, ...]:
        """The keys of the inbox, the one in use first."""
        return read_keys(self.inbox_key.get_secret_value()) if self.inbox_key else ()
