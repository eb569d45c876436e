"""User Access Brands: whose server this is."""

from collections.abc import Iterator
from typing import Any

from tests.conformance.smart.check import NotApplicable, equal, expect, proves
from tests.conformance.smart.server import Server

_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


def _bundle(server: Server) -> dict[str, Any]:
    url = server.config.get("user_access_brand_bundle")
    if not url:
        raise NotApplicable("the server publishes no brand bundle")
    found: dict[str, Any] = server.http.get(url).json()
    return found


def _of(server: Server, type_: str) -> list[dict[str, Any]]:
    entries = _bundle(server)["entry"]
    return [one["resource"] for one in entries if one["resource"]["resourceType"] == type_]


@proves(396, 417)
def a_primary_brand_refers_to_every_endpoint(server: Server) -> None:
    endpoints = {f"Endpoint/{one['id']}" for one in _of(server, "Endpoint")}
    referred = {
        each["reference"] for one in _of(server, "Organization") for each in one.get("endpoint", [])
    }
    expect(endpoints and endpoints <= referred, "an endpoint without a brand")
    addresses = [one["address"] for one in _of(server, "Endpoint")]
    expect(server.base in addresses, "this server is not among them")


@proves(398, 418, 419)
def it_says_when_it_changed(server: Server) -> None:
    bundle = _bundle(server)
    expect(bundle.get("timestamp"), "Bundle.timestamp")
    for one in bundle["entry"]:
        expect(one["resource"].get("meta", {}).get("lastUpdated"), "lastUpdated of an entry")


@proves(400, 423)
def pages_of_any_origin_may_read_it(server: Server) -> None:
    _bundle(server)
    url = server.config["user_access_brand_bundle"]
    answer = server.http.get(url, headers={"Origin": "https://one.example"})
    equal(answer.headers.get("Access-Control-Allow-Origin"), "*", "who may read it")
    expect(answer.headers.get("ETag", "").startswith("W/"), "a weak ETag")


@proves(409, 410, 412, 430, 431, 432)
def the_identifier_names_exactly_one_brand(server: Server) -> None:
    named = server.config.get("user_access_brand_identifier", {})
    brands = _of(server, "Organization")
    expect(named.get("value") and named.get("system"), "the identifier has a value and a system")
    fitting = [
        one
        for one in brands
        if any({**each, **named} == each for each in one.get("identifier", []))
    ]
    equal(len(fitting), 1, "brands with this identifier")


@proves(405)
def data_are_absent_for_two_reasons_only(server: Server) -> None:
    reasons = set(_absent(_bundle(server)))
    expect(reasons <= {"asked-declined", "asked-unknown"}, "another reason")


def _absent(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _absent(one)
    elif isinstance(value, dict):
        if value.get("url") == _ABSENT:
            yield str(value.get("valueCode"))
        for one in value.values():
            yield from _absent(one)
