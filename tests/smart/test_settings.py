"""Settings that could not be right are refused before anything is served."""

import pytest
from pydantic import ValidationError

from wherry_smart.settings import Settings


@pytest.mark.parametrize(
    "url", ["http://app.example.org", "ftp://x", "app.example.org", "https://"]
)
def test_the_public_address_is_https_or_on_this_machine(url: str) -> None:
    with pytest.raises(ValidationError):
        Settings(public_url=url)


@pytest.mark.parametrize(
    "url", ["https://app.example.org", "http://127.0.0.1:8105/", "http://localhost:8105"]
)
def test_a_public_address_that_can_be_right_is_taken(url: str) -> None:
    assert Settings(public_url=url).public_url == url.rstrip("/")
