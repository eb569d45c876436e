"""What the risk service really says is what a card is built from."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from prometheus_client import CollectorRegistry
from tests.risk.fake_records import FakeRecords, FakeScoreAudit

from wherry.adapters.clock import new_id
from wherry.codec import decode, encode
from wherry.fhir.quality import QUALITY, Scored
from wherry.resource import Resource
from wherry.testing.changes import FakeChanges
from wherry.testing.fhir import FakeFhir
from wherry_cds.rules.cards import RULES
from wherry_cds.rules.early_warning import Basis, Card
from wherry_cds.rules.score import read
from wherry_risk.app import create_app
from wherry_risk.deps import Deps
from wherry_risk.metrics import Metrics
from wherry_risk.model.registry import registry
from wherry_risk.onnx.load import load_all

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
UCUM = "http://unitsofmeasure.org"
MISSING = {"Air or oxygen", "Consciousness (ACVPU)"}

Vital = tuple[str, str, str]
UNWELL: Sequence[Vital] = (
    ("9279-1", "26", "/min"),
    ("59408-5", "91", "%"),
    ("8480-6", "98", "mm[Hg]"),
    ("8867-4", "118", "/min"),
    ("8310-5", "38.60", "Cel"),
)


LABORATORY: Sequence[Vital] = (
    ("8462-4", "51", "mm[Hg]"),
    ("9269-2", "11", "{score}"),
    ("3094-0", "61", "mg/dL"),
    ("2160-0", "2.4", "mg/dL"),
    ("2951-2", "131", "mmol/L"),
    ("2345-7", "188", "mg/dL"),
    ("6690-2", "19.4", "10*3/uL"),
    ("4544-3", "28", "%"),
    ("1975-2", "3.1", "mg/dL"),
)


class FixedClock:
    def now(self) -> datetime:
        return NOW


def observation(code: str, value: str, unit: str, age: timedelta) -> Resource:
    """A made-up vital sign."""
    return {
        "resourceType": "Observation",
        "id": f"o-{code}",
        "status": "final",
        "subject": {"reference": "Patient/p-1"},
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "effectiveDateTime": (NOW - age).isoformat(),
        "valueQuantity": {"value": Decimal(value), "unit": unit, "system": UCUM, "code": unit},
    }


def card_of(*resources: Resource, service: str = "early-warning") -> Card:
    collected = CollectorRegistry()
    deps = Deps(
        models={**registry(), **load_all().models},
        fhir=FakeFhir(),
        changes=FakeChanges(),
        records=FakeRecords(),
        audit=FakeScoreAudit(),
        new_id=new_id,
        clock=FixedClock(),
        ticks=lambda: 0.0,
        metrics=Metrics(collected),
        registry=collected,
    )
    rule = RULES[service]
    asked = {"model": rule.model, "patient": "p-1", "resources": resources, "at": NOW.isoformat()}
    answer = (
        create_app(deps)
        .test_client()
        .post("/v1/score", data=encode(asked), content_type="application/json")
    )
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return rule.card(read(decode(answer.data), patient_id="p-1"), Basis(at=NOW, card_id="a-card"))


def person(born: str) -> Resource:
    return {"resourceType": "Patient", "id": "p-1", "birthDate": born}


def test_a_real_score_becomes_a_card_with_its_measurements() -> None:
    vitals = [observation(*vital, timedelta(minutes=12)) for vital in UNWELL]

    made = card_of(person("1951-02-03"), *vitals)

    assert (made["indicator"], made["summary"]) == (
        "warning",
        "NEWS2 11 to 16, 2 inputs missing: high risk of deterioration "
        "(emergency response threshold 7)",
    )
    assert "| Temperature | 38.60 °C | 1 | 2026-03-01 11:48 UTC | 12 min ago |" in made["detail"]
    assert all(f"- {label}: none found" in made["detail"] for label in MISSING)


@pytest.mark.parametrize(
    ("born", "age", "summary"),
    [
        ("2015-02-03", 12, "NEWS2 not calculated: NEWS2 is not for people under 16."),
        (
            "1951-02-03",
            60 * 26,
            "NEWS2 not calculated: missing Respiration rate, Oxygen saturation, "
            "Systolic blood pressure, Pulse, Temperature",
        ),
    ],
)
def test_a_real_refusal_becomes_a_card_without_a_score(born: str, age: int, summary: str) -> None:
    vitals = [observation(*vital, timedelta(minutes=age)) for vital in UNWELL]

    made = card_of(person(born), *vitals)

    assert (made["indicator"], made["summary"]) == ("info", summary)


def test_no_record_at_all_is_a_card_without_a_score() -> None:
    made = card_of()

    assert made["summary"].startswith("NEWS2 not calculated: ")


def test_a_real_prediction_becomes_a_card_with_its_factors_and_news2() -> None:
    known = [observation(*one, timedelta(minutes=12)) for one in (*UNWELL, *LABORATORY)]

    made = card_of(person("1951-02-03"), *known, service="deterioration")

    assert made["summary"].startswith("Estimated risk of death in hospital ")
    assert made["summary"].endswith("; NEWS2 14 to 16 (high)")
    assert "| Urea nitrogen | 61 mg/dL | raises, odds × " in made["detail"]
    assert "2026-03-01 11:48 UTC | 12 min ago |" in made["detail"]
    assert "**NEWS2 14 to 16 of 20: high risk of deterioration**" in made["detail"]


def test_where_the_real_model_refuses_the_card_is_news2_with_the_reason() -> None:
    vitals = [observation(*vital, timedelta(minutes=12)) for vital in UNWELL]

    made = card_of(person("1951-02-03"), *vitals, service="deterioration")

    assert made["summary"].startswith("NEWS2 11 to 16, 2 inputs missing")
    assert "**icu-mortality-24h gave no estimate.** No usable value: mean" in made["detail"]


def tagged(tag: str) -> Resource:
    """A pulse of a minute ago, far worse than the others, that its source marks so."""
    marks = {"tag": [{"system": "urn:wherry:devices:quality", "code": tag}]}
    one = observation("8867-4", "190", "/min", timedelta(minutes=1))
    return {**one, "id": "o-marked", "meta": marks}


@pytest.mark.parametrize(
    "tag", [tag for tag, use in QUALITY.items() if use.scored is Scored.UNMEASURED]
)
def test_what_is_as_if_not_measured_makes_no_other_card(tag: str) -> None:
    vitals = [observation(*vital, timedelta(minutes=12)) for vital in UNWELL]
    before = card_of(person("1951-02-03"), *vitals)

    made = card_of(person("1951-02-03"), *vitals, tagged(tag))

    assert (made["indicator"], made["summary"]) == (before["indicator"], before["summary"])
    assert "| Pulse | 118" in made["detail"]
    assert "| Pulse | 190" not in made["detail"]


@pytest.mark.parametrize(
    "tag",
    [tag for tag, use in QUALITY.items() if use.scored in (Scored.DOUBTFUL, Scored.ASKED)],
)
def test_what_is_doubtful_or_typed_in_is_in_no_card(tag: str) -> None:
    vitals = [observation(*vital, timedelta(minutes=12)) for vital in UNWELL]

    made = card_of(person("1951-02-03"), *vitals, tagged(tag))

    assert made["summary"].startswith("NEWS2 not calculated: missing Pulse")
    assert "190" not in made["detail"]
