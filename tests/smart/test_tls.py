"""What is sent to an EHR goes over TLS of today, to a server that proves who it is."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from wherry.errors import Failure, Kind
from wherry_smart.fetching import Fetcher


def _certificate(folder: Path) -> Path:
    """A certificate that nobody has signed but its own key, with the key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@contextmanager
def _server(certificate: Path, heard: list[bytes]) -> Iterator[int]:
    """Takes one connection and keeps what is said on it once it is encrypted."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(10)

        def serve() -> None:
            try:
                plain, _ = listening.accept()
                plain.settimeout(10)
                with context.wrap_socket(plain, server_side=True) as shut:
                    heard.append(shut.recv(4096))
            except OSError:  # whoever called did not believe the certificate
                heard.append(b"")

        thread = Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


def test_a_server_whose_certificate_nobody_knows_gets_nothing(tmp_path: Path) -> None:
    heard: list[bytes] = []
    with (
        _server(_certificate(tmp_path), heard) as port,
        pytest.raises(Failure) as failure,
    ):
        Fetcher({}).post(f"https://localhost:{port}/token", {"code": "x"}, {}, at="token")

    assert failure.value.kind is Kind.UNAVAILABLE
    assert heard == [b""]


def test_no_transport_older_than_tls_1_2_is_used() -> None:
    made = urllib3.util.ssl_.create_urllib3_context()

    assert made.minimum_version >= ssl.TLSVersion.TLSv1_2
