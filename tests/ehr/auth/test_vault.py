"""The authorization server's tables on both databases: what works once works once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from wherry_ehr.auth.clients import hashed
from wherry_ehr.auth.records import Code, Grant, Launch, Session
from wherry_ehr.auth.tokens import Issued, Terms
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


def _family(vault: Vault, terms: Terms) -> tuple[Session, Issued]:
    session = _signed_in(vault)
    handle = vault.launch(LAUNCH, session, NOW)
    code = vault.trade(handle, CODE, session, NOW, MINUTE)
    found = vault.code(code or "", NOW)
    assert found is not None
    issued = vault.trade_code(found, GRANT, NOW, terms)
    assert issued is not None
    return session, issued


def test_a_refresh_token_is_renewed_once_on_both_databases(either: Any) -> None:
    """R103: of two that use it, one wins."""
    vault = Vault(either.deps.store.engine)
    terms = Terms(HOUR, refresh=HOUR, offline=True)
    _, issued = _family(vault, terms)
    found = vault.refresh(issued.refresh, NOW)
    assert found is not None

    first, second = (vault.renew(found, "launch", NOW, terms, rotate=True) for _ in range(2))

    assert first is not None
    assert second is None
    again = vault.refresh(issued.refresh, NOW)
    assert (found.used, again and again.used) == (False, True)


def test_an_ended_family_ends_all_its_tokens(either: Any) -> None:
    """R103; RFC 9700, 4.14.2."""
    vault = Vault(either.deps.store.engine)
    terms = Terms(HOUR, refresh=HOUR, offline=True)
    _, issued = _family(vault, terms)
    _, other = _family(vault, terms)
    found = vault.refresh(issued.refresh, NOW)
    assert found is not None

    vault.end_family(found.refresh.family)

    ended = vault.refresh(issued.refresh, NOW)
    assert ended is not None
    assert ended.ended
    assert vault.renew(ended, "launch", NOW, terms, rotate=True) is None
    assert vault.grant(issued.access, NOW) is None
    assert vault.grant(other.access, NOW) == GRANT


def test_offline_tokens_outlive_the_session_and_online_ones_do_not(either: Any) -> None:
    """R100, R101."""
    vault = Vault(either.deps.store.engine)
    kept: list[tuple[bool, bool]] = []
    for offline in (True, False):
        session, issued = _family(vault, Terms(HOUR, refresh=HOUR, offline=offline))
        vault.end(session)
        found = vault.refresh(issued.refresh, NOW)
        assert found is not None
        kept.append((found.ended, vault.grant(issued.access, NOW) is None))

    assert kept == [(False, False), (True, True)]
