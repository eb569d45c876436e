"""A package says when the worker writes again; one that says nothing gets the defaults."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from wherry.errors import Failure
from wherry_risk.model.news2_spec import news2_spec
from wherry_risk.model.writing import WritePolicy
from wherry_risk.onnx.load import PACKAGES
from wherry_risk.onnx.manifest import read_manifest
from wherry_risk.onnx.spec_of import spec_of

PATH = next(iter(sorted(PACKAGES.glob("icu-mortality-24h/*/manifest.json"))))


def told(**more: Any) -> bytes:
    manifest = msgspec.json.decode(PATH.read_bytes())
    manifest.pop("writing", None)
    return msgspec.json.encode(manifest | more)


def test_a_package_that_says_nothing_gets_the_defaults() -> None:
    assert spec_of(read_manifest(told())).writing == WritePolicy(
        Decimal("0.02"), timedelta(hours=4)
    )


def test_what_a_package_says_reaches_its_spec() -> None:
    manifest = read_manifest(told(writing={"delta": 0.005, "refresh_hours": 1.5}))

    assert spec_of(manifest).writing == WritePolicy(Decimal("0.005"), timedelta(minutes=90))


@pytest.mark.parametrize("wrong", [{"delta": 0}, {"refresh_hours": 0}, {"dleta": 0.1}])
def test_a_policy_that_is_none_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(Failure, match="schema"):
        read_manifest(told(writing=wrong))


def test_of_a_published_score_every_point_counts() -> None:
    assert news2_spec().writing.delta == 1
