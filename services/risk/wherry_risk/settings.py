"""Settings of the risk service, WHERRY_RISK_<NAME>."""

from datetime import time
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from wherry.retention import Keeping
from wherry.settings import SuiteSettings

LONGEST_PAUSE_S = 900.0


class Settings(SuiteSettings):
    """Each field is WHERRY_RISK_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="WHERRY_RISK_")

    news2_max_age_min: int = Field(
        240, ge=1, le=2880, description="Minutes after which NEWS2 no longer takes a vital sign"
    )
    news2_window_min: int = Field(
        60,
        ge=1,
        le=2880,
        description="Minutes within which the vital signs of one NEWS2 must have been measured",
    )
    news2_oxygen_max_age_min: int = Field(
        720, ge=1, le=2880, description="Minutes for which charted air or oxygen holds"
    )
    news2_self_entered: bool = Field(
        False, description="NEWS2 also takes vital signs that patients typed in themselves"
    )
    worker_models: Annotated[tuple[str, ...], NoDecode] = Field(
        ("news2", "icu-mortality-24h"),
        description="Models by which the worker scores, separated by commas",
    )
    packages: Path | None = Field(
        None, description="Folder of model packages; without it those that come with the service"
    )
    max_body_bytes: int = Field(
        16 * 1024 * 1024, gt=0, description="Larger requests are answered 413"
    )
    quiet_s: float = Field(
        3.0, ge=0, description="Seconds without news of a patient before the worker scores"
    )
    lease_s: float = Field(
        30.0,
        gt=0,
        description="Seconds after which a patient whom a worker left unfinished is tried again",
    )
    retries: int = Field(
        8,
        ge=0,
        le=100,
        description="New attempts at a patient who cannot be scored, until set aside",
    )
    retry_pause_s: float = Field(
        15.0, ge=0, description="Seconds before the first new attempt; each pause is twice the last"
    )
    batch: int = Field(20, ge=1, le=1000, description="Patients that the worker takes at a time")

    records_keep_days: float = Field(
        180.0, ge=0, description="Days after which score records are removed, daily"
    )
    records_purge_at: str = Field(
        "03:30",
        pattern=r"^$|^([01]\d|2[0-3]):[0-5]\d$",
        description="Time of day, in UTC, from which a worker removes old score records, once a"
        " day; empty leaves it to `wherry risk records purge`",
    )
    public_cards: bool = Field(
        False, description="Model cards may be read by everybody; scores never are"
    )

    worker_health_host: str = Field("127.0.0.1", description="Address of the worker's health pages")
    worker_health_port: int = Field(
        8193, ge=0, le=65535, description="The worker's /healthz, /readyz, /metrics; 0 is off"
    )

    monitor_at: str = Field(
        "04:00",
        pattern=r"^$|^([01]\d|2[0-3]):[0-5]\d$",
        description="Time of day, in UTC, from which a risk worker looks at the models, once a day;"
        " empty leaves it to `wherry risk monitor`",
    )
    monitor_days: int = Field(
        30, ge=1, le=365, description="Days of scores that the daily look is about"
    )

    @property
    def watching(self) -> Keeping:
        """When the models are looked at each day, and how long outcomes are kept."""
        at = time.fromisoformat(self.monitor_at) if self.monitor_at else None
        return Keeping(self.records_keep_days, self.records_keep_days, at)

    @property
    def records_keeping(self) -> Keeping:
        """How long score records are kept."""
        at = time.fromisoformat(self.records_purge_at) if self.records_purge_at else None
        return Keeping(self.records_keep_days, self.records_keep_days, at)

    @property
    def pauses(self) -> tuple[float, ...]:
        """Seconds before each new attempt."""
        return tuple(min(LONGEST_PAUSE_S, self.retry_pause_s * 2**n) for n in range(self.retries))

    @field_validator("worker_models", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value
