"""Each folder holds a synthetic payload, what it becomes, and why that is so."""

import importlib
import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from wherry.codec import decode, encode
from wherry.fhir.check import problems
from wherry.resource import Resource
from wherry_devices.commands.convert import converted
from wherry_devices.mapping.instants import Site
from wherry_devices.template_files import load

CASES = sorted(path.parent for path in (Path(__file__).parent / "devices").glob("*/payload.*"))
RECEIVED_AT = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
TEMPLATES = load()


def _expected(case: Path) -> list[Resource]:
    said = decode((case / "expected.json").read_bytes())
    return [entry["resource"] for entry in said.get("bundle", {}).get("entry", ())]


def _site(case: Path) -> Site:
    told = {path.stem: path.read_text().strip() for path in case.glob("*.txt")}
    return Site(told.get("zone", ""), account=told.get("account", ""))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_payload_becomes_what_is_expected(case: Path, request: pytest.FixtureRequest) -> None:
    source = (case / "source.txt").read_text().strip()
    [payload] = case.glob("payload.*")
    said = converted(payload.read_bytes(), TEMPLATES[source], "p1", RECEIVED_AT, _site(case))
    made = msgspec.json.format(encode(said), indent=1) + b"\n"
    if request.config.getoption("--update-golden", default=False):
        (case / "expected.json").write_bytes(made)

    assert made.decode() == (case / "expected.json").read_text()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_expected_is_valid_r4_and_read_by_another_library(case: Path) -> None:
    for resource in _expected(case):
        type_ = resource["resourceType"]
        model = getattr(importlib.import_module(f"fhir.resources.R4B.{type_.lower()}"), type_)

        read = model.model_validate_json(encode(resource))

        assert problems(resource) == []
        assert json.loads(read.model_dump_json())["resourceType"] == type_


def test_every_case_says_why() -> None:
    assert [case for case in CASES if "Synthetic" not in (case / "why.md").read_text()] == []
    assert {(case / "source.txt").read_text().strip() for case in CASES} == set(TEMPLATES)
