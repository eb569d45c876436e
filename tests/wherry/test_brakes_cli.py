"""`wherry inbox` and a brake that is on: seen at once, taken off with a trace. Synthetic."""

from pathlib import Path

import pytest
from tests.wherry.test_inbox_cli import BODY, objects, run

from wherry.adapters.inbox_sql import SqlInbox
from wherry.adapters.migrate import upgrade
from wherry.adapters.sql import make_engine
from wherry.braking import Braking
from wherry.ports import Arrival, Outcome, State


def braked(sqlite_url: str) -> None:
    """LAB, of whom three in a row were set aside, and of whom one more waits."""
    upgrade(sqlite_url)
    engine = make_engine(sqlite_url)
    inbox = SqlInbox(engine, braking=Braking(limit=3, first_pause_s=3600))
    inbox.keep([Arrival("hl7", BODY, sender="LAB", control_id=f"B{n}") for n in range(4)])
    claim = inbox.claim("hl7", owner="worker", limit=9, lease_s=60)
    assert claim
    inbox.settle(
        claim, [Outcome(kept.id, State.ASIDE, "invalid: OBX-5") for kept in claim.messages]
    )
    engine.dispose()


def test_feeds_say_loudly_that_a_brake_is_on_and_release_takes_it_off(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WHERRY_DATABASE_URL", raising=False)
    braked(sqlite_url)

    told = run(tmp_path, "feeds").stdout
    [lab] = [one for one in objects(run(tmp_path, "feeds", "--json")) if one["sender"] == "LAB"]
    released = objects(run(tmp_path, "release", "LAB", "--note", "map mended", "--json"))
    again = run(tmp_path, "release", "LAB")

    assert "BRAKE ON since" in told
    assert "wherry inbox release 'LAB'" in told
    assert lab["brake"]["set_aside_in_a_row"] == 3
    assert lab["brake"]["reason"] == "invalid: OBX-5"
    assert released == [{"released": 1}]
    assert again.exit_code == 1
    assert "no brake of this sender is on" in again.stderr
    assert "BRAKE" not in run(tmp_path, "feeds").stdout
    [deed] = objects(run(tmp_path, "audit", "--json"))
    assert (deed["what"], deed["message"], deed["note"]) == ("release", 0, "LAB map mended")
