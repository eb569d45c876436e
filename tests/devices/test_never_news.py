"""Late readings and derived values are history: they make no score, no assessment and no card."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from tests.devices.harness import NOW, PATIENT, House, getmeas, group, measure
from tests.risk.conftest import MODELS, Make
from tests.risk.fake_records import FakeRecords, FakeScoreAudit

from wherry.codec import decode, encode
from wherry.fhir.quality import Scored, use_of
from wherry.resource import Resource
from wherry.testing.fhir import FakeFhir
from wherry_devices.mapping.stored import tags_of
from wherry_risk.app import create_app
from wherry_risk.deps import Deps
from wherry_risk.jobs import score_due
from wherry_risk.metrics import Metrics
from wherry_risk.onnx.load import load_all

SERVED = ("news2", "icu-mortality-24h", "sepsis-6h-vitals")
MAKE = Make(NOW, "p1")
HOUR = timedelta(hours=1)


class Ward:
    """The device service and the risk service around one FHIR server and one list of changes."""

    def __init__(self, *seed: Resource) -> None:
        person = {**PATIENT, "birthDate": "1951-02-03"}
        self.house = House(fhir=FakeFhir(person, *seed))
        self.house.bind("cuff-1")
        registry, numbers = CollectorRegistry(), count()
        self.records = FakeRecords()
        self.risk = Deps(
            models={**MODELS, **load_all().models},
            fhir=self.house.fhir,
            changes=self.house.changes,
            records=self.records,
            audit=FakeScoreAudit(),
            clock=self.house.clock,
            new_id=lambda: f"00000000-0000-4000-8000-{next(numbers):012}",
            ticks=lambda: 0.0,
            metrics=Metrics(registry),
            registry=registry,
            worker_models=SERVED,
        )
        self.client = create_app(self.risk).test_client()

    def deliver(self, *groups: dict[str, Any], derive: bool = True) -> None:
        for one in groups:
            self.house.keep(getmeas(one))
            self.house.work()
        if derive:
            self.house.derive()

    def score(self) -> dict[str, int]:
        """What the risk worker does once a change went quiet."""
        self.house.changes.time_s += 60
        return dict(score_due(self.risk))

    def assessments(self) -> dict[tuple[str, str], Sequence[Resource]]:
        """Every version of every RiskAssessment."""
        kept = self.house.fhir.versions.items()
        return {key: list(versions) for key, versions in kept if key[0] == "RiskAssessment"}

    def kept_by_worker(self) -> list[str]:
        """The records of scores that the worker kept; that a model refused is said each time."""
        worker = [one.head for one in self.records.kept if one.head.asked_by == "worker"]
        return [one.id for one in worker if one.status == "scored"]

    def answers(self) -> list[dict[str, Any]]:
        """What a card would be made of: each model's answer about the patient now."""
        return [self._answer(model) for model in SERVED]

    def _answer(self, model: str) -> dict[str, Any]:
        body = encode({"patient": "p1", "at": NOW.isoformat(), "model": model})
        answer = self.client.post("/v1/score", data=body, content_type="application/json")
        assert answer.status_code == 200, answer.data
        told: dict[str, Any] = decode(answer.data)
        return {name: told.get(name) for name in ("status", "score", "tier", "inputs", "refusal")}


def ill() -> list[Resource]:
    """A set of vital signs of ten minutes ago, as staff took it: something to score."""
    return [*MAKE.normal(pulse="95")[1:], MAKE.measured("8478-0", "80", "mm[Hg]")]


def late_group(number: int, hours: int, *measures: dict[str, int]) -> dict[str, Any]:
    date = int((NOW - hours * HOUR).timestamp())
    return group(number, *measures, date=date, modified=date + 10)


LATE = [
    late_group(1, 25, measure(11, 200), measure(10, 210), measure(9, 110)),
    late_group(2, 26, measure(11, 201), measure(10, 212), measure(9, 112)),
    late_group(3, 48, measure(11, 35), measure(54, 72)),
    late_group(4, 90, measure(11, 190), measure(71, 405, -1)),
]


@pytest.mark.parametrize("order", [LATE, LATE[::-1]])
def test_readings_of_over_a_day_ago_change_history_and_derived_values_and_page_nobody(
    order: list[dict[str, Any]],
) -> None:
    ward = Ward(*ill())
    ward.house.changes.mark(["p1"])
    assert ward.score()["written"] == 1
    assessments, answers = ward.assessments(), ward.answers()
    records = ward.kept_by_worker()

    ward.deliver(*order)
    tally = ward.score()

    assert [one["status"] for one in answers] == ["scored", "refused", "scored"]
    assert tally == {"unchanged": 1}  # the worker was told, looked, and found nothing new
    assert ward.assessments() == assessments
    assert ward.answers() == answers
    assert ward.kept_by_worker() == records
    late = [one for one in ward.house.fhir.all("Observation") if "backfill" in tags_of(one)]
    assert len(late) >= 8
    means = [
        one
        for one in ward.house.fhir.all("Observation")
        if one["code"]["coding"][0]["code"] == "96607-7"
    ]
    assert len(means) == 1  # of the two pressures of the day before


def test_late_readings_of_whoever_has_no_others_score_nothing() -> None:
    ward = Ward()

    ward.deliver(*LATE)
    tally = ward.score()

    assert tally == {"refused": 1}
    assert ward.assessments() == {}
    assert {one["status"] for one in ward.answers()} == {"refused"}


def test_the_same_reading_in_time_is_news() -> None:
    """The check of the check: what is measured now does count."""
    ward = Ward(*ill())
    ward.house.changes.mark(["p1"])
    ward.score()
    before = ward.assessments()
    date = int((NOW - HOUR / 12).timestamp())

    ward.deliver(group(9, measure(11, 131), date=date, modified=date + 10))
    ward.score()

    assert ward.assessments() != before


def test_a_late_correction_of_what_was_scored_is_told_at_its_own_time() -> None:
    """A correction of a number that counted has to show; it is dated as what it corrects."""
    ward = Ward(*(one for one in ill() if one["code"]["coding"][0]["code"] != "8867-4"))
    date = int((NOW - HOUR / 6).timestamp())
    pulse = group(9, measure(11, 95), date=date, modified=date + 10)
    ward.house.inbox.time_s -= 300
    ward.deliver(pulse)
    ward.score()
    [(_, [first])] = [
        (key, kept)
        for key, kept in ward.assessments().items()
        if kept[0]["method"]["coding"][0]["code"] == "news2"
    ]

    ward.deliver({**pulse, "measures": [measure(11, 72)], "modified": pulse["modified"] + 60})
    ward.score()

    [versions] = [
        kept
        for kept in ward.assessments().values()
        if kept[0]["method"]["coding"][0]["code"] == "news2"
    ]
    assert [one["occurrenceDateTime"] for one in versions] == [first["occurrenceDateTime"]] * 2


def test_what_is_derived_is_in_no_answer_and_wakes_nobody() -> None:
    ward = Ward(*ill())
    ward.house.changes.mark(["p1"])
    ward.score()
    pressures = [
        group(n, measure(10, 130 + n), measure(9, 80), date=date, modified=date + 10)
        for n in range(3)
        for date in [int((NOW - (n + 1) * HOUR).timestamp())]
    ]
    ward.deliver(*pressures, derive=False)
    ward.score()
    assessments, answers = ward.assessments(), ward.answers()

    ward.house.derive()

    made = [
        one
        for one in ward.house.fhir.all("Observation")
        if one["meta"].get("source") == "urn:wherry:devices:derived"
    ]
    assert len(made) == 1
    assert {use_of(tag).scored for one in made for tag in tags_of(one)} == {Scored.UNMEASURED}
    assert ward.score() == {}
    ward.house.changes.mark(["p1"])
    ward.score()
    assert (ward.assessments(), ward.answers()) == (assessments, answers)


def test_an_average_that_had_a_vital_signs_code_would_still_be_in_no_answer() -> None:
    ward = Ward(*ill())
    answers = ward.answers()
    quantity = {
        "value": Decimal(31),
        "system": "http://unitsofmeasure.org",
        "code": "/min",
    }
    tag = {"system": "urn:wherry:devices:quality", "code": "derived"}
    one = MAKE.observation("9279-1", age_min=1, valueQuantity=quantity, meta={"tag": [tag]})

    ward.house.fhir.put(one)

    assert ward.answers() == answers
    ward.house.fhir.put(replace(MAKE).observation("9279-1", age_min=1, valueQuantity=quantity))
    assert ward.answers() != answers


def test_b9_demonstrations_are_in_no_score_assessment_or_baseline() -> None:
    ward = Ward(*ill())
    ward.house.changes.mark(["p1"])
    ward.score()
    assessments, answers = ward.assessments(), ward.answers()
    ward.house.bind("h", source="tenovi")

    for hours in (0, 20, 40, 60, 80):
        at = NOW - hours * HOUR - HOUR / 60
        ward.house.inbox.time_s = House().inbox.time_s - hours * 3600
        ward.house.keep(demonstration(at, "71"), "tenovi")
        ward.house.work()
    ward.score()
    ward.house.clock.at += 24 * HOUR
    ward.house.days.time_s += 48 * 3600
    ward.house.derive()
    ward.house.clock.at -= 24 * HOUR

    shown = [one for one in ward.house.fhir.all("Observation") if "demo" in tags_of(one)]
    assert [one["meta"]["security"][0]["code"] for one in shown] == ["HTEST"] * 5
    assert (ward.assessments(), ward.answers()) == (assessments, answers)
    sources = {one["meta"].get("source") for one in ward.house.fhir.all("Observation")}
    assert "urn:wherry:devices:derived" not in sources


def demonstration(at: datetime, spo2: str) -> dict[str, Any]:
    """What Tenovi sends when somebody tries a device out; synthetic."""
    return {
        "metric": "spO2",
        "hwi_device_id": "h",
        "patient_id": "p",
        "value_1": spo2,
        "timestamp": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "timezone_offset": 0,
        "dummy_data": True,
    }
