"""The worker on both databases, in front of a real server: kept, landed, noted, derived."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.contracts.conftest import _over_http
from tests.devices.harness import EVER, PATIENT, TEMPLATES, House, getmeas
from tests.devices.test_deriving import HOUR, pressure

from wherry.adapters.changes_sql import SqlChanges
from wherry.adapters.clock import SystemClock
from wherry.adapters.inbox_desk import SqlInboxDesk
from wherry.adapters.inbox_sql import SqlInbox
from wherry.adapters.migrate import upgrade as upgrade_inbox
from wherry.adapters.sealing import NO_KEYS
from wherry.adapters.sql import make_engine
from wherry.codec import encode
from wherry.draining import STEADY
from wherry.fhir.bundle import transaction
from wherry.ports import Fhir
from wherry_devices.derivation.days_sql import SqlDays
from wherry_devices.derivation.deriving import Pace, derive
from wherry_devices.intake.triage import arrival
from wherry_devices.mapping.binding import Binding
from wherry_devices.mapping.reading import DeviceKey
from wherry_devices.migrate import upgrade
from wherry_devices.owning.bindings_sql import SqlBindings
from wherry_devices.worker import work


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_two_pressures_of_a_day_become_its_average(
    database: str, request: pytest.FixtureRequest, sqlite_url: str
) -> None:
    url = request.getfixturevalue(f"{database}_url")
    upgrade_inbox(url)
    upgrade(url)
    engine = make_engine(url)
    inbox = SqlInbox(engine, NO_KEYS)
    yesterday = SystemClock().now().replace(hour=9, minute=0, second=0) - timedelta(days=1)
    cuff = DeviceKey("withings", "device", "cuff-1").opaque
    put: Any = {"method": "PUT", "url": "Patient/p1"}
    with _over_http(f"{sqlite_url}.fhir") as fhir:
        fhir.send(transaction([{"resource": PATIENT, "request": put}]))
        deps = replace(
            House(zone="Europe/Berlin").deps(),
            inbox=inbox,
            desk=SqlInboxDesk(engine, NO_KEYS),
            changes=SqlChanges(engine),
            bindings=SqlBindings(engine),
            days=SqlDays(engine),
            fhir=fhir,
        )
        deps.bindings.put(Binding(cuff, "withings", "p1", EVER, None, "nurse 7"))
        for n in range(2):
            body = encode(getmeas(pressure(n, 120 + 10 * n, 80, yesterday + n * HOUR)))
            deps.inbox.keep([arrival(body, TEMPLATES["withings"], channel="trusted")])

        work(deps, "w", STEADY)
        early = averages(fhir)
        derive(deps, owner="w", pace=Pace(quiet_s=0))

        assert early == []  # it is left to go quiet
        assert averages(fhir) == [["125.0", "80.0"]]
        assert deps.days.counts()["failing"] == 0
    engine.dispose()


def averages(fhir: Fhir) -> list[list[str]]:
    found = fhir.search("Observation", {"patient": "p1", "code": "96607-7"})
    return [[str(part["valueQuantity"]["value"]) for part in one["component"]] for one in found]
