"""The JSON of a CDS service becomes cards that can be shown; what is not understood is left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from wherry_ehr.auth.clients import Client
from wherry_ehr.chart.markdown import html
from wherry_ehr.chart.suggestions import BEHAVIOURS, ONE, Reason, Suggestion, reasons, suggestions

# Source: CDS Hooks 2.0, Card Attributes, indicator; the most urgent first
INDICATORS: Mapping[str, str] = {
    "critical": "Critical",
    "warning": "Warning",
    "info": "Information",
}
_ORDER = tuple(INDICATORS)


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a card: to a page, or, with `client_id`, to a registered app."""

    label: str
    url: str
    client_id: str = ""
    app_context: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One card as it is shown; `number` is its place in the answer, `uuid` may be empty."""

    number: int
    uuid: str
    indicator: str
    summary: str
    detail: Markup
    source: str
    source_url: str
    links: tuple[Link, ...]
    suggestions: tuple[Suggestion, ...] = ()
    behaviour: str = ONE
    reasons: tuple[Reason, ...] = ()
    exchange: str = ""
    service: str = ""

    @property
    def key(self) -> str:
        """What feedback about it is kept under."""
        return f"{self.exchange}/{self.number}"

    @property
    def urgency(self) -> str:
        """The indicator as a word."""
        return INDICATORS[self.indicator]


def cards(answer: Mapping[str, Any], clients: Sequence[Client], *, page: str) -> list[Card]:
    """The cards of one answer, for the page at this address: links to itself are left out."""
    listed = answer.get("cards")
    return [
        _card(number, one, clients, page)
        for number, one in enumerate(listed if isinstance(listed, list) else [])
        if isinstance(one, dict) and _text(one, "summary") and _is_usable(one)
    ]


def unusable(answer: Mapping[str, Any]) -> int:
    """How many cards of this answer cannot be shown."""
    listed = answer.get("cards")
    return sum(
        not (isinstance(one, dict) and _text(one, "summary") and _is_usable(one))
        for one in (listed if isinstance(listed, list) else [])
    )


def _is_usable(one: Mapping[str, Any]) -> bool:
    """Source: CDS Hooks 2.0, selectionBehavior: an unknown one makes the card an error."""
    return not one.get("suggestions") or one.get("selectionBehavior", ONE) in BEHAVIOURS


def by_urgency(all_cards: Sequence[Card]) -> tuple[Card, ...]:
    """The most urgent first, otherwise as they came."""
    return tuple(sorted(all_cards, key=lambda card: _ORDER.index(card.indicator)))


def shown(by_service: Mapping[str, Sequence[Card]], holds: Mapping[str, str]) -> list[Card]:
    """The cards of all services, without those whose content another service's card holds too.

    `holds` names, for a service, the other one whose content its cards hold. A card that is more
    urgent than what stands for it is never left out.
    """
    left: list[Card] = []
    for service, own in by_service.items():
        holders = [holder for holder, held in holds.items() if held == service]
        standing = [card for holder in holders for card in by_service.get(holder, ())]
        urgent = min((_ORDER.index(card.indicator) for card in standing), default=len(_ORDER))
        left += [card for card in own if _ORDER.index(card.indicator) < urgent]
    return left


def _card(number: int, one: Mapping[str, Any], clients: Sequence[Client], page: str) -> Card:
    source = one.get("source")
    named = source if isinstance(source, dict) else {}
    links = one.get("links")
    indicator = _text(one, "indicator")
    return Card(
        number=number,
        uuid=_text(one, "uuid"),
        # a word that is not known must not make a card look harmless
        indicator=indicator if indicator in INDICATORS else "warning",
        summary=_text(one, "summary"),
        detail=html(_text(one, "detail")),
        source=_text(named, "label") or "source not named",
        source_url=_web(_text(named, "url")),
        links=tuple(
            link
            for each in (links if isinstance(links, list) else [])
            if isinstance(each, dict) and (link := _link(each, clients)) and link.url != page
        ),
        suggestions=suggestions(one.get("suggestions")),
        behaviour=_text(one, "selectionBehavior") or ONE,
        reasons=reasons(one.get("overrideReasons")),
    )


def _link(one: Mapping[str, Any], clients: Sequence[Client]) -> Link | None:
    label, url = _text(one, "label"), _web(_text(one, "url"))
    if not label or not url:
        return None
    if one.get("type") != "smart":
        return Link(label, url)
    client = next((each for each in clients if each.launch_url == url), None)
    if client is None:
        return None  # an app that nobody registered is not launched
    return Link(label, url, client.client_id, _text(one, "appContext"))


def _web(url: str) -> str:
    return url if url.lower().startswith(("https://", "http://")) else ""


def _text(held: Mapping[str, Any], name: str) -> str:
    value = held.get(name)
    return value if isinstance(value, str) else ""
