"""The launch host as the app under test, served on a free port; the one part that knows it."""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import fakeredis
import structlog
from prometheus_client import CollectorRegistry
from tests.conformance.smart_client.app import App
from tests.conformance.smart_client.ehr import Ehr, running
from tests.conformance.smart_client.mutants import Wsgi
from tests.smart.fakes import Cards, Deeds, Scorer
from werkzeug.serving import WSGIRequestHandler, make_server

from wherry.adapters.clock import SystemClock
from wherry_smart.app import create_app
from wherry_smart.authorization_http import HttpAuthorization
from wherry_smart.client_auth import ClientAuth
from wherry_smart.deps import Deps, Here, Limits
from wherry_smart.fetching import Fetcher
from wherry_smart.fhir_of import fhir_of
from wherry_smart.key_ring import KeyRing
from wherry_smart.metrics import Metrics
from wherry_smart.protocol.profiles import profiles
from wherry_smart.side_by_side import SideBySide
from wherry_smart.trying import Said, tried
from wherry_smart.vault_redis import RedisVault

Service = Callable[[str, str], bool]

SECRET = "made-up secret/with+signs"
WIDE = (
    *("openid", "fhirUser", "offline_access", "patient/*.cruds", "launch/diagnosticreport"),
    *("patient/Observation.rs?category=laboratory", "launch/list?role=https://example.org/home"),
    "launch/encounter",
)

# What each EHR of the suite has registered the app as
KINDS: Mapping[str, Mapping[str, Any]] = {
    "key": {},
    "rsa": {"alg": "RS384"},
    "basic": {"auth_method": "client_secret_basic", "secret_ref": "secret"},
    "encoded": {
        "auth_method": "client_secret_basic",
        "secret_ref": "secret",
        "basic_urlencode": True,
    },
    "public": {"auth_method": "none"},
    "post": {"authorize_method": "POST"},
    "wide": {"scopes_v2": list(WIDE)},
    "old": {"scope_version": "v1"},
    "quick": {"refresh_min_interval_s": 0},
}


@dataclass
class Clock:
    """The time, so many seconds ahead of what it is."""

    ahead_s: float = 0

    def now(self) -> datetime:
        return SystemClock().now() + timedelta(seconds=self.ahead_s)


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: Any) -> None:
        return


@contextmanager
def app_under_test(folder: Path, around: Callable[[Wsgi], Wsgi] = lambda app: app) -> Iterator[App]:
    """The host around real HTTP and real keys; Redis, risk service and database are fakes.

    `around` may put something between it and its callers.
    """
    told: list[str] = []
    clock = Clock()
    with running() as ehr, _heard(told):
        made, server, service = _served(ehr, folder, clock, around)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield App(made, ehr, told, clock, service)
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def _served(
    ehr: Ehr, folder: Path, clock: Clock, around: Callable[[Wsgi], Wsgi]
) -> tuple[str, Any, Service]:
    server = make_server("127.0.0.1", 0, _nothing, threaded=True, request_handler=_Quiet)
    url = f"http://127.0.0.1:{server.server_port}"
    deps = _deps(ehr, folder, Here(url), clock)
    server.app = around(create_app(deps))

    def service(base: str, scope: str) -> bool:
        assert isinstance(deps.authorization, HttpAuthorization)
        said = tried(deps.authorization, deps.profiles.of(base), scope=scope)
        return said[-1].said is Said.GOOD

    return url, server, service


def _deps(ehr: Ehr, folder: Path, here: Here, clock: Clock) -> Deps:
    registry, ring, side = CollectorRegistry(), KeyRing(folder), SideBySide()
    vault = RedisVault(fakeredis.FakeRedis(), lambda: (b"0" * 32,))
    listed = [{"iss": ehr.base(kind), "name": kind, **more} for kind, more in KINDS.items()]
    auth = ClientAuth(
        signing=ring.signing, secret_of=lambda _: SECRET, clock=clock, random=secrets.token_urlsafe
    )
    return Deps(
        profiles=profiles(listed, client_id="made-up-app", redirect=here.redirect),
        authorization=HttpAuthorization(auth=auth, fetcher=Fetcher({}), ticks=time.monotonic),
        vault=vault,
        turns=vault,
        fhir=fhir_of(timeout_s=5, routes={}),
        scorer=Scorer(),
        cards=Cards(),
        deeds=Deeds(),
        clock=clock,
        secret=secrets.token_urlsafe,
        pause=time.sleep,
        each=side,
        later=side.later,
        here=here,
        keys=ring.public,
        page=_page(folder),
        frame_ancestors={ehr.base(kind): (ehr.origin,) for kind in KINDS},
        limits=Limits(session_s=3600, idle_s=900),
        metrics=Metrics(registry),
        registry=registry,
    )


def _page(folder: Path) -> Path:
    (folder / "page").mkdir(exist_ok=True)
    (folder / "page" / "index.html").write_text("<title>made-up page</title>")
    return folder / "page"


@contextmanager
def _heard(told: list[str]) -> Iterator[None]:
    """Every log line, at every level, as text."""

    def keep(_logger: Any, _name: str, event: Any) -> Any:
        told.append(repr(event))
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, keep])
    try:
        yield
    finally:
        structlog.configure(**before)


def _nothing(_environ: Any, start: Any) -> list[bytes]:
    start("503 Service Unavailable", [])
    return []
