"""Whom the chart pages are shown to, and that they do nothing but show."""

from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from wherry.web.peers import read_networks
from wherry_ehr.app import create_app

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


@pytest.mark.parametrize("path", ["/chart", "/chart/p-1"])
def test_hostile_texts_are_shown_and_do_nothing(sandbox: Any, made: Any, path: str) -> None:
    sandbox.put(
        made.patient(family=EVIL, identifier=[{"value": EVIL, "type": {"text": EVIL}}]),
        made.observation("o-1", "vital-signs", EVIL, valueQuantity={"value": 1, "unit": EVIL}),
        made.assessment("r-1", EVIL, "2026-03-01T11:00:00Z"),
    )

    page = sandbox.parsed(path)

    tags = {tag for tag, _ in page.tags}
    attributes = {name for _, attrs in page.tags for name in attrs}
    actions = {attrs["action"] for tag, attrs in page.tags if tag == "form"}
    assert not tags & {"script", "img", "iframe", "style"}
    assert actions <= {"/chart", "/chart/_session/end", "/chart/p-1/launch"}
    assert not {name for name in attributes if name.startswith("on")} | attributes & {"style"}
    assert any(EVIL in cell for row in page.rows for cell in row)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/chart", 200),
        ("/chart/p-1", 200),
        ("/chart/nobody", 404),
        ("/chart/assets/chart.css", 200),
    ],
)
def test_every_page_is_kept_by_nobody_and_loads_nothing_foreign(
    sandbox: Any, made: Any, path: str, status: int
) -> None:
    sandbox.put(made.patient())

    answer = sandbox.client.get(path)

    policy = answer.headers["Content-Security-Policy"]
    assert answer.status_code == status
    assert (answer.headers["Cache-Control"], answer.headers["X-Content-Type-Options"]) == (
        "no-store",
        "nosniff",
    )
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("peer", "host", "statuses"),
    [
        ("127.0.0.1", "localhost:8100", (303, 200)),
        ("::1", "[::1]:8100", (303, 200)),
        ("127.0.0.1", "[::1]", (303, 200)),
        ("203.0.113.5", "127.0.0.1:8100", (403, 403)),
        ("127.0.0.1", "rebound.example.org:8100", (403, 403)),
        ("127.0.0.1", "localhost.example.org", (403, 403)),
    ],
)
def test_pages_are_shown_on_this_machine_only(
    sandbox: Any, made: Any, peer: str, host: str, statuses: tuple[int, int]
) -> None:
    sandbox.put(made.patient())

    def status(path: str) -> int:
        answer = sandbox.client.get(
            path, headers={"Host": host}, environ_base={"REMOTE_ADDR": peer}
        )
        assert "Testperson" not in answer.get_data(as_text=True)
        return int(answer.status_code)

    of_others, sign_in = statuses
    assert [status("/chart"), status("/chart/p-1")] == [of_others, of_others]
    assert status("/chart/_session") == sign_in


@pytest.mark.parametrize(
    ("peer", "host", "status"),
    [
        ("172.30.87.1", "127.0.0.1:8100", 200),
        ("::ffff:172.30.87.1", "127.0.0.1:8100", 200),
        ("fd00:87::1", "[::1]:8100", 200),
        ("127.0.0.1", "127.0.0.1:8100", 200),
        ("172.30.87.2", "127.0.0.1:8100", 403),
        ("172.30.87.1", "rebound.example.org:8100", 403),
    ],
)
@pytest.mark.parametrize("path", ["/chart/_session", "/chart/assets/chart.css"])
def test_pages_are_shown_to_peers_that_the_operator_trusts(
    sandbox: Any, path: str, peer: str, host: str, status: int
) -> None:
    trusted = read_networks("172.30.87.1/32 fd00:87::/64")
    client = create_app(replace(sandbox.deps, trusted_peers=trusted)).test_client()

    answer = client.get(path, headers={"Host": host}, environ_base={"REMOTE_ADDR": peer})

    assert answer.status_code == status


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_no_header_makes_a_stranger_near(sandbox: Any, header: str) -> None:
    answer = sandbox.client.get(
        "/chart/_session",
        headers={"Host": "127.0.0.1:8100", header: "for=127.0.0.1, 127.0.0.1"},
        environ_base={"REMOTE_ADDR": "203.0.113.5"},
    )

    assert answer.status_code == 403


def test_under_another_name_of_this_machine_the_way_to_the_public_one_is_shown(
    sandbox: Any,
) -> None:
    sandbox.client.application.extensions["wherry"] = replace(
        sandbox.deps, issuer="http://127.0.0.1:8100/fhir"
    )

    answer = sandbox.client.get("/chart/p-1?a=b", headers={"Host": "localhost:8100"})

    assert (answer.status_code, answer.location) == (302, "http://127.0.0.1:8100/chart/p-1?a=b")


def test_an_unknown_or_deleted_patient_gets_a_page_that_says_so(sandbox: Any, made: Any) -> None:
    sandbox.put(made.patient())
    sandbox.client.delete("/fhir/Patient/p-1")

    for path in ("/chart/p-1", "/chart/nobody"):
        answer = sandbox.client.get(path)

        assert (answer.status_code, answer.mimetype) == (404, "text/html")
        assert "This page cannot be shown" in answer.get_data(as_text=True)


def test_opening_a_chart_is_logged_with_the_logical_id_only(sandbox: Any, made: Any) -> None:
    sandbox.put(made.patient())

    with capture_logs() as logs:
        sandbox.page("/chart/p-1")

    opened = [entry for entry in logs if entry["event"] == "chart_opened"]
    assert opened == [{"event": "chart_opened", "log_level": "info", "patient_id": "p-1"}]
    assert "Testperson" not in str(logs)
