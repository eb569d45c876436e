"""`wherry inbox` on a real database: lines for people, JSON for scripts, no body unasked."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from wherry.adapters.inbox_sql import SqlInbox
from wherry.adapters.migrate import upgrade
from wherry.adapters.sql import make_engine
from wherry.cli import main
from wherry.ports import Arrival, Outcome, State

BODY = b"MSH|^~\\&|SYNTHETIC\rPID|1||42^^^SYNTHETIC||Made^Up\r"


@pytest.fixture
def inbox(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqlInbox]:
    """Four synthetic messages: done, set aside twice, waiting."""
    monkeypatch.delenv("WHERRY_DATABASE_URL", raising=False)
    upgrade(sqlite_url)
    engine = make_engine(sqlite_url)
    inbox = SqlInbox(engine)
    inbox.keep(
        [
            Arrival("hl7", BODY, "mllp:2575", "WARD", "ADT^A01", "C1"),
            Arrival("hl7", BODY, "mllp:2575", "LAB", "ORU^R01", "C2"),
        ]
    )
    claim = inbox.claim("hl7", owner="worker", limit=2, lease_s=60)
    assert claim
    inbox.settle(
        claim, [Outcome(1, State.DONE), Outcome(2, State.ASIDE, "invalid: OBX-5 at segment 7")]
    )
    inbox.keep(
        [
            Arrival("hl7", BODY, kind="ZZZ^Z01", sender="WARD", aside="unsupported: ZZZ^Z01"),
            Arrival("hl7", BODY, "mllp:2575", "WARD", "ADT^A08", "C4"),
        ]
    )
    yield inbox
    engine.dispose()


def run(tmp_path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["inbox", "--data", str(tmp_path), *arguments])


def objects(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ([], [1, 2, 3, 4]),
        (["--aside"], [2, 3]),
        (["--state", "done"], [1]),
        (["--sender", "WARD"], [1, 3, 4]),
        (["--aside", "--reason", "unsupported"], [3]),
        (["--after", "1", "--limit", "2"], [2, 3]),
        (["--sender", "NOBODY"], []),
    ],
)
def test_list_narrows(inbox: SqlInbox, tmp_path: Path, options: list[str], ids: list[int]) -> None:
    found = objects(run(tmp_path, "list", "--json", *options))

    assert [one["id"] for one in found] == ids


def test_list_says_how_a_message_stands_and_why(inbox: SqlInbox, tmp_path: Path) -> None:
    [one] = objects(run(tmp_path, "list", "--json", "--reason", "invalid"))

    assert one == {
        "id": 2,
        "received_at": one["received_at"],
        "source": "hl7",
        "channel": "mllp:2575",
        "sender": "LAB",
        "kind": "ORU^R01",
        "control_id": "C2",
        "state": "aside",
        "attempts": 0,
        "reason": "invalid: OBX-5 at segment 7",
    }
    assert one["received_at"].endswith("+00:00")


def test_list_for_people_has_a_line_for_each(inbox: SqlInbox, tmp_path: Path) -> None:
    lines = run(tmp_path, "list").stdout.splitlines()

    assert len(lines) == 4
    assert "ORU^R01" in lines[1]
    assert lines[1].endswith("invalid: OBX-5 at segment 7")


@pytest.mark.parametrize("options", [["list"], ["list", "--json"], ["show", "1"], ["stats"]])
def test_nothing_shows_a_body_unasked(inbox: SqlInbox, tmp_path: Path, options: list[str]) -> None:
    result = run(tmp_path, *options)

    assert result.exit_code == 0
    assert "Made^Up" not in result.output


def test_show_gives_the_body_when_asked(inbox: SqlInbox, tmp_path: Path) -> None:
    result = run(tmp_path, "show", "1", "--reveal")
    [as_json] = objects(run(tmp_path, "show", "1", "--reveal", "--json"))

    assert "PID|1||42^^^SYNTHETIC||Made^Up\n" in result.stdout
    assert as_json["body"] == BODY.decode().replace("\r", "\n")


def test_show_of_an_unknown_id_fails(inbox: SqlInbox, tmp_path: Path) -> None:
    result = run(tmp_path, "show", "99")

    assert (result.exit_code, result.stderr) == (1, "Error: no such message\n")


@pytest.mark.parametrize(
    ("options", "count", "waiting"),
    [
        (["2"], 1, [2, 4]),
        (["1", "3"], 2, [1, 3, 4]),
        (["--reason", "unsupported"], 1, [3, 4]),
        (["--sender", "LAB"], 1, [2, 4]),
        (["--sender", "WARD", "--state", "done"], 1, [1, 4]),
    ],
)
def test_replay_puts_back(
    inbox: SqlInbox, tmp_path: Path, options: list[str], count: int, waiting: list[int]
) -> None:
    replayed = objects(run(tmp_path, "replay", "--json", *options))

    found = objects(run(tmp_path, "list", "--json", "--state", "waiting"))
    assert replayed == [{"replayed": count}]
    assert [one["id"] for one in found] == waiting


def test_replay_goes_through_more_than_one_page(inbox: SqlInbox, tmp_path: Path) -> None:
    inbox.keep([Arrival("hl7", BODY, sender="BULK", aside="unsupported")] * 450)

    assert objects(run(tmp_path, "replay", "--sender", "BULK", "--json")) == [{"replayed": 450}]


@pytest.mark.parametrize("options", [["99"], ["4"], ["2", "99"]])
def test_replay_of_what_cannot_be_replayed_fails(
    inbox: SqlInbox, tmp_path: Path, options: list[str]
) -> None:
    assert run(tmp_path, "replay", *options).exit_code == 1


@pytest.mark.parametrize("options", [[], ["2", "--sender", "LAB"]])
def test_replay_wants_ids_or_a_choice(inbox: SqlInbox, tmp_path: Path, options: list[str]) -> None:
    assert run(tmp_path, "replay", *options).exit_code == 2


def test_stats_counts(inbox: SqlInbox, tmp_path: Path) -> None:
    [stats] = objects(run(tmp_path, "stats", "--json"))

    assert stats["counts"] == [
        {"source": "hl7", "state": "aside", "count": 2},
        {"source": "hl7", "state": "done", "count": 1},
        {"source": "hl7", "state": "waiting", "count": 1},
    ]
    assert stats["oldest_waiting_s"] >= 0


def test_a_place_without_an_inbox_is_said_and_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WHERRY_DATABASE_URL", raising=False)

    result = run(tmp_path / "typo", "list")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "there is no inbox at" in result.stderr
    assert not (tmp_path / "typo").exists()


def test_the_database_of_the_settings_goes_first(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(postgres_url)
    monkeypatch.setenv("WHERRY_DATABASE_URL", postgres_url)

    assert objects(run(tmp_path, "stats", "--json")) == [{"counts": [], "oldest_waiting_s": 0.0}]


def deeds(tmp_path: Path) -> list[tuple[str, str, int, str]]:
    rows = objects(run(tmp_path, "audit", "--json"))
    assert {row["who"].partition(":")[0] for row in rows} <= {"os"}
    return [(row["what"], row["who"][:3], row["message"], row["note"]) for row in rows]


def test_a_reveal_is_audited_and_a_look_is_not(inbox: SqlInbox, tmp_path: Path) -> None:
    run(tmp_path, "show", "1")
    run(tmp_path, "show", "1", "--reveal", "--note", "ticket 7")

    [told] = objects(run(tmp_path, "show", "1", "--json"))
    assert deeds(tmp_path) == [("reveal", "os:", 1, "ticket 7")]
    assert len(told["audit"]) == 1


def test_a_message_is_shown_as_its_shape(inbox: SqlInbox, tmp_path: Path) -> None:
    [told] = objects(run(tmp_path, "show", "1", "--json"))

    assert told["body"] == "MSH|^~\\&|SYNTHETIC\nPID|x||x^^^x||x^x"
    assert told["revealed"] is False


def test_what_was_seen_to_is_marked_with_a_note(inbox: SqlInbox, tmp_path: Path) -> None:
    marked = objects(run(tmp_path, "handle", "2", "--note", "entered by hand", "--json"))

    [one] = objects(run(tmp_path, "list", "--json", "--reason", "handled"))
    assert marked == [{"handled": 1}]
    assert (one["id"], one["state"], one["reason"]) == (
        2,
        "done",
        "handled: invalid: OBX-5 at segment 7",
    )
    assert deeds(tmp_path) == [("handle", "os:", 2, "entered by hand")]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["2"], 2), (["2", "--note", " "], 1), (["4", "--note", "n"], 1), (["99", "--note", "n"], 1)],
)
def test_marking_needs_a_note_and_a_message_that_lies_aside(
    inbox: SqlInbox, tmp_path: Path, arguments: list[str], code: int
) -> None:
    assert run(tmp_path, "handle", *arguments).exit_code == code


def test_replay_chooses_by_time(inbox: SqlInbox, tmp_path: Path) -> None:
    before = objects(run(tmp_path, "replay", "--until", "2000-01-01", "--json"))
    after = objects(run(tmp_path, "replay", "--since", "2000-01-01", "--json"))

    assert (before, after) == ([{"replayed": 0}], [{"replayed": 2}])
    assert run(tmp_path, "replay", "--since", "yesterday").exit_code == 2


def test_purge_says_what_is_due_and_removes_it(inbox: SqlInbox, tmp_path: Path) -> None:
    planned = objects(run(tmp_path, "purge", "--older-than", "0d", "--dry-run", "--json"))
    young = objects(run(tmp_path, "purge", "--json"))
    purged = objects(run(tmp_path, "purge", "--older-than", "0h", "--json"))

    [one] = objects(run(tmp_path, "show", "1", "--json"))
    assert [planned, young, purged] == [
        [{"due": 1, "bodies": 0, "rows": 0}],
        [{"due": 0, "bodies": 0, "rows": 0}],
        [{"due": 1, "bodies": 1, "rows": 0}],
    ]
    assert (one["purged"], one["size_bytes"], one["sha256"]) == (True, 0, "")
    assert run(tmp_path, "purge", "--older-than", "soon").exit_code == 2


def test_rekey_encrypts_what_lies_clear(
    inbox: SqlInbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHERRY_INBOX_KEY", "bWFkZS11cCBrZXkgb2YgMzIgYnl0ZXMgZm9yIHRlc3Q=")

    first = objects(run(tmp_path, "rekey", "--json"))
    again = objects(run(tmp_path, "rekey", "--json"))
    shown = objects(run(tmp_path, "show", "1", "--reveal", "--json"))

    assert (first, again) == ([{"bodies": 4}], [{"bodies": 0}])
    assert shown[0]["body"] == BODY.decode().replace("\r", "\n")
    monkeypatch.delenv("WHERRY_INBOX_KEY")
    assert "is not in WHERRY_INBOX_KEY" in run(tmp_path, "show", "1").stderr


def test_feeds_tell_how_each_sender_stands(inbox: SqlInbox, tmp_path: Path) -> None:
    ward, lab = objects(run(tmp_path, "feeds", "--json"))

    assert (ward["sender"], ward["received"], ward["waiting"], ward["aside"]) == ("WARD", 3, 1, 1)
    assert (lab["sender"], lab["aside"], lab["unknown_codes"]) == ("LAB", 1, 0)
    assert (lab["clock_skew_s"], ward["done"]) == (None, 1)
    assert "waiting 1" in run(tmp_path, "feeds").stdout
