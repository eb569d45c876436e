"""Valid R4 has no problems, and no input makes the check crash or talk; all data are synthetic."""

from decimal import Decimal
from typing import Any

import pytest

from wherry.fhir.check import problems
from wherry.fhir.r4.walk import MAX_DEPTH, MAX_PROBLEMS
from wherry.testing.r4_resources import (
    DIV,
    ORGANIZATION,
    UUID,
    bundle,
    clinical,
    condition,
    encounter,
    entry,
    nested,
    observation,
    patient,
)

EXTENSION = {"url": "http://example.org/extension", "valueCode": "x"}

VALID = {
    "patient_without_elements": patient(),
    "leap_day": patient(birthDate="2024-02-29"),
    "year_only": patient(birthDate="1970"),
    "year_and_month": patient(birthDate="1970-12"),
    "accented_name": patient(name=[{"family": "Müller-Łukasz 山田"}]),
    "no_break_space": patient(name=[{"text": "a\u00a0b"}]),
    "line_break_in_string": patient(name=[{"text": "a\r\n\tb"}]),
    "primitive_extension_alone": patient(_birthDate={"extension": [EXTENSION]}),
    "primitive_id_beside_value": patient(birthDate="1970-01-01", _birthDate={"id": "b"}),
    "null_paired_with_extension": patient(
        name=[{"given": ["A", None], "_given": [None, {"extension": [EXTENSION]}]}]
    ),
    "required_status_by_extension": observation(status=None, _status={"extension": [EXTENSION]}),
    "decimal_keeps_digits": observation(valueQuantity={"value": Decimal("98.60")}),
    "decimal_with_exponent": observation(valueQuantity={"value": Decimal("1E-8")}),
    "leap_second": observation(effectiveDateTime="2016-12-31T23:59:60Z"),
    "fraction_of_second": observation(issued="2026-03-01T08:00:00.000001+14:00"),
    "reference_relative": observation(subject={"reference": "Patient/1"}),
    "reference_versioned": observation(subject={"reference": "Patient/1/_history/2"}),
    "reference_absolute": observation(subject={"reference": "https://a.example/fhir/Patient/1"}),
    "reference_urn": observation(subject={"reference": UUID}),
    "reference_conditional": observation(subject={"reference": "Patient?identifier=urn:x|1"}),
    "reference_by_identifier": observation(
        subject={"identifier": {"value": "1"}, "type": "Patient"}
    ),
    "reference_to_contained": patient(
        contained=[ORGANIZATION], managingOrganization={"reference": "#o"}
    ),
    "contained_refers_to_container": patient(
        contained=[{"resourceType": "Account", "status": "active", "subject": [{"reference": "#"}]}]
    ),
    "any_target": observation(focus=[{"reference": "Medication/1"}]),
    "status_bound_to_codes": condition(clinicalStatus=clinical("active")),
    "narrative": patient(text={"status": "generated", "div": DIV.format("<p>a &amp; b<br/></p>")}),
    "nested_extension": patient(
        extension=[{"url": "u", "extension": [{"url": "v", "valueInteger": 1}]}]
    ),
    "period_within_a_day": encounter(period={"start": "2026-03-01", "end": "2026-03-01T08:00:00Z"}),
    "period_across_zones": encounter(
        period={"start": "2026-03-01T08:00:00+05:00", "end": "2026-03-01T04:00:00+00:00"}
    ),
    "transaction": bundle("transaction", entry(patient())),
    "searchset": bundle("searchset", {"resource": patient(), "search": {"mode": "match"}}, total=1),
    "base64_with_line_breaks": {
        "resourceType": "Binary",
        "contentType": "text/plain",
        "data": "dGVz\r\ndA==",
    },
    "questionnaire_response_nested": nested(8),
}


@pytest.mark.parametrize("resource", VALID.values(), ids=VALID)
def test_valid_r4_has_no_problems(resource: dict[str, Any]) -> None:
    assert problems(resource) == []


def test_every_problem_of_a_resource_is_told_at_once() -> None:
    found = problems(observation(status="x", code=[], subject={"reference": "Basic/1"}, x=1))

    assert [issue.at for issue in found] == [
        "Observation.x",
        "Observation.status",
        "Observation.code",
        "Observation.subject.reference",
    ]


def test_problems_never_repeat_a_value() -> None:
    secret = "Zaphod Beeblebrox"

    found = problems(
        patient(id=secret, birthDate=secret, gender=secret, name=secret, text=secret, **{secret: 1})
    )

    assert len(found) == 6
    assert not any(word in f"{issue.at} {issue.text}" for issue in found for word in secret.split())


def test_a_resource_with_many_problems_ends_at_the_cap() -> None:
    assert len(problems(patient(name=[{"family": ""}] * 100_000))) == MAX_PROBLEMS


def test_nesting_beyond_the_limit_is_a_problem_and_not_a_crash() -> None:
    found = problems(nested(100_000))

    assert [issue.text for issue in found] == [f"expected at most {MAX_DEPTH} levels of objects"]


def test_a_bundle_in_bundles_without_end_is_a_problem_and_not_a_crash() -> None:
    inner = patient()
    for _ in range(50_000):
        inner = bundle("collection", {"resource": inner})

    assert [issue.text for issue in problems(inner)] == [
        f"expected at most {MAX_DEPTH} levels of objects"
    ]
