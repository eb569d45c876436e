"""D: what is on offer, and whether it is told as the standard says."""

import re
from typing import Any
from urllib.parse import parse_qsl

from tests.conformance.cds.check import NotApplicable, among, check, equal, expect
from tests.conformance.cds.target import CONTEXTS, Target, tokens_in
from tests.conformance.cds.walk import empty, is_text

# Source: CDS Hooks 2.0, Prefetch tokens
_USERS = frozenset(
    {"userPractitionerId", "userPractitionerRoleId", "userPatientId", "userRelatedPersonId"}
)
# Source: CDS Hooks library 2.0.0, fields that may be tokens; all others are objects or lists
_FIELDS = frozenset({"userId", "patientId", "encounterId", "performer", "dispatchedOrders"})
# Source: CDS Hooks 2.0, Prefetch query restrictions
_PREFIXES = re.compile(r"(eq|lt|gt|ge|le)?[^,]*")
_MODIFIERS = frozenset({"", "in"})
_CONTROLS = frozenset({"_count", "_sort", "_id"})
_READ = re.compile(r"[A-Z][A-Za-z]+/(\{\{[^{}]+\}\}|[A-Za-z0-9\-.]{1,64})")


@check("D1", 4, 5, 13)
def discovery_is_below_the_base_by_get(target: Target) -> None:
    equal(target.discover().status_code, 200, "the status of discovery")


@check("D2", 1, 6)
def discovery_is_json_with_the_list_of_services(target: Target) -> None:
    answer = target.discover()
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    equal(kind, "application/json", "the media type")
    body = answer.json()
    expect(isinstance(body, dict), "the body is no object")
    expect(isinstance(body.get("services"), list), "services is no list")


@check("D3", 7, 9, 10)
def every_service_has_hook_description_and_id(target: Target) -> None:
    for one in target.services:
        for name in ("hook", "description", "id"):
            expect(is_text(one.get(name)), f"{name} of a service is no text")


@check("D4", 8)
def every_service_has_a_title(target: Target) -> None:
    missing = [one["id"] for one in target.services if not is_text(one.get("title"))]
    equal(missing, [], "services without a title")


@check("D5", 12)
def what_use_requires_is_text(target: Target) -> None:
    said = [one["usageRequirements"] for one in target.services if "usageRequirements" in one]
    if not said:
        raise NotApplicable("no service says what its use requires")
    expect(all(is_text(one) for one in said), "usageRequirements is no text")


@check("D6", 11, 28, 29, 36)
def templates_are_texts_by_key(target: Target) -> None:
    held = [one["prefetch"] for one in target.services if "prefetch" in one]
    if not held:
        raise NotApplicable("no service asks for prefetch")
    for one in held:
        expect(isinstance(one, dict) and one, "prefetch is no object with keys")
        expect(all(is_text(k) and is_text(v) for k, v in one.items()), "a template is no text")


@check("D7", 35, 55, 56, 57, 59)
def tokens_are_plain_fields_of_the_hooks_context(target: Target) -> None:
    for service, template in _templates(target):
        rest = re.sub(r"\{\{[^{}]*\}\}", "", template)
        expect("{" not in rest and "}" not in rest, "a brace stands alone in a template")
        for token in tokens_in(template):
            if token in _USERS:
                continue
            scope, _, name = token.partition(".")
            equal(scope, "context", "what stands before the field of a token")
            expect(name in _FIELDS, f"{name} cannot be a token")
            known = {*CONTEXTS.get(service["hook"], (name,)), "encounterId"}
            expect(name in known, f"{service['hook']} has no {name}")


@check("D8", 58)
def templates_keep_to_the_recommended_part_of_search(target: Target) -> None:
    for _, template in _templates(target):
        path, question, query = template.partition("?")
        if not question:
            expect(_READ.fullmatch(path), "a template is neither a read nor a search")
            continue
        expect(re.fullmatch(r"[A-Z][A-Za-z]+", path), "a template searches no single type")
        for name, value in parse_qsl(query, keep_blank_values=True):
            base, _, modifier = name.partition(":")
            among(modifier, ("", "in"), "a modifier")
            expect(not base.startswith("_") or base in _CONTROLS, f"{base} is not recommended")
            expect("." not in base, "a chained parameter")
            expect(value, f"{base} has no value")


@check("D9", 7, 10)
def no_service_is_offered_twice_for_a_hook(target: Target) -> None:
    pairs = [(one["id"], one["hook"]) for one in target.services]
    equal(len(pairs), len(set(pairs)), "pairs of id and hook")


@check("D10", 10, 16)
def every_service_is_called_by_its_id(target: Target) -> None:
    for one in target.services:
        expect(re.fullmatch(r"[A-Za-z0-9\-._~]+", one["id"]), "an id that no path can hold")
        status = target.post(target.url(one["id"]), {}).status_code
        equal(status, 400, f"an empty request to {one['id']}")


@check("D11", 4, 14)
def discovery_is_only_read(target: Target) -> None:
    equal(target.discover(method="HEAD").status_code, 200, "HEAD")
    equal(target.discover(method="POST").status_code, 405, "POST")


@check("D12", 3)
def nothing_in_discovery_is_null_or_empty(target: Target) -> None:
    equal(empty(target.discover().json()), [], "empty elements")


@check("D13", 213)
def hooks_are_those_of_the_library_or_have_a_domain(target: Target) -> None:
    for one in target.services:
        hook = one["hook"]
        expect(hook in CONTEXTS or "." in hook, f"the hook {hook} is not known")


def _templates(target: Target) -> list[tuple[dict[str, Any], str]]:
    found = [
        (one, template) for one in target.services for template in one.get("prefetch", {}).values()
    ]
    if not found:
        raise NotApplicable("no service asks for prefetch")
    return found
