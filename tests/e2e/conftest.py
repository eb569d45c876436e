"""One house and one browser for each module of tests of the app; a visitor for each test."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from tests.e2e.app_house import House, house
from tests.e2e.app_steps import Visitor, browsing, visiting

from wherry.testing.browser import chromium


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, redis_server_url: str) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("house"), redis_server_url) as made:
        yield made


@pytest.fixture(scope="module")
def opened_once() -> Iterator[Browser]:
    with browsing(chromium()) as one:
        yield one


@pytest.fixture
def visitor(opened_once: Browser, home: House) -> Iterator[Visitor]:
    home.clock.reset()
    home.gone.clear()
    with visiting(opened_once, home) as one:
        one.sign_in()
        yield one
    home.clock.reset()
