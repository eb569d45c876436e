"""Templates that a 2.0 client cannot use keep the service from starting."""

from dataclasses import replace
from typing import Any

import pytest

from wherry.errors import Failure, Kind
from wherry_cds.protocol.catalogue import SERVICES, Key, Service
from wherry_cds.protocol.hooks import CONTEXTS
from wherry_cds.protocol.lint import problems, refuse

SEARCH = "Observation?patient={{context.patientId}}"


def on(hook: str, template: str, **more: Any) -> list[str]:
    type_ = template.partition("?")[0].partition("/")[0]
    given = {"type": type_, "many": "?" in template, **more}
    service = Service("s", hook, "T", "D", "U", (Key("k", template, **given),))
    return [text.partition(": ")[2] for text in problems(service, CONTEXTS)]


@pytest.mark.parametrize(
    ("hook", "template", "required"),
    [
        ("patient-view", "Patient/{{context.patientId}}", True),
        ("patient-view", f"{SEARCH}&category=vital-signs,exam&_sort=-date&_count=9", True),
        ("patient-view", f"{SEARCH}&date=ge2020-01-01", True),
        ("patient-view", f"{SEARCH}&code:in=http://example.org/ValueSet/x", True),
        ("patient-view", "Encounter/{{context.encounterId}}", False),
        ("encounter-start", "Encounter/{{context.encounterId}}", True),
        ("patient-view", "Practitioner/{{userPractitionerId}}", False),
    ],
)
def test_what_a_client_can_do_passes(hook: str, template: str, required: bool) -> None:
    assert on(hook, template, required=required) == []


@pytest.mark.parametrize(
    ("hook", "template", "text"),
    [
        ("patient-view", "Patient/{{context.patient}}", "no token context.patient"),
        ("patient-view", "Patient/{{patientId}}", "no token patientId"),
        ("patient-view", "Patient/{{today()}}", "no token today()"),
        ("patient-view", "Patient/{{%patient.id}}", "no token %patient.id"),
        ("order-dispatch", "Patient/{{userPatientId}}", "no token userPatientId"),
        ("order-sign", "X/{{context.draftOrders}}", "no simple value"),
        ("order-select", "X/{{context.selections}}", "no simple value"),
        ("patient-view", "Encounter/{{context.encounterId}}", "a client may leave out"),
        ("patient-view", "Practitioner/{{userPractitionerId}}", "a client may leave out"),
        ("patient-view", "Patient/{{context.patientId", "not closed"),
        ("patient-view", "Patient", "does not ask for"),
        ("patient-view", f"{SEARCH}&_include=Observation:subject", "outside the searches"),
        ("patient-view", f"{SEARCH}&_has:x:y=1", "outside the searches"),
        ("patient-view", f"{SEARCH}&subject.name=x", "outside the searches"),
        ("patient-view", f"{SEARCH}&code:not=x", "outside the searches"),
        ("patient-view", f"{SEARCH}&code=", "is empty"),
        ("patient-view", f"{SEARCH}&date=sa2020-01-01", "compares dates"),
        ("patient-view", f"{SEARCH}&date=ne2020", "compares dates"),
        ("x-view", "Patient/{{context.patientId}}", "no such hook"),
    ],
)
def test_what_a_client_cannot_do_is_named(hook: str, template: str, text: str) -> None:
    found = on(hook, template)

    assert any(text in each for each in found), found


@pytest.mark.parametrize(
    ("template", "many", "text"),
    [
        ("Patient/{{context.patientId}}", True, "answers no Bundle"),
        (SEARCH, False, "answers a Bundle"),
    ],
)
def test_one_resource_and_many_are_not_mixed_up(template: str, many: bool, text: str) -> None:
    assert [text in each for each in on("patient-view", template, many=many)] == [True]


def test_what_we_offer_passes() -> None:
    refuse(SERVICES, CONTEXTS)


def test_a_service_that_does_not_pass_keeps_the_app_from_starting(build: Any) -> None:
    broken = replace(
        SERVICES[0],
        hook="order-dispatch",
        id="broken",
        keys=(Key("user", "Practitioner/{{context.userId}}", "Practitioner", many=False),),
    )

    with pytest.raises(Failure) as caught:
        build(services=(*SERVICES, broken))

    assert caught.value.kind is Kind.FAULT
    assert caught.value.detail == (
        "broken on order-dispatch, user: the hook has no token context.userId"
    )


def test_the_same_id_twice_on_a_hook_is_refused() -> None:
    with pytest.raises(Failure, match="early-warning is there twice on patient-view"):
        refuse((*SERVICES, SERVICES[0]), CONTEXTS)
