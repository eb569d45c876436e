"""One score over HTTP on a real, sealed database: read again, drawn as a trend, computed again."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient

from wherry.adapters.migrate import upgrade as upgrade_inbox
from wherry.codec import decode, encode
from wherry_risk.app import create_app
from wherry_risk.cli import risk
from wherry_risk.migrate import upgrade
from wherry_risk.settings import Settings
from wherry_risk.wiring import wire

AT = "2026-03-01T12:00:00+00:00"
KEY = b64encode(b"k" * 32).decode()
HEADERS = {"Content-Type": "application/json"}
LOCAL = {"REMOTE_ADDR": "127.0.0.1"}


@pytest.fixture
def client(sqlite_url: str) -> Iterator[FlaskClient]:
    upgrade_inbox(sqlite_url)
    upgrade(sqlite_url)
    settings = Settings.model_validate({"database_url": sqlite_url, "inbox_key": KEY})
    with create_app(wire(settings)).test_client() as made:
        yield made


@pytest.fixture
def replay(sqlite_url: str) -> Callable[..., Result]:
    def run(record: str, key: str = KEY) -> Result:
        env = {"WHERRY_DATABASE_URL": sqlite_url, "WHERRY_INBOX_KEY": key}
        return CliRunner().invoke(risk, ["replay", record, "--json"], env=env)

    return run


def post(client: FlaskClient, path: str, body: Any) -> Any:
    answer = client.post(path, data=encode(body), headers=HEADERS, environ_base=LOCAL)
    assert answer.status_code == 200, answer.data
    return decode(answer.data)


@pytest.mark.parametrize("model", ["icu-mortality-24h", "sepsis-6h-vitals", "news2"])
def test_a_score_is_told_read_and_computed_again(
    model: str, client: FlaskClient, replay: Callable[..., Result], make: Any
) -> None:
    resources = [*make.icu(), *make.normal()[1:]]

    told = post(client, "/v1/score", {"model": model, "resources": resources, "at": AT})
    read = client.get(f"/v1/scores/{told['record']}", environ_base=LOCAL)
    drawn = post(client, "/v1/trend", {"patient": "p-1", "model": model, "since": AT})

    assert told["status"] == "scored"
    assert decode(read.data)["output"]["score"] == told["score"]
    assert [(one["record"], one["score"]) for one in drawn["points"]] == [
        (told["record"], told["score"])
    ]
    again = replay(told["record"])
    assert (again.exit_code, decode(again.stdout)["same"]) == (0, True), again.output
    if beside := told.get("beside"):
        assert replay(beside["record"]).exit_code == 0


def test_without_the_key_a_record_is_not_read(
    client: FlaskClient, replay: Callable[..., Result], make: Any
) -> None:
    told = post(client, "/v1/score", {"resources": make.normal(), "at": AT})

    result = replay(told["record"], key=b64encode(b"x" * 32).decode())

    assert (result.exit_code, result.stderr) == (
        1,
        "Error: the key of this record is not in WHERRY_INBOX_KEY\n",
    )


def test_the_database_tells_nobody_who_was_scored(
    client: FlaskClient, make: Any, tmp_path: Path
) -> None:
    resources = type(make)(patient_id="canary-7431").normal()
    told = post(client, "/v1/score", {"resources": resources, "at": AT})
    client.get(f"/v1/scores/{told['record']}", environ_base=LOCAL)

    stored = b"".join(path.read_bytes() for path in tmp_path.glob("wherry.db*"))
    assert told["record"].encode() in stored
    assert b"canary-7431" not in stored
