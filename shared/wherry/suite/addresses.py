"""A port offset becomes the addresses of the suite, all on this machine."""

import errno
import socket
from collections.abc import Mapping
from dataclasses import dataclass

HOST = "127.0.0.1"

# README.md, table of services; the health pages of feed and worker are for `wherry up` alone
PORTS: Mapping[str, int] = {
    "ehr": 8100,
    "hl7": 8101,
    "devices": 8102,
    "risk": 8103,
    "cds": 8104,
    "smart": 8105,
    "vendors": 8106,
    "mllp": 2575,
    "feed-health": 8191,
    "risk-health": 8193,
}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where each part of one suite listens; `offset` moves them all."""

    offset: int = 0

    def port(self, name: str) -> int:
        """The TCP port of a part named in PORTS."""
        return PORTS[name] + self.offset

    def url(self, name: str) -> str:
        """The base address of a part that speaks HTTP."""
        return f"http://{HOST}:{self.port(name)}"

    @property
    def fhir(self) -> str:
        """The base address of the sandbox's FHIR API."""
        return f"{self.url('ehr')}/fhir"

    @property
    def chart(self) -> str:
        """Where the sandbox shows a patient: <this>/<FHIR id>."""
        return f"{self.url('ehr')}/chart"


def is_taken(port: int) -> bool:
    """Whether another program listens on this port of the loopback address."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return True
            raise
    return False


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
