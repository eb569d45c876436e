"""What the risk service says is taken whole or not at all."""

from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from wherry.errors import Failure, Kind
from wherry_cds.rules.score import Missing, Part, Refused, Scored, read

HEAD = {
    "model": "news2",
    "version": "1.0.0",
    "patient": "p-1",
    "at": "2026-03-01T12:00:00+00:00",
    "intended_use": "Supports judgement.",
}
SCORED: dict[str, Any] = {
    **HEAD,
    "status": "scored",
    "score": 9,
    "probability": None,
    "tier": "high",
    "response": "Emergency assessment",
    "partial": True,
    "at_most": 12,
    "flags": {"spo2-scale": "2"},
    "parts": [],
    "contributions": [
        {
            "name": "temperature",
            "label": "Temperature",
            "value": Decimal("38.60"),
            "unit": "Cel",
            "points": 1,
            "observed_at": "2026-03-01T09:00:00Z",
            "age_s": 10800,
        }
    ],
    "inputs": [],
    "missing": [{"name": "pulse", "label": "Pulse", "reason": "stale", "age_s": 93600}],
}
REFUSED: dict[str, Any] = {
    **HEAD,
    "status": "refused",
    "refusal": {
        "code": "missing_inputs",
        "text": "No usable value: pulse.",
        "missing": [{"name": "pulse", "label": "Pulse", "reason": "not_found"}],
    },
}


def test_a_score_is_read_with_its_digits() -> None:
    assert read(SCORED, patient_id="p-1") == Scored(
        model="news2",
        version="1.0.0",
        score=9,
        tier="high",
        partial=True,
        parts=(
            Part(
                name="temperature",
                label="Temperature",
                value="38.60",
                unit="Cel",
                points=1,
                observed_at=datetime(2026, 3, 1, 9, 0, tzinfo=UTC),
                age_s=10800,
            ),
        ),
        missing=(Missing("pulse", "Pulse", "stale", 93600),),
        intended_use="Supports judgement.",
        response="Emergency assessment",
        at_most=12,
        spo2_scale="2",
    )


def test_a_refusal_is_read_with_what_is_missing() -> None:
    assert read(REFUSED, patient_id="p-1") == Refused(
        model="news2",
        version="1.0.0",
        code="missing_inputs",
        text="No usable value: pulse.",
        missing=(Missing("pulse", "Pulse", "not_found"),),
        intended_use="Supports judgement.",
    )


def _broken() -> dict[str, Any]:
    cases: dict[str, Any] = {"a_list": [], "nothing": None, "empty": {}, "a_number": 9}
    for name in ("patient", "status", "score", "tier", "partial", "contributions", "version"):
        cases[f"no_{name}"] = {key: value for key, value in SCORED.items() if key != name}
    for name, value in (
        ("patient", "p-2"),
        ("status", "perhaps"),
        ("score", "9"),
        ("score", None),
        ("score", True),
        ("score", Decimal("9.5")),
        ("tier", ""),
        ("partial", "no"),
        ("contributions", None),
        ("missing", 5),
        ("flags", []),
    ):
        cases[f"{name}_is_{value}"] = {**SCORED, name: value}
    for name, value in (("value", None), ("points", "3"), ("observed_at", "yesterday")):
        wrong = deepcopy(SCORED)
        wrong["contributions"][0][name] = value
        cases[f"part_{name}_is_{value}"] = wrong
    cases["refusal_without_reason"] = {**HEAD, "status": "refused"}
    return cases


@pytest.mark.parametrize("answer", _broken().values(), ids=_broken())
def test_what_is_not_understood_is_not_shown(answer: Any) -> None:
    with pytest.raises(Failure) as caught:
        read(answer, patient_id="p-1")

    assert caught.value.kind is Kind.UNAVAILABLE
