"""The server that is asked: the one that is named, or a sandbox EHR started for this run.

Nothing of the product is imported. Another server:
WHERRY_CONFORMANCE_URL=https://server/fhir WHERRY_CONFORMANCE_TOKEN=… pytest tests/conformance/ehr
"""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from pydantic_settings import BaseSettings, SettingsConfigDict
from tests.conformance.ehr.client import Fhir

TOKEN = "made-up-conformance-token"


class _Named(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="WHERRY_CONFORMANCE_")

    url: str = ""
    token: str = ""


@pytest.fixture(scope="session")
def fhir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fhir]:
    """A client of the server."""
    named = _Named()
    if named.url:
        yield Fhir(named.url.rstrip("/"), named.token)
        return
    yield from _sandbox(tmp_path_factory.mktemp("conformance"))


def _sandbox(folder: Path) -> Iterator[Fhir]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {
        "PATH": str(Path(sys.executable).parent),
        "WHERRY_EHR_DATABASE_URL": f"sqlite:///{folder}/ehr.db",
        "WHERRY_FHIR_TOKEN": TOKEN,
        "WHERRY_LOG_LEVEL": "error",
    }
    subprocess.run([sys.executable, "-m", "wherry_ehr.migrate"], env=env, check=True, timeout=120)
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--log-level", "error"),
        *("--no-ws", "--host", "127.0.0.1", "--port", str(port), "--blocking-threads", "4"),
        *("--backpressure", "64", "wherry_ehr.wsgi:app"),
    ]
    with subprocess.Popen(command, env=env) as process:
        try:
            _wait(f"http://127.0.0.1:{port}/readyz", process)
            yield Fhir(f"http://127.0.0.1:{port}/fhir", TOKEN)
        finally:
            process.terminate()


def _wait(address: str, process: "subprocess.Popen[bytes]") -> None:
    session = requests.Session()
    for _ in range(600):
        if process.poll() is not None:
            pytest.fail("the sandbox EHR did not start")
        try:
            if session.get(address, timeout=5).status_code == 200:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.1)
    pytest.fail("the sandbox EHR was not ready within a minute")
