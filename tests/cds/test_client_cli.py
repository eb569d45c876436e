"""wherry cds client: registrations at the command line."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.cds.clients.ehr import BASE, ENDPOINT, ISS, JKU, claims, ec, header, jwk, signed

from wherry.adapters.clock import SystemClock
from wherry.codec import decode, encode
from wherry_cds.cli import cds
from wherry_cds.migrate import upgrade

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The commands on an empty database, with one EHR in the file."""
    url, file = f"sqlite:///{tmp_path}/cds.db", tmp_path / "clients.json"
    upgrade(url)
    file.write_bytes(encode([{"id": "by-file", "iss": "urn:file", "jwks": {"keys": [jwk(ec())]}}]))
    monkeypatch.setenv("WHERRY_DATABASE_URL", url)
    monkeypatch.setenv("WHERRY_CDS_CLIENTS", str(file))
    monkeypatch.setenv("WHERRY_CDS_PUBLIC_URL", BASE)
    return lambda *words, **more: CliRunner().invoke(cds, ["client", *words], **more)


def listed(run: Run) -> list[dict[str, Any]]:
    return [decode(line.encode()) for line in run("list", "--json").stdout.splitlines()]


def test_what_is_added_is_listed_beside_the_file_until_it_is_removed(run: Run) -> None:
    added = run("add", "ehr", "--iss", ISS, "--jku", JKU, "--profile", "epic", "--tenant", "west")

    assert added.exit_code == 0
    assert [(one["id"], one["tenant"], one["profile"], one["from"]) for one in listed(run)] == [
        ("by-file", "by-file", "strict", "file"),
        ("ehr", "west", "epic", "database"),
    ]
    assert "ehr\twest\tepic\t2.0\ton" in run("list").stdout
    assert (run("remove", "ehr").exit_code, run("remove", "ehr").exit_code) == (0, 1)
    assert [one["id"] for one in listed(run)] == ["by-file"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ehr", "--iss", ISS], "jku: ehr: needed"),
        (["ehr", "--iss", ISS, "--jku", "http://x.example.org"], "jku: ehr: https is needed"),
        (["ehr", "--iss", ISS, "--jku", JKU, "--alg", "HS256"], "algs: ehr: not known or not safe"),
        (["by-file", "--iss", ISS, "--jku", JKU], "id: by-file is registered twice"),
        (["ehr", "--iss", "urn:file", "--jku", JKU], "iss: by-file and ehr have one iss"),
    ],
)
def test_a_registration_of_no_use_is_refused_with_its_place(
    run: Run, words: list[str], said: str
) -> None:
    refused = run("add", *words)

    assert (refused.exit_code, refused.stderr.startswith(said)) == (1, True), refused.stderr
    assert [one["id"] for one in listed(run)] == ["by-file"]


@pytest.fixture
def keys_at() -> Iterator[str]:
    """The address of a key set on this machine."""

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(encode({"keys": [jwk(ec())]}))

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as the base class
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/jwks.json"
    server.shutdown()
    thread.join()
    server.server_close()


def test_check_fetches_the_keys_as_the_service_would(run: Run, keys_at: str) -> None:
    run("add", "near", "--iss", ISS, "--jku", keys_at, "--profile", "sandbox")

    found = run("check", "near")

    assert (found.exit_code, found.stdout) == (0, f"good\tkeys\t{keys_at}\n")


def test_check_says_why_keys_cannot_be_fetched(run: Run) -> None:
    run("add", "far", "--iss", ISS, "--jku", "https://127.0.0.1:1/jwks")

    found = run("check", "far")

    assert found.exit_code == 1
    assert found.stdout.startswith("WRONG\tkeys\thttps://127.0.0.1:1/jwks: ")
    assert "private" in found.stdout


def made(**changes: Any) -> str:
    now_s = int(SystemClock().now().timestamp())
    said = claims(iss="urn:file", iat=now_s, exp=now_s + 60, **changes)
    return signed(said, head=header(jku=None))


@pytest.mark.parametrize(
    ("changes", "words", "code", "said"),
    [
        ({}, [], 0, "good\ttoken\tevery rule is kept"),
        ({}, ["--endpoint", ENDPOINT], 0, "good\ttoken\tevery rule is kept"),
        ({}, ["--endpoint", f"{BASE}/cds-services/x"], 1, "WRONG\taudience"),
        ({"aud": "https://other.example.org/cds-services"}, [], 1, "WRONG\taudience"),
        ({"jti": None}, [], 1, "WRONG\treplay"),
    ],
)
def test_check_says_which_rule_a_token_breaks_and_uses_none_up(
    run: Run, changes: dict[str, Any], words: list[str], code: int, said: str
) -> None:
    token = made(**changes)

    found = [run("check", "by-file", "--from-input", *words, input=token) for _ in range(2)]

    assert {one.exit_code for one in found} == {code}
    assert all(said in one.stdout for one in found), found[0].stdout
    assert token not in found[0].output


def test_check_tells_whose_token_it_is(run: Run) -> None:
    run("add", "ehr", "--iss", ISS, "--jku", "https://127.0.0.1:1/jwks")

    assert "one of by-file" in run("check", "ehr", "--token", made()).stdout


def test_check_knows_registered_clients_only(run: Run) -> None:
    found = run("check", "nobody")

    assert (found.exit_code, found.stderr) == (1, "nobody: no such client is registered\n")
