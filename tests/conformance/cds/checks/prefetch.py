"""P: what stands under a prefetch key, and what is read when nothing does."""

import time
from typing import Any

from tests.conformance.cds import people
from tests.conformance.cds.check import NotApplicable, among, check, equal, expect
from tests.conformance.cds.people import Kind, somebody
from tests.conformance.cds.stub import Reply
from tests.conformance.cds.target import ACCESS_TOKEN, Body, Target, expanded
from tests.conformance.cds.walk import refused


def _key(target: Target, *, many: bool = False) -> str:
    """A key without which there is no answer; with `many`, one whose answer is a Bundle."""
    for key in target.required:
        if "?" in target.main["prefetch"][key] or not many:
            return key
    raise NotApplicable("no prefetch key is needed")


def _with(target: Target, key: str, value: Any, body: Body | None = None) -> Body:
    body = body or target.request()
    return {**body, "prefetch": {**body.get("prefetch", {}), key: value}}


def _query(target: Target, key: str, body: Body) -> str:
    return expanded(target.main["prefetch"][key], body["context"]) or ""


def _patient(body: Body) -> str:
    return str(body["context"]["patientId"])


@check("P1", 34, 54)
def a_needed_key_that_is_not_sent_is_412(target: Target) -> None:
    key = _key(target)
    refused(target.call(without=(key,)), 412, naming=key)
    every = tuple(target.main.get("prefetch", {}))
    refused(target.call(without=every), 412)


@check("P2", 74)
def null_is_no_data_and_is_not_asked_again(target: Target) -> None:
    _key(target, many=True)
    body = target.authorized(target.request())
    for key, template in target.main["prefetch"].items():
        body = _with(target, key, None, body) if "?" in template else body
    answer = target.call(body)
    equal(answer.status_code, 200, "a call with null under every key that is searched")
    equal(target.stub.seen(_patient(body)), [], "what the FHIR server was asked")
    for card in answer.json()["cards"]:
        among(card["indicator"], ("info",), "the indicator without data")


@check("P3", 52, 54)
def an_outcome_under_a_needed_key_is_412_and_is_not_asked_again(target: Target) -> None:
    for key in target.required:
        body = target.authorized(_with(target, key, people.outcome()))
        refused(target.call(body), 412, naming=key)
        equal(target.stub.seen(_patient(body)), [], "what the FHIR server was asked")
    _key(target)


@check("P4", 52)
def an_outcome_under_an_optional_key_is_gone_without(target: Target) -> None:
    for one in target.services:
        for key in one.get("prefetch", {}):
            body = target.request(one)
            kept = {k: v for k, v in body["prefetch"].items() if k != key}
            if target.call({**body, "prefetch": kept}, service=one).status_code != 200:
                continue
            body = target.request(one)
            answer = target.call(_with(target, key, people.outcome(), body), service=one)
            equal(answer.status_code, 200, f"an outcome under the optional {key}")
            return
    raise NotApplicable("every prefetch key of every service is needed")


@check("P5", 74)
def an_empty_bundle_is_no_data(target: Target) -> None:
    key = _key(target, many=True)
    body = target.authorized(_with(target, key, people.empty_bundle()))
    answer = target.call(body)
    equal(answer.status_code, 200, "a call with an empty Bundle")
    equal(target.stub.seen(_patient(body)), [], "what the FHIR server was asked")


@check("P6", 34, 60, 61)
def what_is_not_sent_is_read_with_the_calls_token(target: Target) -> None:
    body = target.authorized(target.request())
    wanted = {_query(target, key, body) for key in body.get("prefetch", {})}
    bare = {name: value for name, value in body.items() if name != "prefetch"}
    answer = target.call(bare)
    equal(answer.status_code, 200, "a call that has to be read for")
    expect(answer.json()["cards"], "no card about a patient who is ill")
    seen = target.stub.seen(_patient(body))
    equal({one.asked for one in seen}, wanted, "what the FHIR server was asked")
    equal({one.bearer for one in seen}, {ACCESS_TOKEN}, "the tokens that it was shown")


@check("P7", 54, 76)
def a_fhir_server_that_does_not_give_is_said_in_time(target: Target) -> None:
    key = _key(target, many=True)
    for status in (401, 403, 404, 500):
        body = target.authorized(target.request())
        target.stub.instead[_patient(body)] = Reply(status, people.outcome())
        answer = target.call(body, without=(key,))
        wanted = (503,) if status >= 500 else (412,)
        among(answer.status_code, (*wanted, 412), f"FHIR server {status}")
        refused(answer, answer.status_code)


@check("P8", 54, 76)
def a_fhir_server_that_is_slow_does_not_hold_the_answer(target: Target) -> None:
    key = _key(target, many=True)
    body = target.authorized(target.request())
    target.stub.instead[_patient(body)] = Reply(
        200, people.empty_bundle(), after_s=target.deadline_s + 0.5
    )
    began = time.monotonic()
    answer = target.call(body, without=(key,))
    took = time.monotonic() - began
    among(answer.status_code, (412, 503), "a FHIR server that is slow")
    refused(answer, answer.status_code)
    expect(took < target.deadline_s, f"the answer took {took:.1f} s")


def _paged(target: Target, key: str, body: Body, address: str) -> Body:
    """The same request, whose data are on another page."""
    found = body["prefetch"][key]
    first = {**found, "entry": found["entry"][:1], "link": [{"relation": "next", "url": address}]}
    return _with(target, key, first, body)


@check("P9", 34, 61)
def a_next_link_of_the_same_server_is_followed(target: Target) -> None:
    key = _key(target, many=True)
    body = target.authorized(target.request())
    path = f"/fhir/{_query(target, key, body)}&_offset=1"
    target.stub.instead[path] = Reply(200, body["prefetch"][key])
    answer = target.call(_paged(target, key, body, f"{target.stub.origin}{path}"))
    equal(answer.status_code, 200, "a call with a paged result")
    seen = target.stub.seen("_offset=1&" if "?" not in path else "_offset=1")
    mine = [one for one in seen if _patient(body) in one.query]
    equal([one.bearer for one in mine], [ACCESS_TOKEN], "the tokens shown for the next page")


@check("P10", 61)
def a_next_link_to_elsewhere_is_not_followed(target: Target) -> None:
    key = _key(target, many=True)
    body = target.authorized(target.request())
    elsewhere = target.stub.origin.replace("127.0.0.1", "localhost")
    answer = target.call(_paged(target, key, body, f"{elsewhere}/fhir/elsewhere?{_patient(body)}"))
    equal(answer.status_code, 200, "a call with a foreign next link")
    equal(target.stub.seen(_patient(body)), [], "what was asked elsewhere")


@check("P11", 76)
def data_of_another_patient_are_refused(target: Target) -> None:
    for key in target.required:
        other = target.request()["prefetch"][key]
        refused(target.call(_with(target, key, other)), 400)
    key = _key(target, many=True)
    body = target.request()
    mixed = body["prefetch"][key]
    alien = target.request()["prefetch"][key]["entry"][:1]
    refused(target.call(_with(target, key, {**mixed, "entry": mixed["entry"] + alien}, body)), 400)


@check("P12", 52)
def an_outcome_among_the_matches_is_no_data(target: Target) -> None:
    key = _key(target, many=True)
    body = target.request()
    entry = {"resource": people.outcome("warning"), "search": {"mode": "outcome"}}
    found = body["prefetch"][key]
    answer = target.call(_with(target, key, {**found, "entry": [*found["entry"], entry]}, body))
    equal(answer.status_code, 200, "a call with a warning among the matches")
    expect(answer.json()["cards"], "no card about a patient who is ill")


@check("P13", 34, 54)
def a_server_that_nobody_listed_is_not_contacted(target: Target) -> None:
    key = _key(target, many=True)
    body = target.authorized(target.request())
    for base in (f"{target.stub.origin}/other-fhir", target.stub.fhir.replace("127.", "127.1.")):
        answer = target.call({**body, "fhirServer": base}, without=(key,))
        among(answer.status_code, (400, 412), "a server that nobody listed")
        refused(answer, answer.status_code)
    equal(target.stub.seen(_patient(body)), [], "what was asked")


@check("P14", 28)
def keys_that_nobody_asked_for_are_left_alone(target: Target) -> None:
    body = _with(target, "something-else", {"resourceType": "Basic", "id": "b"})
    equal(target.call(body).status_code, 200, "a call with a key more")


@check("P15", 61)
def a_token_that_is_over_is_not_used(target: Target) -> None:
    key = _key(target, many=True)
    body = target.authorized(target.request(), expires_in=0)
    refused(target.call(body, without=(key,)), 412)
    equal([one.bearer for one in target.stub.seen(_patient(body)) if one.bearer], [], "tokens used")


@check("P16", 76)
def what_is_no_such_resource_is_refused(target: Target) -> None:
    for key in target.required:
        wrongs: tuple[Any, ...] = ("text", 7, [], {"resourceType": "Basic", "id": "b"}, True)
        for wrong in wrongs:
            refused(target.call(_with(target, key, wrong)), 400)
    _key(target)


@check("P17", 34)
def what_was_sent_is_not_read_again(target: Target) -> None:
    key = _key(target, many=True)
    body = target.authorized(target.request())
    equal(target.call(body, without=(key,)).status_code, 200, "a call with one key to be read")
    asked = [one.asked for one in target.stub.seen(_patient(body))]
    equal(asked, [_query(target, key, body)], "what the FHIR server was asked")


@check("P18", 54)
def another_patient_on_the_fhir_server_is_never_scored(target: Target) -> None:
    key = _key(target, many=True)
    body = target.authorized(target.request())
    other = target.request()["prefetch"][key]
    target.stub.instead[_patient(body)] = Reply(200, other)
    answer = target.call(body, without=(key,))
    among(answer.status_code, (400, 412), "another patient on the FHIR server")
    refused(answer, answer.status_code)


@check("P19", 77)
def a_patient_of_whom_nothing_is_known_is_not_called_well(target: Target) -> None:
    answer = target.call(target.request(patient=somebody(Kind.BARE)))
    equal(answer.status_code, 200, "a call without data")
    for card in answer.json()["cards"]:
        equal(card["indicator"], "info", "the indicator without data")
        expect("low risk" not in card["summary"].lower(), "no data are called a low risk")
