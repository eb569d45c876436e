"""Settings of the hl7 service, WHERRY_HL7_<NAME>: feed, HTTP service and worker share them."""

from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from wherry.settings import SuiteSettings
from wherry_hl7.door import read_pairs

_MIB = 1024 * 1024


class Settings(SuiteSettings):
    """Each field is WHERRY_HL7_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="WHERRY_HL7_", hide_input_in_errors=True)

    mllp_host: str = Field("127.0.0.1", description="Address that the MLLP listener binds to")
    mllp_port: int = Field(2575, ge=0, le=65535, description="TCP port of MLLP; 0 takes a free one")
    mllp_allow: str = Field(
        "",
        description="Networks whose senders are let in, as 10.1.0.0/16,10.2.3.4; empty lets in all",
    )
    mllp_certificate: str = Field(
        "", description="PEM file with our certificate and its chain: MLLP over TLS 1.2 or newer"
    )
    mllp_key: str = Field("", description="PEM file with the key of our certificate")
    mllp_client_ca: str = Field(
        "", description="PEM file of the CA whose certificates senders must show; empty asks none"
    )
    listeners: str = Field(
        "",
        description="YAML file with several listeners, in place of the one of the settings"
        " WHERRY_HL7_MLLP_* and WHERRY_HL7_CHANNEL; see docs/senders.md",
    )
    health_host: str = Field("127.0.0.1", description="Address of the listener's health pages")
    health_port: int = Field(
        8191, ge=0, le=65535, description="The listener's /healthz, /readyz, /metrics; 0 is off"
    )
    channel: str = Field("mllp", max_length=64, description="Name of this feed in the inbox")
    max_connections: int = Field(
        256, ge=1, le=10_000, description="MLLP connections at a time; more are closed at once"
    )
    max_message_bytes: int = Field(
        32 * _MIB, ge=1024, le=1024 * _MIB, description="Longer messages are answered AR"
    )
    block_timeout_s: float = Field(
        30.0, gt=0, le=3600, description="Seconds from the start of an MLLP block to its end"
    )
    stray_timeout_s: float = Field(
        1.0, gt=0, le=60, description="Seconds of silence after which unframed bytes are judged"
    )
    write_timeout_s: float = Field(
        30.0, gt=0, le=3600, description="Seconds a sender may leave its answers unread"
    )
    keepalive_s: int = Field(
        60, ge=1, le=7200, description="Seconds of silence before TCP asks if the sender is there"
    )
    drain_s: float = Field(
        3.0, ge=0, le=300, description="Seconds at the end for messages in hand and their answers"
    )
    stored_timeout_s: float = Field(
        20.0,
        gt=0,
        le=600,
        description="Seconds that an answer waits for the FHIR server when it is to; then the"
        " connection is closed without it",
    )
    max_unanswered: int = Field(
        100, ge=1, le=10_000, description="Unanswered messages of a connection before it must wait"
    )
    max_pending_bytes: int = Field(
        128 * _MIB, ge=1024, description="Bytes waiting for a commit before all senders must wait"
    )
    http_channel: str = Field("http", max_length=64, description="Name of the HTTP feed there")
    http_users: SecretStr | None = Field(
        None,
        description="Who may send by Basic authentication: name:password pairs separated by spaces;"
        " the service token is taken too",
    )
    http_status_from_ack: bool = Field(
        False, description="Answer AE with 500 and AR with 400 in place of 200, as early drafts had"
    )
    max_file_bytes: int = Field(
        256 * _MIB, ge=1024, description="Longer bodies of HTTP, of many messages, are refused"
    )
    operator_tokens: SecretStr | None = Field(
        None,
        description="Bearer tokens of operators: name:token pairs separated by spaces; the audit"
        " tells them apart by these names",
    )
    unsupported_ack: Literal["AR", "AE", "AA"] = Field(
        "AR", description="Answer to message types that are kept but not translated"
    )
    content_ack: Literal["AE", "AA"] = Field(
        "AE", description="Answer to messages whose content cannot be used; they are kept"
    )
    ack_on: Literal["received", "converted", "stored"] = Field(
        "received", description="When a message is acknowledged: it is safe, translated or stored"
    )
    batch_ack: Literal["together", "each"] = Field(
        "together", description="Answers to a block of several messages: in one block or one each"
    )
    duplicates: Literal["process", "replay", "reject"] = Field(
        "process",
        description="What becomes of other content under a control id that was used before",
    )
    processing_ids: str = Field(
        "PTD", pattern=r"^[A-Z]+$", description="Values of MSH-11 that are accepted, as letters"
    )
    zone: str = Field(
        "",
        description="Zone of times without an offset, as Europe/Berlin or +01:00; without it only"
        " the date of such times is used",
    )
    senders: str = Field(
        "", description="Directory with the profiles of senders, *.yaml; see docs/senders.md"
    )
    claim_limit: int = Field(
        50, ge=1, le=1000, description="Messages that a worker claims and stores at a time"
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
        description="Messages of a sender set aside in a row after which its others wait and only"
        " one at a time is tried",
    )

    @field_validator("http_users", "operator_tokens")
    @classmethod
    def _are_pairs(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None:
            read_pairs(given.get_secret_value())
        return given
