"""What Docker Compose makes of docker-compose.yml, held against the code. Secrets are made up."""

import re
import runpy
from importlib import import_module
from importlib.util import find_spec
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pydantic_settings import BaseSettings

from wherry.settings import SuiteSettings
from wherry.suite.addresses import Addresses
from wherry.suite.processes import Suite, table
from wherry_ehr.settings import Settings as EhrSettings
from wherry_hl7.settings import Settings as Hl7Settings
from wherry_risk.settings import Settings as RiskSettings

ROOT = Path(__file__).parents[2]
CHECK = runpy.run_path(str(ROOT / "scripts" / "compose_config.py"))
PROJECT: dict[str, Any] = CHECK["resolved"]()
PARTS: dict[str, dict[str, Any]] = PROJECT["services"]
OURS = {name: part for name, part in PARTS.items() if "build" in part}
DOCKERFILE = (ROOT / "services" / "Dockerfile").read_text()
SUITE = Suite(Addresses(), "sqlite://", "sqlite://", "redis://", "made-up-token")
WEB_PORT = 8000
# of images that are not ours: the port that each listens on when nothing else is said
FOREIGN = {"postgres": 5432, "redis": 6379, "hapi": 8080, "prometheus": 9090, "grafana": 3000}
SUITE_ONLY = {"inbox-tables"}  # runs shared code on shared settings


def settings_class(name: str) -> type[BaseSettings]:
    if name in SUITE_ONLY:
        return SuiteSettings
    found = import_module(f"wherry_{OURS[name]['build']['args']['SERVICE']}.settings").Settings
    assert isinstance(found, type)
    assert issubclass(found, SuiteSettings)
    return found


def settings_of(name: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The settings that the part reads in its container: its environment and nothing else."""
    for variable, value in OURS[name]["environment"].items():
        monkeypatch.setenv(variable, value)
    return settings_class(name)()


def listens() -> set[tuple[str, int]]:
    """Everywhere something answers on the network between the parts."""
    web = {(name, WEB_PORT) for name, part in OURS.items() if not part.get("command")}
    feed = {("hl7-feed", Hl7Settings().mllp_port), ("hl7-feed", Hl7Settings().health_port)}
    worker = {("risk-worker", RiskSettings().worker_health_port)}
    return web | feed | worker | set(FOREIGN.items())


def published() -> dict[int, tuple[str, int]]:
    return {
        int(port["published"]): (name, port["target"])
        for name, part in PARTS.items()
        for port in part.get("ports", [])
    }


def test_docker_compose_takes_the_file_without_a_warning() -> None:
    done = CHECK["compose"](CHECK["secrets"](), "config", "--quiet")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", CHECK["secrets"]())
def test_docker_compose_refuses_to_run_without_a_secret(name: str) -> None:
    rest = {other: value for other, value in CHECK["secrets"]().items() if other != name}

    done = CHECK["compose"](rest, "config", "--quiet")

    assert done.returncode != 0
    assert f"{name} is missing a value: set it in .env" in done.stderr


def test_a_part_that_compose_does_not_know_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "docker-compose.yml"
    broken.write_text("services: {ehr: {image: x, comand: [true]}}")
    monkeypatch.setitem(CHECK["compose"].__globals__, "FILE", broken)

    done = CHECK["compose"]({}, "config", "--quiet")

    assert done.returncode != 0
    assert "comand" in done.stderr


@pytest.mark.parametrize("name", OURS)
def test_every_part_starts_with_the_settings_it_is_given(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(name, monkeypatch)

    assert settings.fhir_token.get_secret_value() == "made-up-wherry-fhir-token"
    assert settings.service_token.get_secret_value() == "made-up-wherry-service-token"
    assert urlsplit(settings.database_url).hostname == "postgres"


@pytest.mark.parametrize("name", OURS)
def test_every_address_in_a_setting_leads_to_a_part_that_listens(name: str) -> None:
    for variable, value in OURS[name]["environment"].items():
        for address in re.findall(r"[a-z+]+://[^\s,=]+", value):
            parts = urlsplit(address)
            port = parts.port or 0
            assert parts.hostname, variable
            if ip_address_or_none(parts.hostname):  # as a browser on this machine says it
                assert port in published(), f"{variable}: nothing is published there"
            else:
                assert (parts.hostname, port) in listens(), f"{variable}: nobody listens there"


def ip_address_or_none(host: str) -> object:
    try:
        return ip_address(host)
    except ValueError:
        return None


@pytest.mark.parametrize("name", OURS)
def test_every_command_is_a_module_that_can_be_run(name: str) -> None:
    command = OURS[name].get("command")

    if command is None:  # the image's own
        package = f"wherry_{OURS[name]['build']['args']['SERVICE']}"
        assert find_spec(f"{package}.wsgi") is not None
    else:
        spec = find_spec(command[2])
        assert command[:2] == ["python", "-m"]
        assert spec is not None
        assert 'if __name__ == "__main__":' in Path(str(spec.origin)).read_text()


def test_the_image_serves_as_wherry_up_does() -> None:
    argv = next(process.argv for process in table(SUITE) if process.name == "ehr")
    flags = " ".join(argv[argv.index("--interface") : argv.index("--host")])

    assert f"exec granian {flags} --host 0.0.0.0 --port {WEB_PORT} $APP" in DOCKERFILE
    assert f"http://127.0.0.1:{WEB_PORT}/readyz" in DOCKERFILE
    assert "APP=wherry_${SERVICE}.wsgi:app" in DOCKERFILE


def test_every_published_port_is_one_that_its_part_listens_on() -> None:
    assert set(published().values()) <= listens()
    assert {port["host_ip"] for part in PARTS.values() for port in part.get("ports", [])} == {
        "127.0.0.1"
    }
    assert not [name for name, part in PARTS.items() if "network_mode" in part]


def test_the_feed_listens_where_it_is_published_and_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = settings_of("hl7-feed", monkeypatch)

    assert (feed.mllp_host, feed.health_host) == ("0.0.0.0", "0.0.0.0")  # noqa: S104 - in a container
    assert published()[2575] == ("hl7-feed", feed.mllp_port)
    assert PARTS["hl7-feed"]["healthcheck"]["test"][-1] == (
        f"http://127.0.0.1:{feed.health_port}/readyz"
    )


def test_the_risk_worker_listens_where_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = settings_of("risk-worker", monkeypatch)

    assert worker.worker_health_host == "0.0.0.0"  # noqa: S104 - in a container
    assert PARTS["risk-worker"]["healthcheck"]["test"][-1] == (
        f"http://127.0.0.1:{worker.worker_health_port}/readyz"
    )


def test_prometheus_asks_every_part_that_has_figures() -> None:
    targets = set(re.findall(r'"([a-z0-9-]+):(\d+)"', PROJECT["configs"]["prometheus"]["content"]))
    ours = {(name, port) for name, port in listens() if name in OURS}

    assert {(name, int(port)) for name, port in targets} == ours - {("hl7-feed", 2575)}


def test_browsers_come_to_the_same_addresses_that_apps_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("WHERRY_SMART_PUBLIC_URL", raising=False)
    ehr, smart = settings_of("ehr", monkeypatch), settings_of("smart", monkeypatch)

    assert smart.issuers == (ehr.issuer,)
    assert smart.public_url == ehr.smart_url
    assert published()[urlsplit(ehr.issuer).port or 0] == ("ehr", WEB_PORT)
    assert published()[urlsplit(ehr.smart_url).port or 0] == ("smart", WEB_PORT)


def test_the_sandbox_trusts_the_gateway_of_its_own_network_and_nobody_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (pool,) = PROJECT["networks"]["default"]["ipam"]["config"]
    ehr = settings_of("ehr", monkeypatch)

    assert ehr.trusted_peers == (ip_network(pool["gateway"]),)
    assert ehr.trusted_peers[0].subnet_of(ip_network(pool["subnet"]))
    assert list(PROJECT["networks"]) == ["default"]
    assert {name for name, part in PARTS.items() if set(part["networks"]) != {"default"}} == set()
    assert not ehr.open_fhir
    assert {
        name for name, part in OURS.items() if "WHERRY_EHR_TRUSTED_PEERS" in part["environment"]
    } == {"ehr", "ehr-tables"}


def test_another_network_moves_the_gateway_and_the_trust_together() -> None:
    project = CHECK["resolved"](
        {"WHERRY_COMPOSE_SUBNET": "10.99.7.0/24", "WHERRY_COMPOSE_GATEWAY": "10.99.7.1"}
    )

    assert project["networks"]["default"]["ipam"]["config"] == [
        {"subnet": "10.99.7.0/24", "gateway": "10.99.7.1"}
    ]
    environment = project["services"]["ehr"]["environment"]
    assert environment["WHERRY_EHR_TRUSTED_PEERS"] == "10.99.7.1"
    assert EhrSettings.model_validate({"trusted_peers": "10.99.7.1"}).trusted_peers == (
        ip_network("10.99.7.1"),
    )


def test_parts_wait_only_for_parts_that_can_be_waited_for() -> None:
    """Healthy needs a health check; completed needs a part that ends."""
    ends = {process.name for process in table(SUITE) if process.once}
    for name, part in PARTS.items():
        for other, how in part.get("depends_on", {}).items():
            if how["condition"] == "service_completed_successfully":
                assert other in ends, (name, other)
            else:
                assert how["condition"] == "service_healthy", (name, other)
                assert PARTS[other]["healthcheck"].get("test"), (name, other)


def test_our_parts_cannot_write_to_their_image_or_gain_rights() -> None:
    for name, part in OURS.items():
        assert part["read_only"] is True, name
        assert part["cap_drop"] == ["ALL"], name
        assert part["security_opt"] == ["no-new-privileges:true"], name
        assert not part.get("privileged"), name
