"""A vendor that cannot sign comes in by a secret path; what it says is a hint and no reading."""

import json
from hashlib import sha256
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr, ValidationError
from structlog.testing import capture_logs
from tests.devices.harness import House, getmeas, group, measure
from werkzeug.test import TestResponse

from wherry.codec import encode
from wherry.networks import networks
from wherry.ports import State
from wherry.suite.addresses import Addresses
from wherry.suite.processes import Suite, table
from wherry_devices.app import create_app
from wherry_devices.intake.doors import door, sender
from wherry_devices.settings import Settings
from wherry_devices.wiring import door_of

OLD, NEW = "old-made-up-path-secret-0001", "new-made-up-path-secret-0002"
NOTICE = b"userid=4711&appli=4&startdate=1772350000&enddate=1772350100"
FORM = "application/x-www-form-urlencoded"
DOCKERFILE = Path(__file__).parents[2] / "services" / "Dockerfile"
VENDOR = "198.51.100.7"


@pytest.fixture
def web(house: House) -> FlaskClient:
    house.token = SecretStr("made-up-token")
    house.doors = {
        "withings": door([OLD, NEW]),
        "omron": door([NEW], networks(["198.51.100.0/24"])),
    }
    house.proxies = networks(["10.0.0.0/8"])
    return create_app(house.deps()).test_client()


def notify(
    web: FlaskClient,
    secret: str = OLD,
    *,
    source: str = "withings",
    body: bytes = NOTICE,
    type_: str = FORM,
    address: str = VENDOR,
    method: str = "POST",
    forwarded: str = "",
) -> TestResponse:
    return web.open(
        f"/v1/sources/{source}/{secret}",
        method=method,
        data=body if method == "POST" else None,
        headers={"Content-Type": type_, **({"X-Forwarded-For": forwarded} if forwarded else {})},
        environ_base={"REMOTE_ADDR": address},
    )


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_either_secret_lets_a_notice_in_without_the_token(
    house: House, web: FlaskClient, secret: str
) -> None:
    answer = notify(web, secret)

    assert (answer.status_code, answer.data) == (200, b"")
    kept = house.message(1)
    assert (kept.sender, kept.channel, kept.body) == ("withings", "hint", NOTICE)
    house.work()
    assert house.ended(1) == (State.DONE, "")
    assert house.tally.counts() == {("withings", "notice-to-fetch"): 1}


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_the_check_of_the_address_is_answered_to_whoever_knows_it(
    house: House, web: FlaskClient, method: str
) -> None:
    assert notify(web, method=method).status_code == 200
    assert notify(web, "a" * 30, method=method).status_code == 404
    assert house.inbox.counts() == {}


@pytest.mark.parametrize(
    ("source", "secret", "address"),
    [
        ("withings", OLD + "x", VENDOR),
        ("withings", OLD[:-1], VENDOR),
        ("withings", "ü" * 30, VENDOR),
        ("omron", OLD, VENDOR),
        ("omron", NEW, "203.0.113.9"),
        ("dexcom", OLD, VENDOR),
        ("nobody", OLD, VENDOR),
        ("withings", sha256(OLD.encode()).hexdigest(), VENDOR),
        ("dexcom", "-", VENDOR),
    ],
)
def test_whatever_is_wrong_the_answer_is_the_same_and_nothing_is_kept(
    house: House, web: FlaskClient, source: str, secret: str, address: str
) -> None:
    answer = notify(web, secret, source=source, address=address)

    assert answer.status_code == 404
    assert answer.json["issue"] == [  # type: ignore[index]  # an OperationOutcome
        {
            "severity": "error",
            "code": "not-found",
            "details": {"text": "no such source"},
            "expression": ["source"],
        }
    ]
    assert house.inbox.counts() == {}


def test_what_is_refused_is_counted_by_source_and_reason(web: FlaskClient) -> None:
    notify(web, "x" * 30)
    notify(web, NEW, source="omron", address="203.0.113.9")
    notify(web, source="made-up-by-a-stranger")

    told = web.get("/metrics").text

    for source, verdict in (("withings", "wrong"), ("omron", "elsewhere"), ("", "none")):
        line = f'wherry_devices_doors_total{{source="{source}",verdict="{verdict}"}} 1.0'
        assert line in told
    assert "stranger" not in told


def test_no_secret_is_written_anywhere(
    web: FlaskClient, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    wrong = "wrong-made-up-path-secret-03"
    with capture_logs() as events:
        for secret in (OLD, wrong):
            for method in ("POST", "GET", "HEAD", "PUT"):
                notify(web, secret, method=method)
            notify(web, secret, type_="text/plain")
            notify(web, secret, body=b"")
        house.inbox.away = True
        refused = notify(web)

    told = f"{events}{caplog.text}{web.get('/metrics').text}{refused.text}"
    house.inbox.away = False
    kept = repr(house.message(1)) + repr(house.deps())
    assert "door_refused" in told
    assert refused.status_code == 503
    assert not [one for one in (OLD, NEW, wrong) if one in told + kept]


def test_readings_that_come_without_a_signature_are_not_believed(
    house: House, web: FlaskClient
) -> None:
    house.bind("cuff-1")
    body = encode(getmeas(group(1, measure(11, 70))))

    answer = notify(web, body=body, type_="application/json")
    house.work()

    assert answer.status_code == 200
    assert house.ended(1) == (State.ASIDE, "unsigned at payload")
    assert house.fhir.all("Observation") == []


def test_with_only_the_token_nothing_is_different(house: House, web: FlaskClient) -> None:
    house.bind("cuff-1")
    answer = web.post(
        "/v1/sources/withings",
        json=getmeas(group(1, measure(11, 70))),
        headers={"Authorization": "Bearer made-up-token"},
    )
    house.work()

    assert (answer.status_code, answer.json) == (202, {"id": 1})
    assert len(house.fhir.all("Observation")) == 1
    assert web.post("/v1/sources/withings", data=NOTICE, content_type=FORM).status_code == 401


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        (VENDOR, "", VENDOR),
        (VENDOR, "10.0.0.1", VENDOR),
        ("10.0.0.5", VENDOR, VENDOR),
        ("10.0.0.5", f"192.0.2.1, {VENDOR}, 10.0.0.9", VENDOR),
        ("10.0.0.5", "10.0.0.8", "10.0.0.8"),
        ("10.0.0.5", "", "10.0.0.5"),
        ("10.0.0.5", "nonsense", "nonsense"),
    ],
)
def test_only_our_own_proxies_are_asked_who_sent_it(peer: str, forwarded: str, found: str) -> None:
    assert sender(peer, forwarded, networks(["10.0.0.0/8"])) == found


def test_without_proxies_the_header_stands_for_nothing() -> None:
    assert sender("10.0.0.5", VENDOR, ()) == "10.0.0.5"


def test_behind_a_proxy_the_vendor_is_told_from_others(web: FlaskClient, house: House) -> None:
    body, json_ = b'{"id": "u", "timestamp": "2026-03-01T08:00:00Z"}', "application/json"

    def through(forwarded: str) -> int:
        return notify(
            web,
            NEW,
            source="omron",
            body=body,
            type_=json_,
            address="10.0.0.5",
            forwarded=forwarded,
        ).status_code

    assert through("203.0.113.9") == 404
    assert through(f"{VENDOR}, 203.0.113.9") == 404
    assert through(f"203.0.113.9, {VENDOR}") == 200
    assert len(house.inbox.counts()) == 1


def test_doors_come_from_the_environment_and_are_never_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(
        "WHERRY_DEVICES_DOORS",
        json.dumps({"withings": {"secrets": [OLD, NEW], "allow": ["198.51.100.0/24"]}}),
    )
    monkeypatch.setenv("WHERRY_DEVICES_PROXIES", "10.0.0.0/8 172.30.87.1/32")
    settings = Settings()

    made = door_of(settings.doors["withings"])

    assert made == door([OLD, NEW], networks(["198.51.100.0/24"]))
    assert settings.proxies == networks(["10.0.0.0/8", "172.30.87.1/32"])
    assert OLD not in repr(settings) + repr(made)


@pytest.mark.parametrize(
    ("secrets", "allow"),
    [
        (["short"], []),
        (["with/slash-" + OLD], []),
        ([], []),
        ([OLD, NEW, OLD], []),
        ([OLD], ["198.51.100.7/24"]),
    ],
)
def test_a_door_that_is_easily_opened_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, secrets: list[str], allow: list[str]
) -> None:
    given = {"withings": {"secrets": secrets, "allow": allow}}
    monkeypatch.setenv("WHERRY_DEVICES_DOORS", json.dumps(given))

    with pytest.raises(ValidationError):
        Settings()


def test_no_process_of_the_suite_writes_down_which_paths_were_asked_for() -> None:
    suite = Suite(Addresses(), "sqlite://", "sqlite://", "redis://", "made-up")
    started = [word for process in table(suite) for word in process.argv]

    assert "granian" in started
    assert not [word for word in started if word.startswith("--access-log")]
    assert "access-log" not in DOCKERFILE.read_text()
