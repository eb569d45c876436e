"""A file of listeners, or the settings of one, become what each of them is to do."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from wherry.errors import Failure, Kind
from wherry.networks import Network, networks
from wherry_hl7.mapping.reading import Read, read, shaped
from wherry_hl7.settings import Settings


@dataclass(frozen=True, slots=True)
class Listening:
    """One port: its name in the inbox, the profile it is bound to, who is let in and how.

    `commit_ack` answers blocks by MLLP release 2 beside the HL7 acknowledgment.
    """

    channel: str
    host: str
    port: int
    sender: str = ""
    allow: tuple[Network, ...] = ()
    certificate: str = ""
    key: str = ""
    client_ca: str = ""
    max_connections: int = 256
    commit_ack: bool = False


class _Tls(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    certificate: str
    key: str = ""
    client_ca: str = ""


class _One(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    channel: str
    port: int
    host: str = ""
    sender: str = ""
    allow: tuple[str, ...] = ()
    tls: _Tls | None = None
    max_connections: int = 0
    commit_ack: bool = False


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    listeners: tuple[_One, ...]


def listeners(settings: Settings) -> tuple[Listening, ...]:
    """Every listener of this process. Raises: Failure(INVALID), for a file at file:line."""
    if not settings.listeners:
        return (_only(settings),)
    path = Path(settings.listeners)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise Failure(Kind.INVALID, "the listeners cannot be read", at=path.name) from None
    found = read(text, path.name)
    said = shaped(found, (), found.data, _File)
    _refuse_twins(said.listeners, found)
    return tuple(_of(n, one, found, path, settings) for n, one in enumerate(said.listeners))


def _only(settings: Settings) -> Listening:
    return Listening(
        settings.channel,
        settings.mllp_host,
        settings.mllp_port,
        allow=networks(settings.mllp_allow.split(",")),
        certificate=settings.mllp_certificate,
        key=settings.mllp_key,
        client_ca=settings.mllp_client_ca,
        max_connections=settings.max_connections,
    )


def _of(n: int, one: _One, found: Read, path: Path, settings: Settings) -> Listening:
    """One entry; its files are beside the file that names them, unless they are absolute."""
    if not 0 <= one.port <= 65535:
        raise Failure(Kind.INVALID, "no TCP port", at=found.at("listeners", n, "port"))
    try:
        allow = networks(one.allow)
    except Failure as failure:
        at = found.at("listeners", n, "allow")
        raise Failure(Kind.INVALID, failure.detail, at=at) from None
    made = Listening(
        one.channel,
        one.host or settings.mllp_host,
        one.port,
        sender=one.sender,
        allow=allow,
        max_connections=one.max_connections or settings.max_connections,
        commit_ack=one.commit_ack,
    )
    if one.tls is None:
        return made
    files: dict[str, Any] = {
        name: str(path.parent / said) if said else ""
        for name, said in msgspec.structs.asdict(one.tls).items()
    }
    return replace(made, **files)


def _refuse_twins(said: tuple[_One, ...], found: Read) -> None:
    if not said:
        raise Failure(Kind.INVALID, "there is no listener", at=found.at("listeners"))
    for name in ("channel", "port"):
        seen: set[object] = set()
        for n, one in enumerate(said):
            value = getattr(one, name)
            if value in seen and value != 0:
                raise Failure(
                    Kind.INVALID, f"this {name} is there twice", at=found.at("listeners", n, name)
                )
            seen.add(value)
