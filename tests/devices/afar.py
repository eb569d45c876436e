"""The device service and the sandbox of clouds on ports of this machine, wired to each other."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import requests
from flask import Flask
from pydantic import SecretStr
from tests.devices.harness import House
from tests.devices.listening import listening
from tests.devices.pulled import CLIENT
from tests.devices.sandboxed import Clouds

from wherry.adapters.http import session
from wherry_devices.accounts.cloud_http import HttpCloud
from wherry_devices.accounts.clouds import Cloud
from wherry_devices.accounts.clouds import Clouds as Ports
from wherry_devices.accounts.registration import registered
from wherry_devices.app import create_app
from wherry_devices.fetcher import fetch_due
from wherry_devices.intake.doors import door
from wherry_devices.sandbox.app import create_app as sandbox
from wherry_devices.sandbox.wiring import sender
from wherry_devices.settings import Signed
from wherry_devices.vendors import VENDORS
from wherry_devices.wiring import scheme

PATH = "a-made-up-path-secret-000001"
SAID = "Bearer made-up-for-google"
UNSIGNED = ("withings", "omron")


@dataclass
class Afar(House):
    """A house whose vendors are asked over HTTP, without waiting between requests."""

    there: str = ""
    here: str = ""
    backfill_days: float = 12.0
    slept: list[float] = field(default_factory=list)
    mortal: Cloud | None = None

    def clouds(self) -> Ports:
        registrations = {
            name: registered(
                vendor,
                CLIENT,
                base_url=f"{self.there}/{name}",
                backfill_days=self.backfill_days,
            )
            for name, vendor in VENDORS.items()
        }
        cloud = self.mortal or HttpCloud(deadline_s=2.0, sleep=self.slept.append)
        return replace(
            super().clouds(), registrations=registrations, cloud=cloud, public_url=self.here
        )

    def fetch(self) -> int:
        """One look for connections that are due, and the worker after it."""
        self.connections.time_s += 1
        count = fetch_due(self.deps(), owner="f1", stopping=lambda: False)
        self.work()
        return count

    def numbers(self, *codes: str) -> list[str]:
        """The values stored under these LOINC codes, in the order of their times."""
        found = []
        for one in self.fhir.all("Observation"):
            for part in (one, *one.get("component", ())):
                names = {coding["code"] for coding in part["code"]["coding"]}
                if names & set(codes) and "valueQuantity" in part:
                    found.append((one["effectiveDateTime"], str(part["valueQuantity"]["value"])))
        return [value for _, value in sorted(found)]


@dataclass
class World:
    """Both, while they are served."""

    house: Afar
    clouds: Clouds
    http: requests.Session

    def connect(self, vendor: str, account: str = "made-up-1", patient: str = "p1") -> None:
        """A patient is sent to the vendor, consents, and comes back."""
        asked = {"source": vendor, "patient": patient, "verified_by": "nurse 7"}
        begun = self.http.post(f"{self.house.here}/v1/connections", json=asked)
        assert begun.status_code == 201, begun.text
        # the browser's part: redirects are followed by hand, since no Session of ours does
        path = urlsplit(begun.json()["authorize_url"])
        said = self.clouds.web.get(f"{path.path}?{path.query}&person={account}")
        assert said.status_code == 302, said.text
        back = self.http.get(said.location)
        assert back.status_code == 200, back.text

    def tell(self, vendor: str) -> None:
        """Let the vendor say so when there is something new."""
        if vendor in UNSIGNED:
            hook = f"{self.house.here}/v1/sources/{vendor}/{PATH}"
            appli = "4 " if vendor == "withings" else ""
            person = self.clouds.deps.state.person(vendor, "made-up-1")
            person.callbacks.append(f"{appli}{hook}")
        else:
            asked = {
                "endpointUri": f"{self.house.here}/v1/sources/{vendor}",
                "endpointAuthorization": {"secret": SAID},
            }
            path = f"{self.house.there}/{vendor}/v4/projects/p/subscribers"
            assert self.http.post(path, json=asked).status_code == 200


@contextmanager
def world(*, page_size: int = 100, **more: Any) -> Iterator[World]:
    """A service and clouds that share one clock that stands."""
    with ExitStack() as stack:
        http = stack.enter_context(session())
        clouds = Clouds(page_size=page_size, carry=sender(http))
        house = Afar(clock=clouds.clock, **more)
        house.doors = {name: door([PATH]) for name in UNSIGNED}
        late = Flask("late")
        house.there = stack.enter_context(listening(sandbox(clouds.deps)))
        keys = f"{house.there}/google-health/keyset.json"
        signed = Signed(keyset_url=keys, authorization=(SecretStr(SAID),))
        house.signatures = {"google-health": scheme("google-health", signed)}
        house.here = stack.enter_context(listening(late))
        late.wsgi_app = create_app(house.deps()).wsgi_app  # type: ignore[method-assign]  # its port is known now
        yield World(house, clouds, http)
