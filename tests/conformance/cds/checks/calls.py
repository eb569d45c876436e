"""R: what a request must hold; everything that is wrong is refused, and nothing is scored."""

import json
from typing import Any

from tests.conformance.cds.check import NotApplicable, check, equal, expect
from tests.conformance.cds.parties import token
from tests.conformance.cds.people import new_uuid
from tests.conformance.cds.target import CONTEXTS, Body, Target
from tests.conformance.cds.walk import empty, refused

_UNKNOWN = "no-such-service-of-anybody"


def _bad(target: Target, *, naming: str = "", **changes: Any) -> None:
    """Fail unless the request with these changes is refused; None leaves a member out."""
    body = {**target.request(), **changes}
    body = {name: value for name, value in body.items() if value is not None}
    refused(target.call(body), 400, naming=naming)


@check("R1", 1, 16, 74)
def every_service_answers_its_hook(target: Target) -> None:
    for one in target.services:
        answer = target.call(target.request(one), service=one)
        equal(answer.status_code, 200, f"{one['id']} on {one['hook']}")
        kind = answer.headers.get("Content-Type", "").partition(";")[0]
        equal(kind, "application/json", "the media type")
        expect(isinstance(answer.json().get("cards"), list), "cards is no list")
        equal(empty(answer.json()), [], "empty elements")


@check("R2", 16, 76)
def an_unknown_service_is_404(target: Target) -> None:
    refused(target.post(target.url(_UNKNOWN), target.request()), 404)


@check("R3", 76)
def a_service_is_called_by_post_only(target: Target) -> None:
    url = target.url(target.main["id"])
    made = token(target.first, url)
    answer = target.http.get(url, headers={"Authorization": f"Bearer {made}"})
    equal(answer.status_code, 405, "GET on a service")
    expect("POST" in answer.headers.get("Allow", ""), "405 without the methods that are allowed")


@check("R4", 1, 76)
def what_is_no_json_object_is_400(target: Target) -> None:
    for bad in (b"", b"{", b"[]", b'"text"', b"\xff\xfe", b"null", b'{"a":1}{"b":2}'):
        refused(target.call(bad), 400)


@check("R5", 1, 76)
def another_media_type_is_415(target: Target) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml"):
        refused(target.call(target.request(), headers={"Content-Type": kind}), 415)


@check("R6", 76)
def a_request_that_is_too_large_is_413(target: Target) -> None:
    if not target.max_bytes:
        raise NotApplicable("it is not known how large a request may be")
    body = {**target.request(), "padding": "x" * target.max_bytes}
    equal(target.call(body).status_code, 413, "a request that is too large")


@check("R7", 76)
def hook_hook_instance_and_context_are_needed(target: Target) -> None:
    for name in ("hook", "hookInstance", "context"):
        _bad(target, naming=name, **{name: None})


@check("R8", 76, 210)
def a_hook_that_the_service_does_not_have_is_400(target: Target) -> None:
    for hook in ("order-review", "no-such-hook", 7, ["patient-view"], ""):
        _bad(target, naming="hook", hook=hook)


@check("R9", 76)
def a_hook_instance_is_a_uuid(target: Target) -> None:
    for wrong in ("1", "not-a-uuid", 7, new_uuid()[:-1], "{}"):
        _bad(target, naming="hookInstance", hookInstance=wrong)


@check("R10", 76)
def access_comes_with_the_server_that_it_is_for(target: Target) -> None:
    body = target.authorized(target.request())
    without = {name: value for name, value in body.items() if name != "fhirServer"}
    refused(target.call(without), 400, naming="fhirServer")


@check("R11", 76)
def every_field_that_a_hook_needs_is_needed(target: Target) -> None:
    for one in target.services:
        body = target.request(one)
        for field in CONTEXTS.get(one["hook"], ()):
            kept = {k: v for k, v in body["context"].items() if k != field}
            answer = target.call({**body, "context": kept}, service=one)
            refused(answer, 400, naming=field)


@check("R12", 76)
def a_field_of_the_wrong_kind_is_400(target: Target) -> None:
    good = target.request()["context"]
    wrong: dict[str, Any] = {
        "patientId": "Patient/p-1",
        "userId": "nobody",
        "encounterId": "a b",
    }
    for field, value in wrong.items():
        for bad in (value, 7, {"a": "b"}, ["x"]):
            _bad(target, naming=field, context={**good, field: bad})
    for bad in ([], "text", 7):
        _bad(target, naming="context", context=bad)


@check("R13", 214, 215)
def what_is_not_known_is_left_alone(target: Target) -> None:
    more = {"com.example.suite": {"any": ["thing"]}}
    body = target.request()
    body = {**body, "extension": more, "somethingNew": {"a": 1}}
    body["context"] = {**body["context"], "extension": more, "newField": [1]}
    equal(target.call(body).status_code, 200, "a request with more than is known")


@check("R14", 76)
def all_that_is_wrong_is_said_at_once(target: Target) -> None:
    context = {"userId": 7}
    answer = target.call({**target.request(), "hookInstance": "x", "context": context})
    for name in ("hookInstance", "patientId", "userId"):
        refused(answer, 400, naming=name)


@check("R15", 76)
def what_access_must_hold_is_needed(target: Target) -> None:
    wrong: dict[str, Any] = {
        "access_token": [None, 7, "two words"],
        "token_type": [None, "mac"],
        "expires_in": [None, "300"],
        "scope": [None, 7],
        "subject": [None, 7],
    }
    for name, values in wrong.items():
        for value in values:
            body = target.authorized(target.request(), **{name: value})
            given: Body = body["fhirAuthorization"]
            kept = {k: v for k, v in given.items() if v is not None}
            refused(target.call({**body, "fhirAuthorization": kept}), 400, naming=name)


@check("R16", 76)
def a_refusal_repeats_nothing_of_the_request(target: Target) -> None:
    mark = "Zebra-Suite-Mark"
    body = target.request()
    body["context"] = {**body["context"], "patientId": f"{mark} {mark}"}
    body["prefetch"] = {"patient": {"resourceType": mark}}
    answer = target.call(body)
    refused(answer, 400)
    expect(mark not in json.dumps(answer.json()), "a refusal repeats a value of the request")
