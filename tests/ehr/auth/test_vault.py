"""The authorization server's tables on both databases: what works once works once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from wherry_ehr.auth.clients import hashed
from wherry_ehr.auth.records import Code, Grant, Launch, Session
from wherry_ehr.auth.tokens import Terms
from wherry_ehr.auth.vault import Vault

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LAUNCH = Launch("app", "p-1", "e-1", app_context='{"a": "é"}')
CODE = Code(LAUNCH, "c-1", "http://127.0.0.1/callback", "launch", "x", "n", "http://127.0.0.1/fhir")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
GRANT = Grant("app", "c-1", "p-1", "launch", "http://127.0.0.1/fhir")


def _signed_in(vault: Vault) -> Session:
    found = vault.session(hashed(vault.begin("c-1", NOW)), NOW)
    assert found is not None
    return found


def test_a_handle_becomes_a_code_and_the_code_a_token_each_once(either: Any) -> None:
    """R55, R58; a race of two for one code has one winner."""
    vault = Vault(either.deps.store.engine)
    session = _signed_in(vault)
    handle = vault.launch(LAUNCH, session, NOW)
    kept = vault.launched(handle, session, NOW)

    code, no_code = (vault.trade(handle, CODE, session, NOW, MINUTE) for _ in range(2))
    found = vault.code(code or "", NOW)
    assert found is not None
    token, no_token = (vault.trade_code(found, GRANT, NOW, Terms(HOUR)) for _ in range(2))

    assert (kept, found.code, no_code, no_token) == (LAUNCH, CODE, None, None)
    assert token is not None
    assert vault.grant(token.access, NOW) == GRANT


def test_what_has_ended_is_forgotten_after_a_day(either: Any) -> None:
    vault = Vault(either.deps.store.engine)
    session = _signed_in(vault)
    vault.launch(LAUNCH, session, NOW)
    lent = vault.lend(GRANT, session, NOW, timedelta(minutes=5))
    later = NOW + timedelta(days=2)

    vault.launch(replace(LAUNCH, patient="p-2"), session, later)

    with either.deps.store.engine.connect() as connection:
        tickets = connection.exec_driver_sql("SELECT count(*) FROM auth_ticket").scalar_one()
    assert tickets == 1
    assert vault.grant(lent, NOW + timedelta(minutes=5)) is None


def test_an_assertion_is_taken_once_until_it_has_ended(either: Any) -> None:
    """R336."""
    vault = Vault(either.deps.store.engine)
    ends = int(NOW.timestamp()) + 300

    taken = [
        vault.take_assertion("app", "jti", ends, NOW),
        vault.take_assertion("app", "jti", ends, NOW),
        vault.take_assertion("other", "jti", ends, NOW),
        vault.take_assertion("app", "jti", ends, NOW + timedelta(minutes=6)),
    ]

    assert taken == [True, False, True, True]


def test_the_key_is_made_once(either: Any) -> None:
    vault = Vault(either.deps.store.engine)

    assert (vault.known_key(), vault.key("first"), vault.key("second")) == ("", "first", "first")
    assert vault.known_key() == "first"
