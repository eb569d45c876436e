"""RiskAssessments are valid R4, derived from their inputs, and labelled when an AI made them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from fhir.resources.R4B.riskassessment import RiskAssessment

from wherry.codec import encode
from wherry_risk.model.facts import facts
from wherry_risk.model.interface import Score
from wherry_risk.model.judgement import Judged, judge
from wherry_risk.model.record import record
from wherry_risk.model.registry import registry
from wherry_risk.model.risk_assessment import risk_assessment

NEWS2 = registry()["news2"]


def assessed(judged: Judged) -> dict[str, Any]:
    assert isinstance(judged.verdict, Score)
    return risk_assessment(judged, judged.verdict)


def test_it_is_valid_r4(make: Any) -> None:
    made = assessed(judge(NEWS2, record(make.normal(pulse="140")), at=make.at))

    RiskAssessment.model_validate_json(encode(made))


def test_it_does_not_depend_on_when_it_was_made(make: Any) -> None:
    known = record(make.normal())

    now = assessed(judge(NEWS2, known, at=make.at))
    later = assessed(judge(NEWS2, known, at=make.at + timedelta(minutes=30)))

    assert now == later


def test_its_identifier_holds_no_patient_id(make: Any) -> None:
    made = assessed(judge(NEWS2, record(make.normal()), at=make.at))

    assert "p-1" not in made["identifier"][0]["value"]


def test_different_patients_and_times_have_different_identifiers(make: Any) -> None:
    others = [make, replace(make, patient_id="p-2"), replace(make, at=make.at - timedelta(hours=1))]

    keys = {
        assessed(judge(NEWS2, record(one.normal()), at=one.at))["identifier"][0]["value"]
        for one in others
    }

    assert len(keys) == 3


def test_a_trained_models_probability_and_label_are_stated(
    make: Any, known: Callable[..., Any]
) -> None:
    spec = replace(NEWS2.spec, id="made-up", kind="ai")
    gathered = facts(spec, record(make.normal()), at=make.at)
    score = Score(Decimal("0.27"), Decimal("0.27"), "high", (), False, None, ())

    made = risk_assessment(Judged(spec, gathered, score), score)

    assert made["prediction"][0]["probabilityDecimal"] == Decimal("0.27")
    assert [label["code"] for label in made["meta"]["security"]] == ["AIAST"]
