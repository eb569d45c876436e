"""G: guidance that is renewed, and cards that are not shown again and again."""

import json
from typing import Any

from tests.conformance.cds.check import NotApplicable, check, equal, expect
from tests.conformance.cds.people import Kind, somebody
from tests.conformance.cds.target import Body, Service, Target


def _twins(target: Target) -> list[Service]:
    """Services of one id on several hooks."""
    by_id: dict[str, list[Service]] = {}
    for one in target.services:
        by_id.setdefault(one["id"], []).append(one)
    for several in by_id.values():
        if len(several) > 1:
            return several
    raise NotApplicable("no id is offered on several hooks")


def _decisions(target: Target, patient: str) -> list[Body]:
    if target.seam.decisions is None:
        raise NotApplicable("the audit is not seen from outside")
    return list(target.seam.decisions(patient))


def _again(target: Target) -> tuple[str, list[Body]]:
    """A patient on whom there is a card, and the cards of the next call."""
    patient = somebody()
    expect(target.cards(patient), "no card about a patient who is ill")
    again = target.cards(patient)
    if again:
        raise NotApplicable("every call shows its card")
    return patient, again


@check("G1", 210, 211)
def one_id_on_several_hooks_answers_each(target: Target) -> None:
    for one in _twins(target):
        answer = target.call(target.request(one), service=one)
        equal(answer.status_code, 200, f"{one['id']} on {one['hook']}")


@check("G2", 211)
def one_id_does_not_answer_a_hook_that_it_is_not_on(target: Target) -> None:
    offered = {one["hook"] for one in _twins(target)}
    other = next(hook for hook in ("order-sign", "appointment-book") if hook not in offered)
    body: dict[str, Any] = {**target.request(_twins(target)[0]), "hook": other}
    equal(target.call(body, service=_twins(target)[0]).status_code, 400, "another hook")


@check("G3", 77)
def the_same_card_is_not_shown_twice_in_a_row(target: Target) -> None:
    _, again = _again(target)
    equal(again, [], "cards of the next call")


@check("G8", 210)
def a_patient_who_gets_worse_is_shown_again(target: Target) -> None:
    _again(target)
    patient, worse = somebody(Kind.MILD), somebody(Kind.ILL)
    expect(target.cards(patient), "no card about a patient who is not well")
    equal(target.cards(patient), [], "cards of the next call")
    body = json.loads(json.dumps(target.request(patient=worse)).replace(worse, patient))
    answer = target.call(body)
    equal(answer.status_code, 200, "a call about the patient who got worse")
    expect(answer.json()["cards"], "what was shown as less urgent silences what is urgent")


@check("G4", 77)
def what_was_not_shown_is_an_audit_row_with_its_rule(target: Target) -> None:
    patient, _ = _again(target)
    rows = _decisions(target, patient)
    equal([one["shown"] for one in rows], [True, False], "what the audit says was shown")
    expect(all(one.get("rule") for one in rows), "an audit row without its rule")


@check("G5", 210)
def one_patients_card_does_not_silence_anothers(target: Target) -> None:
    _again(target)
    expect(target.cards(), "no card about another patient")


@check("G6", 195)
def one_tenants_card_does_not_silence_anothers(target: Target) -> None:
    patient, _ = _again(target)
    body = target.request(patient=patient)
    answer = target.post(target.url(target.main["id"]), body, sender=target.second)
    equal(answer.status_code, 200, "a call of another tenant")
    expect(answer.json()["cards"], "another tenant's clinician sees no card")


@check("G7", 82)
def another_patient_in_the_request_leaves_an_audit_row(target: Target) -> None:
    body, other = target.request(), target.request()
    if not body.get("prefetch"):
        raise NotApplicable("no service asks for prefetch")
    answer = target.call({**body, "prefetch": other["prefetch"]})
    equal(answer.status_code, 400, "another patient's data")
    rows = _decisions(target, body["context"]["patientId"])
    expect(rows, "no audit row on another patient's data")
    expect(not any(one["shown"] for one in rows), "a card was shown")
