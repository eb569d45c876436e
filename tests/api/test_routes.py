"""The contracts in openapi/ and the routes of the apps are the same list."""

import re
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from flask import Flask

ROOT = Path(__file__).parents[2]
SERVICES = sorted(path.stem for path in (ROOT / "openapi").glob("*.yaml") if path.stem != "common")
METHODS = {"get", "put", "post", "delete", "patch"}
PAGES = ("/chart", "/auth/choose", "/auth/manage")  # HTML for people, not an API


def _app(service: str, tmp_path: Path) -> Flask:
    package = f"wherry_{service}"
    settings = import_module(f"{package}.settings").Settings(
        database_url=f"sqlite:///{tmp_path}/wherry.db",
    )
    deps = import_module(f"{package}.wiring").wire(settings)
    app = import_module(f"{package}.app").create_app(deps)
    assert isinstance(app, Flask)
    return app


def _of_app(app: Flask) -> set[tuple[str, str]]:
    return {
        (method, re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if not rule.rule.startswith(PAGES)
        for method in {name.lower() for name in rule.methods or ()} & METHODS
    }


def _of_contract(service: str) -> set[tuple[str, str]]:
    spec = yaml.safe_load((ROOT / "openapi" / f"{service}.yaml").read_text())
    return {
        (method, path) for path, item in spec["paths"].items() for method in set(item) & METHODS
    }


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_is_in_the_contract_and_every_path_has_a_route(
    service: str, tmp_path: Path
) -> None:
    assert _of_app(_app(service, tmp_path)) == _of_contract(service)


def test_every_service_has_a_contract() -> None:
    assert sorted(path.name for path in (ROOT / "services").iterdir() if path.is_dir()) == SERVICES
