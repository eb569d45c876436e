"""Settings of the device service, WHERRY_DEVICES_<NAME>: service and worker share them."""

import re
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from wherry.errors import Failure
from wherry.networks import networks
from wherry.settings import SuiteSettings
from wherry.web.peers import Networks, read_networks
from wherry_devices.accounts.registration import safe_address
from wherry_devices.intake.doors import LETTERS

_MIB = 1024 * 1024


class Signed(BaseModel):
    """How one source signs; for vendors that `signature.VENDORS` knows the secrets are enough.

    Without secrets the keys are fetched: from `keyset_url`, or where the vendor publishes them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    secrets: tuple[SecretStr, ...] = Field(default=(), max_length=2)
    keyset_url: str = ""
    header: str = "X-Wherry-Signature"
    prefix: str = ""
    encoding: Literal["hex", "base64"] = "hex"
    timestamp_header: str = "X-Wherry-Timestamp"
    timestamp_unit: Literal["s", "ms"] = "s"
    joint: str = "."
    window_s: float = Field(300.0, gt=0, le=300)
    style: Literal["timestamp", "body", "terra", "svix", "tink", "key"] = "timestamp"
    authorization: tuple[SecretStr, ...] = Field(default=(), max_length=2)

    @field_validator("keyset_url")
    @classmethod
    def _is_safe(cls, address: str) -> str:
        return safe_address(address) if address else ""


class Doored(BaseModel):
    """How a vendor that does not sign gets in: by a secret in the path, from its own addresses."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    secrets: tuple[SecretStr, ...] = Field(min_length=1, max_length=2)
    allow: tuple[str, ...] = ()

    @field_validator("secrets")
    @classmethod
    def _are_long(cls, secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if not all(re.fullmatch(LETTERS, one.get_secret_value()) for one in secrets):
            raise ValueError("a secret in a path has 22 to 128 letters, digits, - or _")
        return secrets

    @field_validator("allow")
    @classmethod
    def _are_networks(cls, allow: tuple[str, ...]) -> tuple[str, ...]:
        try:
            networks(allow)
        except Failure as failure:
            raise ValueError(failure.detail) from None
        return allow


class Registered(BaseModel):
    """Who we are to one vendor's cloud, how often we fetch, and how far back at first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: str = Field(min_length=1)
    client_secret: SecretStr
    base_url: str = ""
    auth_url: str = ""
    interval_s: float | None = Field(None, ge=10)
    backfill_days: float = Field(30.0, ge=0, le=3650)
    more: dict[str, SecretStr] = Field(default_factory=dict)
    notify_url: SecretStr = SecretStr("")

    @field_validator("notify_url")
    @classmethod
    def _notify_is_safe(cls, address: SecretStr) -> SecretStr:
        return SecretStr(safe_address(address.get_secret_value())) if address else address

    @field_validator("base_url", "auth_url")
    @classmethod
    def _is_safe(cls, address: str) -> str:
        return safe_address(address) if address else ""


class Settings(SuiteSettings):
    """Each field is WHERRY_DEVICES_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="WHERRY_DEVICES_")

    templates: str = Field(
        "", description="Directory with a site's own *.yaml templates, beside those that come along"
    )
    signatures: dict[str, Signed] = Field(
        default_factory=dict,
        description="Sources whose requests are signed, as JSON: name, then secrets (one or two),"
        " and where it is no vendor that we know header, prefix, encoding, timestamp_header,"
        " timestamp_unit, joint, window_s, style",
    )
    doors: dict[str, Doored] = Field(
        default_factory=dict,
        description="Sources that do not sign and send to /v1/sources/<name>/<secret>, as JSON:"
        " name, then secrets (one or two, of 22 to 128 letters, digits, - or _) and allow (networks"
        " that it sends from; none: all). What comes in so is a hint and no reading",
    )
    proxies: Annotated[Networks, NoDecode] = Field(
        default=(),
        description="Private networks of the proxies in front of this service, separated by spaces"
        " or commas: for `allow` of a door the sender is whom they name in X-Forwarded-For. It"
        " stands for nothing else",
    )
    zone: str = Field(
        "",
        description="IANA time zone of this site, for sources that name neither offset nor zone;"
        " empty: their readings are set aside",
    )
    vendors: dict[str, Registered] = Field(
        default_factory=dict,
        description="Vendors' clouds that are fetched from, as JSON: source, then client_id,"
        " client_secret, and if need be base_url and auth_url (where it is not the vendor's own),"
        " interval_s, backfill_days, notify_url (where it is to send notices: our address with the"
        " path of a door), more (iHealth: sc, sv_bp, sv_weight, sv_spo2, sv_glucose); needs"
        " WHERRY_INBOX_KEY",
    )
    public_url: str = Field(
        "http://127.0.0.1:8102",
        description="Address of this service as a patient's browser reaches it; vendors are told"
        " <it>/v1/connections/callback",
    )
    day_window: int = Field(
        30, ge=1, le=40, description="Days, the present one last, in which days with readings count"
    )
    day_bands: tuple[tuple[int, int], ...] = Field(
        ((2, 15), (16, 30)),
        description="Spans of that count to tell apart, as JSON pairs; a count, no billing advice",
    )
    max_payload_bytes: int = Field(
        4 * _MIB, ge=1024, le=256 * _MIB, description="Longer payloads are answered 413"
    )
    claim_limit: int = Field(
        50, ge=1, le=1000, description="Payloads that a worker claims and stores at a time"
    )
    lease_s: float = Field(
        8.0, gt=0, le=600, description="Seconds after which a dead worker's claim is taken over"
    )
    job_budget_s: float = Field(
        60.0, gt=0, le=110, description="Seconds that one job works before it makes way"
    )
    brake: int = Field(
        100,
        ge=1,
        description="Payloads of a source set aside in a row after which its others wait and only"
        " one at a time is tried",
    )

    @field_validator("vendors", "signatures", "doors", mode="before")
    @classmethod
    def _null_is_none(cls, value: object) -> object:
        return {} if value is None else value

    @field_validator("proxies", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        return read_networks(value) if isinstance(value, str) else value

    @field_validator("public_url")
    @classmethod
    def _safe_public_url(cls, address: str) -> str:
        return safe_address(address)

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            return ZoneInfo(name).key if name else ""
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("no IANA time zone, such as Europe/Berlin") from None
