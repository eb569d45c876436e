"""What the tests of the device service share."""

from collections.abc import Iterator

import pytest
from tests.devices.connected import Parts, sql_parts
from tests.devices.fake_connections import FakeConnections
from tests.devices.harness import FakeBindings, House
from tests.devices.loopback import Vendor, served

from wherry.adapters.migrate import upgrade as upgrade_inbox
from wherry.adapters.sql import make_engine
from wherry_devices.migrate import upgrade


@pytest.fixture
def house() -> House:
    """A service without any binding."""
    return House()


@pytest.fixture(params=["fake", "sqlite", "postgres"])
def parts(request: pytest.FixtureRequest) -> Iterator[Parts]:
    """No connection yet."""
    if request.param == "fake":
        bindings = FakeBindings()
        fake = FakeConnections(bindings)

        def wait(seconds: float) -> None:
            fake.time_s += seconds

        yield Parts(fake, fake, fake, fake, bindings, wait)
        return
    url = request.getfixturevalue(f"{request.param}_url")
    upgrade_inbox(url)
    upgrade(url)
    engine = make_engine(url)
    yield sql_parts(engine)
    engine.dispose()


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    """A Withings on the loopback."""
    with served() as found:
        yield found


@pytest.fixture
def bound(house: House) -> House:
    """A service whose cuff and scale belong to one patient."""
    house.bind("cuff-1")
    return house
