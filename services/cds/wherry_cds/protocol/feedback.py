"""The body of a feedback call becomes items, or everything that is wrong with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from wherry_cds.protocol.problem import Problem

MOST_ITEMS = 1000
ACCEPTED, OVERRIDDEN = "accepted", "overridden"
_LONGEST = 255


@dataclass(frozen=True, slots=True)
class Item:
    """What a clinician did with one card; `at` is in UTC, `not_utc` when it came otherwise."""

    card: str
    outcome: str
    at: datetime
    not_utc: bool
    suggestions: tuple[str, ...] = ()
    system: str = ""
    reason: str = ""
    comment: str = field(default="", repr=False)


def parse(body: Mapping[str, Any]) -> list[Item] | list[Problem]:
    """The items, in order, or all problems, each with the index of its item.

    Source: CDS Hooks 2.0, Feedback.
    """
    items = body.get("feedback")
    if not isinstance(items, list) or not items:
        return [Problem("feedback", "must be a list with at least one item")]
    if len(items) > MOST_ITEMS:
        return [Problem("feedback", f"must hold at most {MOST_ITEMS} items")]
    found = [problem for n, item in enumerate(items) for problem in _problems(n, item)]
    return found or [_item(item) for item in items]


def _problems(index: int, item: object) -> Iterator[Problem]:
    at = f"feedback[{index}]"
    if not isinstance(item, dict):
        yield Problem(at, "must be an object")
        return
    if not _is_text(item.get("card")):
        yield Problem(f"{at}.card", f"must be a text of 1 to {_LONGEST} characters")
    if item.get("outcome") not in (ACCEPTED, OVERRIDDEN):
        yield Problem(f"{at}.outcome", f"must be {ACCEPTED} or {OVERRIDDEN}")
    if item.get("outcome") == ACCEPTED or "acceptedSuggestions" in item:
        yield from _suggestions(f"{at}.acceptedSuggestions", item.get("acceptedSuggestions"))
    if "overrideReason" in item:
        yield from _reason(f"{at}.overrideReason", item["overrideReason"])
    if _moment(item.get("outcomeTimestamp")) is None:
        yield Problem(f"{at}.outcomeTimestamp", "must be an RFC 3339 date and time with an offset")


def _suggestions(at: str, given: object) -> Iterator[Problem]:
    if not isinstance(given, list) or not given:
        yield Problem(at, "must be a list with at least one item")
        return
    for n, one in enumerate(given):
        if not isinstance(one, dict) or not _is_text(one.get("id")):
            yield Problem(f"{at}[{n}].id", "must be the uuid of a suggestion")


def _reason(at: str, given: object) -> Iterator[Problem]:
    """A missing display is let pass; neither a reason nor a comment is not."""
    if not isinstance(given, dict) or not given.keys() & {"reason", "userComment"}:
        yield Problem(at, "must hold a reason or a userComment")
        return
    reason = given.get("reason", {"code": "-"})
    if not isinstance(reason, dict) or not _is_text(reason.get("code")):
        yield Problem(f"{at}.reason", "must be a Coding with a code")
    else:
        for name in ("system", "display"):
            if not isinstance(reason.get(name, ""), str):
                yield Problem(f"{at}.reason.{name}", "must be a text")
    if not isinstance(given.get("userComment", ""), str):
        yield Problem(f"{at}.userComment", "must be a text")


def _item(item: Mapping[str, Any]) -> Item:
    said = item.get("overrideReason", {})
    reason = said.get("reason", {})
    moment = _moment(item["outcomeTimestamp"])
    assert moment is not None  # noqa: S101 - it was checked
    return Item(
        card=item["card"],
        outcome=item["outcome"],
        at=moment.astimezone(UTC),
        not_utc=moment.utcoffset() != timedelta(0),
        suggestions=tuple(one["id"] for one in item.get("acceptedSuggestions", ())),
        system=reason.get("system", ""),
        reason=reason.get("code", ""),
        comment=said.get("userComment", ""),
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= _LONGEST


def _moment(value: object) -> datetime | None:
    """Source: RFC 3339 §5.6, date-time: a time of day and an offset are there."""
    if not isinstance(value, str) or value[10:11] not in ("T", "t", " "):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo and moment.astimezone(UTC).year > 1 else None
    except (ValueError, OverflowError):
        return None
