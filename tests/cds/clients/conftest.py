"""A service whose one client is the made-up EHR."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr
from tests.cds.clients.ehr import Checking, client

from wherry_cds.clients.gate import Unregistered

STRANGER = {"REMOTE_ADDR": "203.0.113.5"}


@pytest.fixture
def checking() -> Checking:
    return Checking()


@pytest.fixture
def guarded(build: Any, checking: Checking) -> Callable[..., Any]:
    """A service whose one client is the made-up EHR, called from elsewhere."""

    def made(*clients: Any, token: SecretStr | None = None, **more: Any) -> Any:
        gate = checking.gate(*(clients or (client(),)), otherwise=Unregistered(token), **more)
        world = build(gate=gate, token=token)
        world.client.environ_base.update(STRANGER)
        return world

    return made
