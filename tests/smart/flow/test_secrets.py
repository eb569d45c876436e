"""No token in the browser, in a log, in a metric or readable in Redis: a canary is followed."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import structlog
import structlog.testing

from wherry_smart.protocol.launches import Session, Tokens, unpack

CANARY = "canary-token-that-nobody-may-see"


class Logged:
    """Everything that any logger says, at the lowest level."""

    def __init__(self, events: list[Any], caplog: pytest.LogCaptureFixture) -> None:
        self.events = events
        self._caplog = caplog

    def text(self) -> str:
        return f"{self.events} {self._caplog.text}"


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[Logged]:
    caplog.set_level(logging.DEBUG)
    merge = structlog.contextvars.merge_contextvars
    with structlog.testing.capture_logs(processors=[merge]) as events:
        yield Logged(events, caplog)


@contextmanager
def _answers(host: Any) -> Iterator[list[str]]:
    """All that a browser is sent, headers and body."""
    said: list[str] = []

    def keep(response: Any) -> Any:
        said.append(f"{response.status} {response.headers} {response.get_data(as_text=True)}")
        return response

    host.app.after_request(keep)
    yield said


def test_a_whole_launch_leaves_no_token_anywhere(host: Any, ehr: Any, logged: Logged) -> None:
    browser = host.browser()
    with _answers(host) as said:
        path = host.open(browser)
        for address in (path, f"{path}api/summary", "/metrics", "/readyz"):
            assert browser.get(address).status_code == 200
        ehr.token_status = 400  # with the canary in its error_description
        assert host.come_back(browser).status_code == 403
        ehr.token_status, ehr.claims = 200, {"aud": "another-app"}
        assert host.come_back(browser).status_code == 403

    kept = b" ".join(key + b" " + (host.redis.get(key) or b"") for key in host.redis.scan_iter())
    secrets = [CANARY, *_secrets_of(ehr)]
    assert host.opened[0][1].startswith(CANARY)
    assert len(secrets) > 10
    for secret in secrets:
        assert secret not in logged.text()
        assert secret.encode() not in kept
    for secret in (CANARY, *_of_requests(ehr)):
        assert secret not in " ".join(said)


def test_what_is_shown_of_a_launch_by_mistake_holds_no_secret(host: Any) -> None:
    browser = host.browser()
    with host.app.test_request_context():
        path = host.open(browser)
        found = unpack(Session, host.deps.vault.get("session", path.split("/")[2]))
        assert found is not None
        tokens = unpack(Tokens, host.deps.vault.get("tokens", found.tokens))

    assert tokens is not None
    assert tokens.access_token.startswith(CANARY)
    assert CANARY not in repr((found, tokens))
    assert found.tokens not in repr((found, tokens))


def test_logs_name_the_patient_by_id_alone(host: Any, logged: Logged) -> None:
    host.fhir.put({"resourceType": "Patient", "id": "p-1", "name": [{"family": "Testperson"}]})
    browser = host.browser()
    browser.get(f"{host.open(browser)}api/summary")

    said = {event["event"]: event for event in logged.events}
    assert {"launch_started", "session_started", "summary_read"} <= set(said)
    assert (said["summary_read"]["patient"], said["summary_read"]["person"]) == (
        "p-1",
        "Practitioner/u-1",
    )
    assert "Testperson" not in logged.text()


def _secrets_of(ehr: Any) -> list[str]:
    """Code, verifier, assertion of every token request, and the states and nonces before."""
    asked = [value for each in ehr.seen for name, value in each.items() if name in _ASKED]
    return [*asked, *_of_requests(ehr)]


_ASKED = {"state", "nonce"}


def _of_requests(ehr: Any) -> list[str]:
    return [value for each in ehr.spent for value in each]
