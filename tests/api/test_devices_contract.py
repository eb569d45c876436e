"""openapi/devices.yaml and the device service say the same, whatever is sent."""

from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from pydantic import SecretStr
from tests.devices.harness import House, getmeas, group, measure

from wherry_devices.app import create_app
from wherry_devices.intake.doors import door

CONTRACT = Path(__file__).parents[2] / "openapi" / "devices.yaml"
TOKEN = "made-up-secret"


def _house() -> House:
    house = House(token=SecretStr(TOKEN))
    house.bind("cuff-1")
    house.doors = {"withings": door(["a-made-up-path-secret-000001"])}
    house.bind("scale-1")
    house.keep(getmeas(group(1, measure(9, 82), measure(10, 143))))
    house.work()
    return house


schema = schemathesis.openapi.from_path(CONTRACT)
schema.app = create_app(_house().deps())


@schema.parametrize()
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_service_keeps_its_contract(case: Any) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {TOKEN}"})
