"""The sandbox EHR with its test seam, on a free loopback port, for the suite to ask."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from tests.conformance.smart.seam import Sandbox
from tests.conformance.smart.server import Server
from werkzeug.serving import WSGIRequestHandler, make_server

from wherry.adapters.clock import SystemClock, new_id
from wherry.fhir.check import problems
from wherry_ehr.app import create_app
from wherry_ehr.auth.keys import HttpKeys
from wherry_ehr.deps import Deps
from wherry_ehr.metrics import Metrics
from wherry_ehr.migrate import upgrade
from wherry_ehr.store.sql_store import open_store

Wsgi = Callable[[Any, Any], Any]
SERVICE_TOKEN = "made-up-service-secret"


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: Any) -> None:
        return


@contextmanager
def sandbox(folder: Path, around: Callable[[Wsgi], Wsgi] | None = None) -> Iterator[Server]:
    """A sandbox of its own; `around` may put something between it and its callers."""
    url = f"sqlite:///{folder}/ehr.db"
    upgrade(url)
    registry, store = CollectorRegistry(), open_store(url)
    app = create_app(
        Deps(
            store=store,
            clock=SystemClock(),
            new_id=new_id,
            check=problems,
            metrics=Metrics(registry),
            registry=registry,
            fhir_token=SecretStr(SERVICE_TOKEN),
            keys=HttpKeys(monotonic),
            test_seam=True,
        )
    )
    wsgi: Wsgi = around(app) if around else app
    httpd = make_server("127.0.0.1", 0, wsgi, threaded=True, request_handler=_Quiet)
    thread = Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    base = f"http://127.0.0.1:{httpd.server_port}/fhir"
    try:
        yield Server(base, Sandbox(base))
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()
        store.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The sandbox as it is."""
    with sandbox(tmp_path_factory.mktemp("sandbox")) as found:
        yield found


@pytest.fixture
def broken(tmp_path: Path) -> Any:
    """Starts a sandbox with something between it and its callers."""
    return lambda around: sandbox(tmp_path, around)
