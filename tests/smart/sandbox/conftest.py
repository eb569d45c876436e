"""The launch host against the sandbox EHR over HTTP, as apps of the makes that it plays."""

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import fakeredis
import pytest
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry
from tests.conformance.smart import data
from tests.conformance.smart.conftest import sandbox
from tests.conformance.smart.server import Server
from tests.smart.fakes import Cards, Deeds, Scorer, at_the_end, in_turn

from wherry.adapters.clock import SystemClock
from wherry_smart.app import create_app
from wherry_smart.authorization_http import HttpAuthorization
from wherry_smart.client_auth import ClientAuth
from wherry_smart.deps import Deps, Here, Limits
from wherry_smart.fetching import Fetcher
from wherry_smart.fhir_of import fhir_of
from wherry_smart.metrics import Metrics
from wherry_smart.protocol.client import key_set, new_key
from wherry_smart.protocol.profiles import profiles
from wherry_smart.vault_redis import RedisVault

HERE = Here("http://127.0.0.1:9105")
SCOPE = (
    "launch launch/patient openid fhirUser online_access offline_access patient/Patient.rs "
    "patient/Patient.read patient/Observation.rs patient/Observation.read user/Patient.rs"
)
KEY = new_key()
SECRET = "made-up secret/with+signs%"
PATIENT = data.ADA


@dataclass
class Opened:
    """The host with one EHR, and two browsers' worth of cookies: the app's and the EHR's."""

    server: Server
    app: FlaskClient
    client_id: str

    def launch(self, **context: Any) -> Any:
        """An EHR launch to its end; the last answer of the app."""
        asked = {"client_id": self.client_id, "patient": PATIENT, **context}
        handed = self.server.seam.launch(self.server.browser, asked).json()["launch_url"]
        return self.finish(self.app.get(handed.removeprefix(HERE.url)))

    def finish(self, begun: Any) -> Any:
        """The hop, the authorization and the way back."""
        sent = self.app.get(begun.headers["Location"]).headers["Location"]
        returned = self.server.browser.get(sent)
        if not returned.headers.get("Location", "").startswith(HERE.url):
            returned = self.server.seam.agree(
                self.server.browser, returned, patient=PATIENT, encounter="", allow=True
            )
        return self.app.get(returned.headers["Location"].removeprefix(HERE.url))

    def data(self, answer: Any, panel: str) -> Any:
        """A panel of the session that was opened."""
        return self.app.get(f"{answer.headers['Location']}api/{panel}")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with sandbox(tmp_path_factory.mktemp("sandbox")) as found:
        yield found


@pytest.fixture
def app_of(server: Server, tmp_path: Path) -> Callable[..., Opened]:
    """Registers an app with these quirks at the sandbox, and makes a host with this profile."""

    def made(registration: dict[str, Any], **profile: Any) -> Opened:
        (tmp_path / "index.html").write_text("<title>made-up page</title>")
        client_id = f"app-{secrets.token_hex(4)}"
        app = server.register(
            client_id=client_id,
            launch_url=f"{HERE.url}/launch",
            redirect_uris=[HERE.redirect],
            scope=SCOPE,
            **registration,
        )
        # the sandbox plays a make at discovery for whom it knows by this header
        known = {"discovery_headers": {"Epic-Client-ID": app.client_id}}
        deps = _deps(tmp_path, {"iss": server.base, "client_id": app.client_id, **known, **profile})
        return Opened(server, create_app(deps).test_client(), app.client_id)

    return made


def by_key() -> dict[str, Any]:
    """A registration with a key."""
    return {"jwks": key_set([KEY])}


def by_secret() -> dict[str, Any]:
    """A registration with a secret."""
    hashed = sha256(SECRET.encode()).hexdigest()
    return {"auth_method": "client_secret_basic", "secret_sha256": hashed}


def _deps(folder: Path, profile: dict[str, Any]) -> Deps:
    registry, clock = CollectorRegistry(), SystemClock()
    vault = RedisVault(fakeredis.FakeRedis(), lambda: (b"0" * 32,))
    auth = ClientAuth(
        signing=lambda _alg, _kid: KEY,
        secret_of=lambda _name: SECRET,
        clock=clock,
        random=secrets.token_urlsafe,
    )
    return Deps(
        profiles=profiles([profile], client_id="", redirect=HERE.redirect),
        authorization=HttpAuthorization(auth=auth, fetcher=Fetcher({}), ticks=time.monotonic),
        vault=vault,
        turns=vault,
        fhir=fhir_of(timeout_s=10, routes={}),
        scorer=Scorer(),
        cards=Cards(),
        deeds=Deeds(),
        clock=clock,
        secret=secrets.token_urlsafe,
        pause=time.sleep,
        each=in_turn,
        later=at_the_end,
        here=HERE,
        keys=lambda: [KEY],
        page=folder,
        frame_ancestors={},
        limits=Limits(session_s=3600, idle_s=900),
        metrics=Metrics(registry),
        registry=registry,
    )
