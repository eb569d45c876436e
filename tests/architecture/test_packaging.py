"""Every place that lists the packages lists the same ones; the set-up installs every extra."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
TOOLS = PROJECT["tool"]
EXTRAS = PROJECT["project"]["optional-dependencies"]
PACKAGES = {
    "shared/wherry",
    *(str(path.relative_to(ROOT)) for path in ROOT.glob("services/*/wherry_*") if path.is_dir()),
}
SERVICES = sorted(path for path in (ROOT / "services").iterdir() if path.is_dir())
ROOTS = {str(Path(package).parent) for package in PACKAGES}


def _name(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def test_the_wheel_holds_every_package() -> None:
    assert set(TOOLS["hatch"]["build"]["targets"]["wheel"]["packages"]) == PACKAGES


@pytest.mark.parametrize("service", SERVICES, ids=lambda p: p.name)
def test_every_service_has_one_package_named_after_it(service: Path) -> None:
    assert [path.name for path in service.glob("wherry_*")] == [f"wherry_{service.name}"]
    assert (service / f"wherry_{service.name}" / "__init__.py").exists()


def test_tests_and_types_look_in_the_same_places() -> None:
    assert set(TOOLS["mypy"]["mypy_path"]) == {*ROOTS, "scripts"}
    assert set(TOOLS["pytest"]["ini_options"]["pythonpath"]) == {*ROOTS, "scripts", "."}


def test_import_rules_cover_every_package() -> None:
    names = {Path(package).name for package in PACKAGES}
    services = names - {"wherry"}
    contracts = TOOLS["importlinter"]["contracts"]

    assert set(TOOLS["importlinter"]["root_packages"]) == names
    assert [set(c["modules"]) for c in contracts if c["type"] == "independence"] == [services]


def test_every_service_has_an_extra_and_the_set_up_installs_all() -> None:
    script = (ROOT / "scripts" / "setup.sh").read_text()
    installed = re.search(r"^extras=(\S+)$", script, re.MULTILINE)

    assert installed is not None
    assert set(installed[1].split(",")) == set(EXTRAS)
    assert set(EXTRAS) - {"dev"} >= {service.name for service in SERVICES}


def test_every_requirement_is_pinned_exactly() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = {_name(line) for line in lines if "==" in line}
    wanted = {
        _name(requirement)
        for requirements in (PROJECT["project"]["dependencies"], *EXTRAS.values())
        for requirement in requirements
    }

    assert [line for line in lines if "==" not in line and not line.startswith("#")] == []
    assert wanted - pinned == set()
