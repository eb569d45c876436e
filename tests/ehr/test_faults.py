"""Faults on purpose: what they are, and who may ask for them."""

from typing import Any

import pytest
from pydantic import ValidationError

from wherry.errors import Failure, Kind
from wherry_ehr.faults import Fault, Faults, read_faults
from wherry_ehr.migrate import upgrade
from wherry_ehr.settings import Settings


@pytest.fixture
def faulty(sqlite_url: str, serve: Any) -> Any:
    """Starts a service with faults; what it slept is in `slept`."""
    upgrade(sqlite_url)

    def start(text: str = "", *, by_request: bool = False, chances: tuple[float, ...] = ()) -> Any:
        slept: list[float] = []
        draws = iter(chances)
        faults = Faults(read_faults(text), by_request, lambda: next(draws), slept.append)
        return serve(sqlite_url, faults=faults), slept

    return start


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", ()),
        ("latency=200", (Fault("latency", 200),)),
        ("error", (Fault("error", 500),)),
        ("error=503@5%", (Fault("error", 503, 5),)),
        (
            "latency=50@50% , throttle=3,drop@1%",
            (Fault("latency", 50, 50), Fault("throttle", 3), Fault("drop", 0, 1)),
        ),
    ],
)
def test_faults_are_read(text: str, faults: tuple[Fault, ...]) -> None:
    assert read_faults(text) == faults


@pytest.mark.parametrize(
    "text", ["explode", "error=200", "error=600", "latency=99999999", "drop@101%", "latency=-1"]
)
def test_a_fault_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Failure) as caught:
        read_faults(text)

    assert caught.value.kind is Kind.INVALID
    with pytest.raises(ValidationError):
        Settings(faults=text)


def test_without_settings_there_are_no_faults(ehr: Any) -> None:
    assert ehr.get("/Patient", X_Wherry_Fault="error").status_code == 200


def test_standing_faults_happen_by_chance(faulty: Any) -> None:
    service, _ = faulty("error=502@50%", chances=(0.49, 0.5))
    with service as ehr:
        assert [ehr.get("/Patient").status_code for _ in range(2)] == [502, 200]


def test_each_fault_is_what_it_says(faulty: Any) -> None:
    service, slept = faulty(by_request=True)
    with service as ehr:
        slow = ehr.get("/Patient", X_Wherry_Fault="latency=250")
        broken = ehr.get("/Patient", X_Wherry_Fault="latency=10,error=503")
        throttled = ehr.get("/Patient", X_Wherry_Fault="throttle=7")
        with pytest.raises(ConnectionAbortedError):
            ehr.get("/Patient", X_Wherry_Fault="drop").get_data()
        wrong = ehr.get("/Patient", X_Wherry_Fault="explode")

    assert (slow.status_code, slept) == (200, [0.25, 0.01])
    assert broken.status_code == 503
    assert broken.get_json()["resourceType"] == "OperationOutcome"
    assert (throttled.status_code, throttled.headers["Retry-After"]) == (429, "7")
    assert throttled.get_json()["issue"][0]["code"] == "throttled"
    assert wrong.status_code == 400


def test_only_this_machine_may_ask_and_only_where_it_is_enabled(faulty: Any) -> None:
    for by_request, peer, status in (
        (True, "127.0.0.1", 500),
        (True, "192.0.2.7", 401),
        (False, "127.0.0.1", 403),
    ):
        service, _ = faulty(by_request=by_request)
        with service as ehr:
            answer = ehr.client.get(
                "/fhir/Patient",
                headers={"X-Wherry-Fault": "error"},
                environ_base={"REMOTE_ADDR": peer},
            )
        assert answer.status_code == status


def test_faults_are_for_the_fhir_api_alone(faulty: Any) -> None:
    service, _ = faulty("error")
    with service as ehr:
        assert ehr.client.get("/healthz").status_code == 200
        assert ehr.get("/metadata").status_code == 500
