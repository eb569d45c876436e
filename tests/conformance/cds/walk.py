"""Looking through answers: empty elements, addresses, codings."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import requests
from tests.conformance.cds.check import equal, expect

# Source: CDS Hooks 2.0, Use of JSON; HTTP Response; Discovery Response
MAY_BE_EMPTY = frozenset({"cards", "services"})


def empty(value: Any, at: str = "") -> list[str]:
    """The paths of every null, empty text, empty list and empty object."""
    if isinstance(value, Mapping):
        inner = [(f"{at}.{name}".lstrip("."), each) for name, each in value.items()]
    elif isinstance(value, Sequence) and not isinstance(value, str):
        inner = [(f"{at}[{index}]", each) for index, each in enumerate(value)]
    else:
        return [at] if value is None or value == "" else []
    if not inner:
        return [] if at in MAY_BE_EMPTY else [at]
    return [path for name, each in inner for path in empty(each, name)]


def texts(value: Any, at: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a value with its path."""
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from texts(each, f"{at}.{name}")
    elif isinstance(value, Sequence):
        for index, each in enumerate(value):
            yield from texts(each, f"{at}[{index}]")


def is_text(value: Any) -> bool:
    """Whether it is a text with something in it."""
    return isinstance(value, str) and bool(value.strip())


def is_absolute(url: Any) -> bool:
    """Whether it is an absolute web address without a user in it."""
    if not isinstance(url, str):
        return False
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and "@" not in parts.netloc


def is_coding(value: Any) -> bool:
    """Whether it has a code and a system. Source: CDS Hooks 2.0, Coding."""
    return isinstance(value, dict) and is_text(value.get("code")) and is_text(value.get("system"))


def refused(answer: requests.Response, status: int, *, naming: str = "") -> None:
    """Fail unless it is this refusal, says why as an OperationOutcome, and shows no card."""
    equal(answer.status_code, status, "the status")
    body = answer.json()
    equal(body.get("resourceType"), "OperationOutcome", "the body of a refusal")
    expect(body.get("issue"), "an OperationOutcome without an issue")
    expect("cards" not in body, "a refusal with cards")
    equal(empty(body), [], "empty elements of a refusal")
    if naming:
        said = [text for _, text in texts(body["issue"])]
        expect(any(naming in text for text in said), f"no issue names {naming}")
