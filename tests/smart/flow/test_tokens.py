"""Tokens are renewed in time, by one request, and end when the EHR says so."""

from typing import Any
from urllib.parse import parse_qs

import pytest

TOKEN = "https://ehr.example.org/auth/token"


@pytest.fixture
def renewing(host: Any, ehr: Any) -> Any:
    """A session whose token can be renewed; what the EHR answers to that, and what it was asked."""
    ehr.answer = {"refresh_token": "refresh-1", "expires_in": 600}
    browser = host.browser()
    path = host.open(browser)
    asked: list[dict[str, str]] = []
    answer: dict[str, Any] = {
        "status": 200,
        "body": {"access_token": "renewed", "token_type": "Bearer", "expires_in": 600},
    }

    def renew(request: Any) -> Any:
        asked.append({name: values[0] for name, values in parse_qs(request.body).items()})
        return answer["status"], {}, host.encode(answer["body"])

    ehr.web.remove("POST", TOKEN)
    ehr.web.add_callback("POST", TOKEN, renew)
    return browser, path, asked, answer


def _status(renewing: Any) -> int:
    browser, path, *_ = renewing
    return int(browser.get(f"{path}api/patient").status_code)


def test_a_token_is_not_renewed_before_four_fifths_of_its_life(
    renewing: Any, clock: Any, host: Any
) -> None:
    clock.pass_(seconds=479)

    assert (_status(renewing), renewing[2]) == (200, [])
    assert host.opened[-1][1] == "canary-token-that-nobody-may-see-p-1"


def test_a_renewed_token_is_used_from_then_on(renewing: Any, clock: Any, host: Any) -> None:
    clock.pass_(seconds=480)

    assert (_status(renewing), _status(renewing)) == (200, 200)
    assert [each["refresh_token"] for each in renewing[2]] == ["refresh-1"]
    assert [token for _, token in host.opened] == ["renewed", "renewed"]


def test_a_refresh_token_that_was_not_replaced_is_used_again(renewing: Any, clock: Any) -> None:
    for _ in range(2):
        clock.pass_(seconds=500)
        assert _status(renewing) == 200

    assert [each["refresh_token"] for each in renewing[2]] == ["refresh-1", "refresh-1"]


def test_when_the_ehr_is_away_the_old_token_is_used_to_its_end(renewing: Any, clock: Any) -> None:
    renewing[3].update(status=503, body={})
    clock.pass_(seconds=500)
    assert _status(renewing) == 200
    clock.pass_(seconds=101)

    assert _status(renewing) == 503
    renewing[3].update(status=200, body={"access_token": "late", "token_type": "Bearer"})
    assert _status(renewing) == 200


def test_a_grant_that_the_ehr_ended_ends_the_session(renewing: Any, clock: Any, host: Any) -> None:
    renewing[3].update(status=400, body={"error": "invalid_grant"})
    clock.pass_(seconds=500)

    assert (_status(renewing), _status(renewing)) == (401, 401)
    assert len(renewing[2]) == 1


def test_while_somebody_else_renews_the_old_token_does(
    renewing: Any, clock: Any, host: Any
) -> None:
    name = host.tokens_name(renewing[1])
    assert host.deps.turns.claim("renewing", name, life_s=60)
    clock.pass_(seconds=500)

    assert (_status(renewing), renewing[2]) == (200, [])


def test_when_it_has_ended_the_renewal_of_somebody_else_is_waited_for(
    renewing: Any, clock: Any, host: Any
) -> None:
    name = host.tokens_name(renewing[1])
    assert host.deps.turns.claim("renewing", name, life_s=60)
    clock.pass_(seconds=601)

    assert (_status(renewing), renewing[2]) == (503, [])


def test_a_turn_is_given_back_by_whoever_has_it_alone(host: Any) -> None:
    turns = host.deps.turns
    mine = turns.claim("renewing", "made-up", life_s=60)
    turns.release("renewing", "made-up", "somebody-elses")

    assert mine
    assert turns.claim("renewing", "made-up", life_s=60) == ""
    turns.release("renewing", "made-up", mine)
    assert turns.claim("renewing", "made-up", life_s=60)


def test_a_session_that_nobody_asks_ends(host: Any) -> None:
    browser = host.browser()
    path = host.open(browser)
    (entry,) = host.redis.scan_iter("wherry:smart:session:*")
    host.redis.expire(entry, 5)

    browser.get(f"{path}api/session")

    assert 890 <= host.redis.ttl(entry) <= 900


def test_a_stranger_does_not_keep_a_session_alive(host: Any) -> None:
    path = host.open(host.browser())
    (entry,) = host.redis.scan_iter("wherry:smart:session:*")
    host.redis.expire(entry, 5)

    host.browser().get(f"{path}api/session")

    assert host.redis.ttl(entry) <= 5
