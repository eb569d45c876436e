"""docker-compose.yml names only what the code has: services, modules, settings and ports."""

import re
import runpy
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from wherry.suite.addresses import PORTS, Addresses
from wherry.suite.processes import Suite, table

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: each for name, each in SERVICES.items() if "build" in each}
PAGE = runpy.run_path(str(ROOT / "scripts" / "settings_page.py"))
SUITE = Suite(Addresses(), "sqlite://", "sqlite://", "redis://", "made-up-token")
IN_CONTAINER = 8000


def known(path: Path | None) -> set[str]:
    classes = [PAGE["SuiteSettings"], *([PAGE["settings"](path)] if path else [])]
    return {PAGE["variable"](cls, name) for cls in classes for name in cls.model_fields}


def settings_of(service: str) -> Path:
    return ROOT / "services" / service / f"wherry_{service}" / "settings.py"


def service_of(part: dict[str, Any]) -> str:
    return str(part["build"]["args"]["SERVICE"])


def test_compose_runs_what_wherry_up_runs() -> None:
    # wherry up starts two hl7 workers by name, compose two of one
    # the sandbox of clouds answers its own machine alone, which a container is not for others
    assert set(OURS) == {process.name.removesuffix("-2") for process in table(SUITE)} - {"vendors"}
    assert OURS["hl7-worker"]["deploy"] == {"replicas": 2}


@pytest.mark.parametrize("name", OURS)
def test_every_part_is_built_from_a_service_that_exists(name: str) -> None:
    part = OURS[name]

    assert (ROOT / part["build"]["dockerfile"]).exists()
    assert settings_of(service_of(part)).exists()
    assert part["image"] == f"wherry-{service_of(part)}"


@pytest.mark.parametrize("name", OURS)
def test_every_command_runs_the_module_that_wherry_up_runs(name: str) -> None:
    argv = next(process.argv for process in table(SUITE) if process.name == name)
    command = OURS[name].get("command")

    if command is None:
        assert argv[-1] == f"wherry_{name}.wsgi:app"
    else:
        assert tuple(command) == ("python", *argv[1:])
        assert find_spec(command[-1]) is not None


@pytest.mark.parametrize("name", OURS)
def test_every_setting_is_known_to_the_service(name: str) -> None:
    part = OURS[name]

    assert set(part["environment"]) <= known(settings_of(service_of(part)))


@pytest.mark.parametrize("process", table(SUITE), ids=lambda process: process.name)
def test_every_setting_that_wherry_up_makes_is_known_to_the_service(process: Any) -> None:
    service = process.name.split("-")[0]
    path = settings_of(service)

    assert set(process.env) <= known(path if path.exists() else None)


def test_ports_are_those_of_wherry_up_and_only_on_this_machine() -> None:
    published = {name: part["ports"] for name, part in OURS.items() if "ports" in part}
    inside = {"hl7-feed": PORTS["mllp"]}
    outside = {
        "hl7-feed": PORTS["mllp"],
        **{name: PORTS[name] for name in published & PORTS.keys()},
    }

    assert published == {
        name: [f"127.0.0.1:{outside[name]}:{inside.get(name, IN_CONTAINER)}"] for name in outside
    }
    for name, part in SERVICES.items():
        assert all(port.startswith("127.0.0.1:") for port in part.get("ports", [])), name


def test_every_part_is_watched_or_has_nothing_to_ask() -> None:
    unwatched = {
        name for name, part in OURS.items() if part.get("healthcheck") == {"disable": True}
    }
    unasked = {p.name.removesuffix("-2") for p in table(SUITE) if not p.ready}

    assert unwatched == unasked


def test_no_secret_has_a_default() -> None:
    defaults = re.findall(r"\$\{(\w+):?-", TEXT)
    needed = set(re.findall(r"\$\{(\w+):\?", TEXT))
    example = (ROOT / ".env.example").read_text()

    named = {f"WHERRY_DEVICES_{name}" for name in ("VENDORS", "SIGNATURES", "DOORS")}
    public = {"WHERRY_FHIR_URL", "WHERRY_DEVICES_PUBLIC_URL"}
    network = {"WHERRY_COMPOSE_SUBNET", "WHERRY_COMPOSE_GATEWAY"}
    assert set(defaults) == named | public | network
    assert {name for name in defaults if f"${{{name}:-null}}" in TEXT} == named
    assert set(re.findall(r"^(\w+)=$", example, re.MULTILINE)) == needed
    assert not re.findall(r"^\w+=\S", example, re.MULTILINE)


def test_the_image_installs_pinned_versions_and_does_not_run_as_root() -> None:
    lines = (ROOT / "services" / "Dockerfile").read_text()

    assert "--constraint constraints.txt" in lines
    assert re.search(r"^USER 65534", lines, re.MULTILINE)
    assert f"EXPOSE {IN_CONTAINER}" in lines
