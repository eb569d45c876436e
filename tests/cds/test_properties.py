"""Whatever is sent: nothing of another patient is scored, and nothing crashes."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.cds.clients.ehr import Checking

from wherry.errors import Failure, Kind
from wherry_cds.clients.registration import read
from wherry_cds.clients.token import seen
from wherry_cds.protocol.call import Call, other_patients, parse
from wherry_cds.protocol.catalogue import EARLY_WARNING, Service
from wherry_cds.protocol.hooks import CONTEXTS
from wherry_cds.protocol.prefetch import Received, content, received

PATIENT, OBSERVATIONS = EARLY_WARNING.keys
EHR = "https://ehr.example.org/fhir"

texts = st.sampled_from(["", "x", "Patient/p-1", "Patient/p-2", "p-1", "Bundle", "Observation"])
json = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
references = st.sampled_from(
    [
        "Patient/p-1",
        f"{EHR}/Patient/p-1",
        "Patient/p-1/_history/2",
        "Patient/p-2",
        "Patient/p-11",
        "https://other.example.org/fhir/Patient/p-1",
        "Group/p-1",
        "#p-1",
        "",
    ]
)
OURS = frozenset({"Patient/p-1", f"{EHR}/Patient/p-1", "Patient/p-1/_history/2"})
subjects = st.fixed_dictionaries({"reference": references}) | json
observations = st.fixed_dictionaries(
    {"resourceType": st.sampled_from(["Observation", "Observation", "Condition", 5])},
    optional={"subject": subjects, "patient": subjects},
)
patients = st.fixed_dictionaries(
    {"resourceType": st.just("Patient")}, optional={"id": texts | st.integers()}
)
outcomes = st.fixed_dictionaries(
    {"resourceType": st.just("OperationOutcome")},
    optional={"issue": st.lists(st.fixed_dictionaries({"severity": texts}) | json, max_size=2)},
)
resources = observations | patients | outcomes | json
entries = st.fixed_dictionaries(
    {"resource": resources},
    optional={"search": st.fixed_dictionaries({"mode": st.sampled_from(["match", "include", 5])})},
)
links = st.lists(
    st.fixed_dictionaries({"relation": st.sampled_from(["next", "self"]), "url": texts | json})
    | json,
    max_size=2,
)
bundles = st.fixed_dictionaries(
    {"resourceType": st.just("Bundle")},
    optional={"entry": st.lists(entries | json, max_size=4) | json, "link": links | json},
)
values = bundles | resources


def is_ours(resource: Any) -> bool:
    """Judged in another way than the service does: every patient that it names is p-1 of EHR."""
    if resource["resourceType"] == "Patient":
        return bool(resource.get("id") == "p-1")
    named = [resource[name] for name in ("subject", "patient") if resource.get(name) is not None]
    return bool(named) and all(
        isinstance(one, dict) and one.get("reference") in OURS for one in named
    )


@given(values)
@settings(max_examples=400)
def test_what_counts_as_data_is_about_the_patient(value: Any) -> None:
    for key in (PATIENT, OBSERVATIONS):
        found = received(key, {key.name: value}, patient_id="p-1", base=EHR)
        if found in (Received.DATA, Received.PAGE, Received.EMPTY):
            assert all(is_ours(one) for one in content(key, value).resources)


@given(st.dictionaries(st.sampled_from(["patient", "observations", "other"]), values, max_size=3))
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_prefetch_is_answered_or_refused_and_only_the_patient_is_scored(
    world: Any, prefetch: Any
) -> None:
    world.scorer.asked.clear()

    answer = world.call(
        {
            "hook": "patient-view",
            "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
            "context": {"userId": "Practitioner/u-1", "patientId": "p-1"},
            "prefetch": prefetch,
        }
    )

    assert answer.status_code in (200, 400, 412)
    assert (answer.status_code == 200) == (world.scorer.asked != [])
    for asked in world.scorer.asked:
        assert all(one["resourceType"] in ("Patient", "Observation") for one in asked)


@given(
    st.sampled_from(sorted(CONTEXTS)),
    st.dictionaries(
        st.sampled_from(sorted({f.name for fields in CONTEXTS.values() for f in fields})),
        values | st.sampled_from(["p-1", "Practitioner/u-1"]),
        max_size=5,
    ),
    st.dictionaries(st.sampled_from(["access_token", "scope", "patient"]), json) | json,
)
@settings(max_examples=300)
def test_any_context_is_a_call_or_a_list_of_problems(hook: str, context: Any, lent: Any) -> None:
    service = Service("s", hook, "T", "D", "U", ())
    body = {
        "hook": hook,
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": context,
        "fhirServer": EHR,
    }

    for one in (body, {**body, "fhirAuthorization": lent}):
        found = parse(one, [service])
        if isinstance(found, Call):
            assert found.patient_id
            assert all(problem.code == "business-rule" for problem in other_patients(found))
        else:
            assert found != []


@given(st.text(max_size=40) | st.lists(st.text("ab.-_=", max_size=9), max_size=5).map(".".join))
def test_any_text_as_a_token_is_refused_by_a_rule(text: str) -> None:
    with pytest.raises(Failure) as caught:
        Checking().verify(text)

    assert caught.value.kind is Kind.UNAUTHENTICATED


def outcome_of(registration: Any) -> str | Kind:
    try:
        return "a client" if read(registration).id else "nobody"
    except Failure as failure:
        return failure.kind


@given(st.dictionaries(st.sampled_from(["id", "iss", "jku", "jwks", "algs", "overrides"]), json))
def test_any_registration_is_read_or_refused(value: Any) -> None:
    assert outcome_of(value) in ("a client", Kind.INVALID)


@given(st.text(max_size=60))
def test_reading_without_believing_raises_one_kind_of_failure(text: str) -> None:
    with pytest.raises(Failure):
        seen(text)
