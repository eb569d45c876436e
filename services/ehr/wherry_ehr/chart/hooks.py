"""What a chart needs of CDS services: one call at a time, and the catalogue read out of one."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote

from wherry.codec import decode
from wherry.errors import Failure, Kind

_MAX_WORDS = 200

# Source: CDS Hooks library 1.0: the hooks that the sandbox fires, as a tester reads them
HOOKS: Mapping[str, str] = {
    "patient-view": "A chart is opened",
    "encounter-start": "An encounter begins",
    "encounter-discharge": "A patient is about to leave",
    "order-select": "An order is chosen",
    "order-sign": "Orders are about to be signed",
}


class Offered(NamedTuple):
    """One service of a catalogue. Source: CDS Hooks 2.0, Discovery."""

    id: str
    hook: str
    title: str
    prefetch: Mapping[str, str]


class Heard(NamedTuple):
    """An answer as it came."""

    status: int
    body: bytes


class Hooks(Protocol):
    """The way to CDS services."""

    def ask(
        self, method: str, url: str, body: bytes | None, *, bearer: str, timeout_s: float
    ) -> Heard:
        """Whatever is answered. Raises: Failure(UNAVAILABLE) when nothing is."""
        ...


def discovery(base: str) -> str:
    """Where a server tells what it offers."""
    return f"{base.rstrip('/')}/cds-services"


def endpoint(base: str, service: str) -> str:
    """Where one service is called; its feedback is below."""
    return f"{discovery(base)}/{quote(service, safe='')}"


def catalogue(heard: Heard) -> list[Offered]:
    """What it offers; entries that are not understood are left out.

    Raises: Failure(UNAVAILABLE) for an answer that is no catalogue.
    """
    services = answered(heard).get("services")
    if not isinstance(services, list):
        raise Failure(Kind.UNAVAILABLE, "its catalogue has no list of services")
    return [_offered(one) for one in services if isinstance(one, dict)]


def answered(heard: Heard) -> Mapping[str, Any]:
    """The JSON object of a good answer.

    Raises: Failure(UNAVAILABLE) for any other, with the service's own words.
    """
    value = _object(heard.body)
    if heard.status != 200 or value is None:
        raise Failure(Kind.UNAVAILABLE, words(value, heard.status))
    return value


def words(outcome: Mapping[str, Any] | None, status: int) -> str:
    """What an OperationOutcome says, as far as it says anything."""
    issues = outcome.get("issue") if outcome else None
    first = issues[0] if isinstance(issues, list) and issues else None
    details = first.get("details") if isinstance(first, dict) else None
    text = details.get("text") if isinstance(details, dict) else None
    said = f": {text[:_MAX_WORDS]}" if isinstance(text, str) and text else ""
    return f"it answered {status}{said}"


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        value = decode(content)
    except Failure:
        return None
    return value if isinstance(value, dict) else None


def _offered(entry: Mapping[str, Any]) -> Offered:
    prefetch = entry.get("prefetch")
    return Offered(
        id=str(entry.get("id", "")),
        hook=str(entry.get("hook", "")),
        title=str(entry.get("title") or entry.get("id", "")),
        prefetch={str(name): str(template) for name, template in prefetch.items()}
        if isinstance(prefetch, dict)
        else {},
    )
