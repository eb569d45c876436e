"""Each folder holds a synthetic message, what it becomes, and why that is so."""

import importlib
import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from wherry.codec import decode, encode
from wherry.fhir.check import problems
from wherry.hl7.message import Message
from wherry.resource import Resource
from wherry_hl7.translate import DEFAULT, Sender, translate

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in HERE.glob("*/*/input.hl7"))
RECEIVED_AT = datetime(2026, 1, 5, 18, 0, tzinfo=UTC)


def _translated(case: Path) -> bytes:
    profile = case / "sender.json"
    sender = DEFAULT
    if profile.exists():
        sender = Sender(zone=ZoneInfo(json.loads(profile.read_text())["zone"]))
    message = Message.parse((case / "input.hl7").read_bytes())
    made = translate(message, sender=sender, received_at=RECEIVED_AT)
    whole: dict[str, Any] = {
        "warnings": [f"{issue.at}: {issue.text}" for issue in made.warnings],
        "unmapped": [f"{issue.at}: {issue.text}" for issue in made.unmapped],
        "deletes": made.deletes,
        "weak": made.weak,
        "bundle": made.bundle,
    }
    if made.merges or made.moved:
        whole["merges"] = [asdict(one) for one in made.merges]
        whole["moved"] = list(made.moved)
    return msgspec.json.format(encode(whole), indent=1) + b"\n"


def _expected(case: Path) -> list[Resource]:
    entries = decode((case / "expected.json").read_bytes())["bundle"]["entry"]
    return [entry["resource"] for entry in entries]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_a_message_becomes_what_is_expected(case: Path, request: pytest.FixtureRequest) -> None:
    made = _translated(case)
    if request.config.getoption("--update-golden", default=False):
        (case / "expected.json").write_bytes(made)

    assert made.decode() == (case / "expected.json").read_text()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_what_is_expected_is_valid_r4(case: Path) -> None:
    found = [(one["resourceType"], problems(one)) for one in _expected(case)]

    assert [one for one in found if one[1]] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_what_is_expected_is_read_by_another_library(case: Path) -> None:
    for resource in _expected(case):
        type_ = resource["resourceType"]
        model = getattr(importlib.import_module(f"fhir.resources.R4B.{type_.lower()}"), type_)

        read = model.model_validate_json(encode(resource))

        assert json.loads(read.model_dump_json())["resourceType"] == type_


def test_every_case_says_why() -> None:
    assert [case for case in CASES if "Synthetic" not in (case / "why.md").read_text()] == []
    assert len(CASES) >= 12
