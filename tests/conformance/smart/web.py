"""HTTP for the suite: timeouts, no redirects followed, and forms as a browser reads them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import requests

TIMEOUT_S = 20


class Http(requests.Session):
    """A session that waits so long and no longer, and is led nowhere."""

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        """As requests does it."""
        kwargs.setdefault("timeout", TIMEOUT_S)
        kwargs["allow_redirects"] = False  # a redirect is an answer to be looked at
        return super().request(method, url, *args, **kwargs)


def params(location: str) -> dict[str, str]:
    """The parameters of an address; each is there once."""
    found = parse_qs(urlsplit(location).query, keep_blank_values=True)
    return {name: values[0] for name, values in found.items() if len(values) == 1}


@dataclass
class Form:
    """A form of a page: where it goes, what it carries, which buttons it has."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    choices: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(held.get("action", "")))
        elif self.found and held.get("name"):
            self._field(tag, held, self.found[-1])

    def _field(self, tag: str, held: dict[str, str], form: Form) -> None:
        pair = held["name"], held.get("value", "")
        if tag == "button" or held.get("type") == "submit":
            form.buttons.append(pair)
        elif held.get("type") == "radio":
            form.choices.append(pair)
            if "checked" in held:
                form.fields[pair[0]] = pair[1]
        elif tag == "input":
            form.fields[pair[0]] = pair[1]


def forms(page: str, url: str) -> list[Form]:
    """The forms of this page, with absolute addresses."""
    parser = _Forms()
    parser.feed(page)
    for each in parser.found:
        each.action = urljoin(url, each.action or url)
    return parser.found
