"""Versions on trial score the same records; nobody is shown what they say."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any
from uuid import UUID

from wherry.codec import decode
from wherry_risk.jobs import score_due
from wherry_risk.lifecycle.roles import Role
from wherry_risk.model.facts import Facts
from wherry_risk.model.interface import Refusal, Score


class Other:
    """A model under another version, or one that breaks."""

    def __init__(self, inner: Any, version: str, *, broken: bool = False) -> None:
        self.spec = replace(inner.spec, version=version)
        self.siblings = inner.siblings
        self._inner, self._broken = inner, broken

    def score(self, facts: Facts, *, at: Any) -> Score | Refusal:
        if self._broken:
            raise ZeroDivisionError
        verdict: Score | Refusal = self._inner.score(facts, at=at)
        return verdict


def beside(models: Any, **more: Any) -> Callable[[str], Any]:
    other = Other(models["icu-mortality-24h"], "9.0.0", **more)
    return lambda asked: [(Role.SHADOW, other)] if asked == "icu-mortality-24h" else ()


def ask(world: Any, make: Any) -> Any:
    body = {"model": "icu-mortality-24h", "resources": make.icu(), "at": make.at.isoformat()}
    answer = world.post(body)
    assert answer.status_code == 200, answer.data
    return decode(answer.data)


def test_a_shadow_scores_the_same_vector_and_is_kept_with_its_role(
    build: Callable[..., Any], make: Any, models: Any
) -> None:
    world = build(beside=beside(models))

    told = ask(world, make)

    by_role = {(one.head.model, one.head.role): one for one in world.deps.records.kept}
    champion = by_role["icu-mortality-24h", "champion"]
    shadow = by_role["icu-mortality-24h", "shadow"]
    assert (shadow.head.version, shadow.head.beside) == ("9.0.0", champion.head.id)
    assert shadow.body.graph == champion.body.graph
    assert shadow.head.at == champion.head.at
    assert "9.0.0" not in str(told)
    assert shadow.head.id not in str(told)


def test_without_shadows_nothing_more_is_kept(build: Callable[..., Any], make: Any) -> None:
    world = build()

    ask(world, make)

    assert {one.head.role for one in world.deps.records.kept} == {"champion"}


def test_a_shadow_that_breaks_costs_nobody_an_answer(
    build: Callable[..., Any], make: Any, models: Any
) -> None:
    world = build(beside=beside(models, broken=True))

    told = ask(world, make)

    assert told["status"] == "scored"
    assert {one.head.role for one in world.deps.records.kept} == {"champion"}


def test_shadows_are_not_among_the_models(build: Callable[..., Any], models: Any) -> None:
    world = build(beside=beside(models))

    told = decode(world.client.get("/v1/models").data)

    assert "9.0.0" not in {one["version"] for one in told["models"]}


def test_the_workers_shadows_are_kept_and_never_written(
    build: Callable[..., Any], make: Any, models: Any
) -> None:
    world = build(*make.icu(), beside=beside(models), worker_models=("news2", "icu-mortality-24h"))
    for _ in range(2):
        world.changes.mark(["p-1"])
        world.changes.time_s += 2
        score_due(world.deps)

    shadows = [one.head for one in world.deps.records.kept if one.head.role == "shadow"]
    assert [(one.version, one.asked_by) for one in shadows] == [("9.0.0", "worker")]
    assert "9.0.0" not in str(world.fhir.all("RiskAssessment"))


def test_a_batch_has_shadows_too(build: Callable[..., Any], make: Any, models: Any) -> None:
    world = build(*make.icu(), beside=beside(models))
    body = {"model": "icu-mortality-24h", "patients": [{"patient": "p-1"}, {"patient": "p-9"}]}

    answer = world.client.post("/v1/scores/batch", json=body)

    assert answer.status_code == 200, answer.data
    shadows = [one.head for one in world.deps.records.kept if one.head.role == "shadow"]
    assert [(one.patient_id, one.version) for one in shadows] == [("p-1", "9.0.0")]


def test_a_shadows_record_is_told_nobody_by_its_id(
    build: Callable[..., Any], make: Any, models: Any
) -> None:
    numbers = count(1)
    world = build(beside=beside(models), new_id=lambda: str(UUID(int=next(numbers))))
    ask(world, make)
    ids = {one.head.role: one.head.id for one in world.deps.records.kept}

    answers = {role: world.client.get(f"/v1/scores/{id_}") for role, id_ in ids.items()}

    assert answers["champion"].status_code == 200
    assert answers["shadow"].status_code == 404
