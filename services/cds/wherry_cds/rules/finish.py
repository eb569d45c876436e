"""A card as one EHR can take it: its links, suggestions and length."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from wherry_cds.clients.profile import Profile
from wherry_cds.rules.early_warning import Card

_SHORTENED = "Shortened for this display: the whole basis is in the chart or the app."


@dataclass(frozen=True, slots=True)
class Extra:
    """What is put on a card beside its text; `models_url` is the base of public model cards."""

    model: str
    models_url: str = ""
    suggestions: Sequence[dict[str, Any]] = ()


def finished(card: Card, profile: Profile, extra: Extra) -> Card:
    """The card with what this EHR understands, and without what it would strip or misread.

    Source: CDS Hooks 2.0, Card Attributes, Link, selectionBehavior.
    """
    made = {**card, "detail": shortened(card["detail"], profile.max_detail_chars)}
    links = [*card.get("links", ()), *_model_card(extra)]
    made["links"] = [_link(one, profile) for one in links if _is_allowed(one["url"], profile)]
    if not made["links"]:
        del made["links"]
    if extra.suggestions:
        made |= {"suggestions": list(extra.suggestions), "selectionBehavior": "any"}
    return made


def _model_card(extra: Extra) -> list[dict[str, str]]:
    if not extra.models_url:
        return []
    address = f"{extra.models_url.rstrip('/')}/v1/models/{quote(extra.model, safe='')}/card"
    return [{"label": f"About {extra.model}", "url": address, "type": "absolute"}]


def _is_allowed(url: str, profile: Profile) -> bool:
    hosts = profile.allowed_link_hosts
    return not hosts or urlsplit(url).hostname in hosts


def _link(link: dict[str, str], profile: Profile) -> dict[str, str]:
    if profile.supports_app_context:
        return link
    return {name: value for name, value in link.items() if name != "appContext"}


def shortened(detail: str, most: int) -> str:
    """At most so many characters: the first and the last paragraph, then what fits in order.

    The first tells the score, the last what it is for and its limits; 0 means no limit.
    """
    if not most or len(detail) <= most:
        return detail
    parts = detail.split("\n\n")
    left = most - len(_SHORTENED) - 2
    kept: set[int] = set()
    for index in (0, len(parts) - 1, *range(1, len(parts) - 1)):
        size = len(parts[index]) + 2
        if index not in kept and size <= left:
            kept.add(index)
            left -= size
    shown = [part for index, part in enumerate(parts) if index in kept]
    return "\n\n".join([*shown, _SHORTENED])
