"""Who answers and who scores beside: by the roles of now, and never by accident another version."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.risk.lifecycle.fakes import FakeRoles, named

from wherry_risk.lifecycle.roles import Role
from wherry_risk.lifecycle.standing import EVERY_S, STOPPED, Standing
from wherry_risk.model.registry import registry
from wherry_risk.onnx.load import PACKAGES, versions_of

MODEL = "icu-mortality-24h"
SHIPPED = versions_of(PACKAGES)[MODEL][-1]
NEWER = "9.0.0"


class Ticks:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """The shipped model, and a newer version of it whose folder is damaged."""
    shutil.copytree(PACKAGES / MODEL / SHIPPED, tmp_path / MODEL / SHIPPED)
    shutil.copytree(PACKAGES / MODEL / SHIPPED, tmp_path / MODEL / NEWER)
    return tmp_path


def standing(packages: Path, roles: FakeRoles, ticks: Ticks | None = None) -> Standing:
    return Standing(registry(), packages, roles, tenant="t", ticks=ticks or Ticks())


def test_without_roles_the_newest_version_stands_and_an_older_one_never_for_it(
    packages: Path,
) -> None:
    made = standing(packages, FakeRoles())

    assert MODEL not in made.models
    assert made.unserved[MODEL] == "manifest: the folder belongs to another model"
    assert "news2" in made.models


def test_the_champion_answers_though_a_newer_version_lies_beside_it(packages: Path) -> None:
    made = standing(packages, FakeRoles(named(MODEL, SHIPPED, Role.CHAMPION)))

    assert made.models[MODEL].spec.version == SHIPPED
    assert MODEL not in made.unserved


def test_a_change_is_seen_after_a_few_seconds_without_a_restart(packages: Path) -> None:
    roles, ticks = FakeRoles(named(MODEL, SHIPPED, Role.CHAMPION)), Ticks()
    made = standing(packages, roles, ticks)
    models = made.models
    assert MODEL in models

    roles.rows = [named(MODEL, SHIPPED, Role.RETIRED)]
    ticks.now_s = EVERY_S + 1

    assert MODEL not in models
    assert "retired" in made.unserved[MODEL]


def test_while_the_roles_cannot_be_read_the_cast_stays(packages: Path) -> None:
    roles, ticks = FakeRoles(named(MODEL, SHIPPED, Role.CHAMPION)), Ticks()
    made = standing(packages, roles, ticks)
    assert MODEL in made.models

    roles.away = True
    ticks.now_s = 10 * EVERY_S

    assert made.models[MODEL].spec.version == SHIPPED


def test_roles_that_could_not_be_read_at_first_are_asked_for_at_each_look(packages: Path) -> None:
    roles = FakeRoles(named(MODEL, SHIPPED, Role.CHAMPION))
    roles.away = True
    made = standing(packages, roles)
    assert MODEL not in made.models

    roles.away = False

    assert made.models[MODEL].spec.version == SHIPPED


def test_shadows_stand_beside_and_a_damaged_one_is_told(packages: Path) -> None:
    made = standing(
        packages,
        FakeRoles(
            named(MODEL, SHIPPED, Role.SHADOW, asked="sepsis-6h"),
            named(MODEL, NEWER, Role.CHALLENGER),
        ),
    )

    assert [(role, model.spec.version) for role, model in made.beside("sepsis-6h")] == [
        (Role.SHADOW, SHIPPED)
    ]
    assert made.beside(MODEL) == ()
    assert f"{MODEL}@{NEWER} (challenger)" in made.unserved


def test_a_model_that_was_taken_out_of_service_says_so(build: Callable[..., Any]) -> None:
    world = build(models={"news2": registry()["news2"]}, unserved={MODEL: STOPPED})

    answer = world.post({"model": MODEL, "patient": "p-1"})

    assert answer.status_code == 503
    assert b"taken out of service" in answer.data
