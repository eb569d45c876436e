"""Settings of the sandbox of vendors' clouds."""

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Each field says what it is called."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    log_level: str = Field(
        default="info",
        validation_alias="WHERRY_LOG_LEVEL",
        description="debug, info, warning, error",
    )
    production: bool = Field(
        default=False,
        validation_alias="WHERRY_PRODUCTION",
        description="The sandbox refuses to start when this is true",
    )

    @model_validator(mode="after")
    def _never_in_production(self) -> "Settings":
        if self.production:
            raise ValueError("the sandbox of clouds is a development tool: not in production")
        return self
