"""The launch host as the app under test."""

from collections.abc import Iterator

import pytest
from tests.conformance.smart_client.app import App
from tests.conformance.smart_client.host import app_under_test


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with app_under_test(tmp_path_factory.mktemp("smart-client")) as app:
        yield app


@pytest.fixture
def app(serving: App) -> App:
    """The app, and an EHR that behaves and remembers nothing."""
    serving.ehr.begin()
    serving.clock.ahead_s = 0
    return serving
