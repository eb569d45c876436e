"""What the tests of the device service share."""

import pytest
from tests.devices.harness import House


@pytest.fixture
def house() -> House:
    """A service without any binding."""
    return House()
