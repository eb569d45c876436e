"""Calls with tokens that are good or bad, as the checks of authentication make them."""

import requests
from tests.conformance.cds.check import equal, expect
from tests.conformance.cds.target import Target


def asked(target: Target, made: str) -> requests.Response:
    return target.call(bearer=made)


def url_of(target: Target) -> str:
    return target.url(target.main["id"])


def status(target: Target, made: str) -> int:
    return asked(target, made).status_code


def good(target: Target, made: str, what: str) -> None:
    equal(status(target, made), 200, what)


def bad(target: Target, made: str, what: str) -> None:
    """Fail unless it is refused, in the words in which every token is refused."""
    answer = asked(target, made)
    equal(answer.status_code, 401, what)
    said = answer.headers.get("WWW-Authenticate", "")
    expect(said.startswith("Bearer"), f"{what}: no WWW-Authenticate: Bearer")
    expect("cards" not in answer.json(), f"{what}: a refusal with cards")
