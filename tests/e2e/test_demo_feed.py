"""The demo's feed through the real translator and the real score, without a process or a socket."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from wherry.hl7.message import Message
from wherry.resource import Resource, Translation
from wherry.suite.demo.comparison import Held, balance
from wherry.suite.demo.feed import feed
from wherry.suite.demo.roster import BEST, WORST, Person
from wherry_hl7.translate import DEFAULT, translate
from wherry_risk.model.interface import Score
from wherry_risk.model.judgement import judge
from wherry_risk.model.record import record
from wherry_risk.model.registry import registry
from wherry_risk.model.risk_assessment import risk_assessment
from wherry_risk.onnx.load import load_all

NOW = datetime(2024, 5, 1, 12, 34, 56, tzinfo=UTC)
FEED = feed(NOW)


def translated() -> Iterator[tuple[str, Translation]]:
    for raw in FEED.messages:
        message = Message.parse(raw)
        pid = message.first("PID")
        assert pid is not None
        yield pid.text(3), translate(message, sender=DEFAULT, received_at=NOW)


@pytest.fixture(scope="module")
def translations() -> list[tuple[str, Translation]]:
    return list(translated())


@pytest.fixture(scope="module")
def held(translations: list[tuple[str, Translation]]) -> Held:
    """The last version of each resource, by MRN: what a store would hold."""
    latest: dict[str, tuple[str, Resource]] = {}
    for mrn, translation in translations:
        for entry in translation.bundle["entry"]:
            latest[entry["fullUrl"]] = (mrn, {**entry["resource"], "id": entry["fullUrl"][9:]})
    by_type: dict[str, dict[str, list[Resource]]] = {}
    for mrn, resource in latest.values():
        by_type.setdefault(resource["resourceType"], {}).setdefault(mrn, []).append(resource)
    return Held(
        by_type["Patient"],
        by_type["Encounter"],
        by_type["DiagnosticReport"],
        by_type["Observation"],
        by_type["Condition"],
        by_type["AllergyIntolerance"],
    )


def test_every_field_of_the_feed_is_mapped_without_a_warning(
    translations: list[tuple[str, Translation]],
) -> None:
    assert [t.warnings for _, t in translations if t.warnings] == []
    assert [t.unmapped for _, t in translations if t.unmapped] == []


def test_what_comes_out_is_what_the_feed_says(held: Held) -> None:
    assert [line for line in balance(FEED, held) if not line.even] == []


@pytest.mark.parametrize(("person", "score", "tier"), [(WORST, 17, "high"), (BEST, 0, "low")])
def test_the_two_people_of_the_demo_score_as_they_should(
    held: Held, person: Person, score: int, tier: str
) -> None:
    (patient,) = held.patients[person.mrn]
    vitals = [o for o in held.observations[person.mrn] if _category(o) == "vital-signs"]
    observations = [{**o, "subject": {"reference": f"Patient/{patient['id']}"}} for o in vitals]

    judged = judge(
        registry()["news2"], record([patient, *observations], patient_id=patient["id"]), at=NOW
    )

    assert isinstance(judged.verdict, Score)
    assert (judged.verdict.score, judged.verdict.tier) == (Decimal(score), tier)
    assert not judged.verdict.partial


def test_the_trained_model_estimates_for_the_worst_from_enough_inputs(held: Held) -> None:
    (patient,) = held.patients[WORST.mrn]
    subject = {"reference": f"Patient/{patient['id']}"}
    observations = [{**o, "subject": subject} for o in held.observations[WORST.mrn]]
    model = load_all().models["icu-mortality-24h"]

    judged = judge(model, record([patient, *observations], patient_id=patient["id"]), at=NOW)

    assert isinstance(judged.verdict, Score)
    known = {part.name for part in judged.verdict.parts if part.reading}
    assert {"age", "heart-rate", "mean-bp", "gcs", "urea-nitrogen"} <= known
    assert len(known) == 14
    assert judged.verdict.tier == "high"
    (prediction,) = risk_assessment(judged, judged.verdict)["prediction"]
    strongest, _, response = prediction["rationale"].partition(". ")
    assert strongest.startswith(f"icu-mortality-24h {judged.verdict.score}: strongest ")
    assert strongest.count(",") == 2  # three, and none of those that nobody measured
    assert response.startswith("A senior clinician")


def _category(observation: Resource) -> str:
    return str(observation["category"][0]["coding"][0]["code"])
