"""An Encounter grows by one more message: its status moves forward, its places become a history."""

from collections.abc import Mapping, Sequence
from typing import Any

from wherry.fhir import snapshot
from wherry.fhir.interval import interval
from wherry.resource import Resource

CLOSED = frozenset({"finished", "cancelled", "entered-in-error"})
_COMPLETED, _RESERVED = "completed", "reserved"
_REOPENED = "period.end"
UNDO = "location:undo"
"""The deletion that takes the last move back: the stay before it goes on."""

NOTHING_PENDING = "location:reserved"
"""The deletion of places that were kept for the patient."""

TEMPORARY = "http://hl7.org/fhir/StructureDefinition/subject-locationClassification"
_OURS = frozenset({UNDO, NOTHING_PENDING})


def laid_over(
    stored: Resource, incoming: Resource, deletes: Sequence[str], weak: Sequence[str]
) -> Resource:
    """The stored Encounter with a snapshot over it.

    `unknown` never replaces a known status. A closed one is reopened only by a message that
    deletes `period.end` (a cancelled discharge) or whose visit starts after the stored end.
    `UNDO` and `NOTHING_PENDING` are further deletions of places.
    Where the stored start or end contradicts what is said now, only what is said now stays.
    """
    again = _begins_again(stored, incoming)
    status = _status(stored, incoming, reopened=again or _REOPENED in deletes, weak=weak)
    rest = {k: v for k, v in incoming.items() if k not in {"status", "location", "classHistory"}}
    plain = [path for path in deletes if path not in _OURS]
    merged = snapshot.laid_over(stored, rest, plain, weak)
    if _ends_before_start(merged.get("period", {})):
        merged["period"] = incoming["period"]
    merged["status"] = status
    if "classHistory" in incoming:
        merged["classHistory"] = _classes(stored, incoming)
    said = [_closed(one) if status in CLOSED else one for one in incoming.get("location", ())]
    kept = _taken_back(merged.get("location", []), said, deletes)
    merged.pop("location", None)
    if stays := _stays(kept, said):
        merged["location"] = stays
    return merged


def _classes(stored: Resource, incoming: Resource) -> list[Resource]:
    """The classes one after the other: the one before ends where the new one begins.

    Source: FHIR R4 Encounter.classHistory.
    """
    (now,) = incoming["classHistory"]
    since = now["period"].get("start")
    before = list(stored.get("classHistory", ()))
    if not before and "class" in stored:
        period = {k: v for k, v in stored.get("period", {}).items() if k == "start"}
        before = [{"class": stored["class"], "period": period}]
    if before and _code(before[-1]) == _code(now):
        return before if "classHistory" in stored else [now]
    ended = [
        {**one, "period": {**one["period"], "end": since}}
        if since and "end" not in one["period"]
        else one
        for one in before
    ]
    return [*(one for one in ended if one["period"]), now]


def _code(one: Resource) -> Any:
    return one["class"].get("system"), one["class"].get("code")


def _taken_back(
    kept: Sequence[Resource], said: Sequence[Resource], deletes: Sequence[str]
) -> list[Resource]:
    """The stays without what a message takes back; the stay before goes on then."""
    out = list(kept)
    if NOTHING_PENDING in deletes:
        out = [one for one in out if one.get("status") != _RESERVED]
    if UNDO not in deletes and _REOPENED not in deletes:
        return out
    here = [_place(one) for one in said if one.get("status") != _COMPLETED and not _beside(one)]
    last = next((n for n in reversed(range(len(out))) if _place(out[n]) in here), None)
    if last is None or (UNDO not in deletes and any(not _beside(one) for one in out[last + 1 :])):
        return out
    period = {k: v for k, v in out[last].get("period", {}).items() if k != "end"}
    stay = {k: v for k, v in out[last].items() if k != "period"}
    again = {**stay, "status": "active", **({"period": period} if period else {})}
    return [*out[:last], again, *filter(_beside, out[last + 1 :])]


def _beside(one: Resource) -> bool:
    """Whether a place is not where the patient's bed is: kept for later, or for a while only."""
    return one.get("status") == _RESERVED or _temporary(one)


def _temporary(one: Resource) -> bool:
    return any(extension.get("url") == TEMPORARY for extension in one.get("extension", ()))


def _stays(kept: Sequence[Resource], said: Sequence[Resource]) -> list[Resource]:
    """Three histories side by side: of beds, of places for a while, of places kept for later."""
    beds = places(
        [one for one in kept if not _beside(one)], [one for one in said if not _beside(one)]
    )
    short = places(list(filter(_temporary, kept)), list(filter(_temporary, said)))
    pending = [one for one in said if one.get("status") == _RESERVED]
    here = [_place(one) for one in beds]
    if not pending:
        pending = [
            one for one in kept if one.get("status") == _RESERVED and _place(one) not in here
        ]
    return [*beds, *short, *pending]


def with_past(stored: Resource, older: Resource) -> Resource:
    """The stored Encounter with the places and the start that a late, older message knew of."""
    merged = dict(stored)
    kept = list(stored.get("location", ()))
    for one in older.get("location", ()):
        if not any(_same_stay(one, other) for other in kept):
            kept.insert(_position(kept, one), _closed(one))
    if kept:
        merged["location"] = kept
    start = older.get("period", {}).get("start")
    period = {"start": start, **stored.get("period", {})}
    if start and not _ends_before_start(period):
        merged["period"] = period
    return merged


def places(kept: Sequence[Resource], said: Sequence[Resource]) -> list[Resource]:
    """The location history after one more message, which says a prior or the present place.

    The present place stays one entry while the patient is there; leaving it completes the entry.
    Source: FHIR R4 Encounter.location, `status` and `period`.
    """
    out = list(kept)
    here = [_place(one) for one in said if one.get("status") != _COMPLETED]
    for one in said:
        if one.get("status") == _COMPLETED and _place(one) in here:
            continue  # left and still there: no move
        at = _last(out, one)
        if one.get("status") == _COMPLETED:
            _leave(out, at, one)
        elif at is None or at != len(out) - 1 or out[at].get("status") == _COMPLETED:
            left = one.get("period", {}).get("start")
            out = [_ended(other, left) for other in out]
            out.append(one)
        else:
            period = {**one.get("period", {}), **out[at].get("period", {})}
            out[at] = {**out[at], **one, **({"period": period} if period else {})}
    return out


def _leave(out: list[Resource], at: int | None, one: Resource) -> None:
    end = one.get("period", {}).get("end")
    if at is not None:
        out[at] = _ended(out[at], end)
        return
    out[:] = [_ended(other, end) for other in out]
    out.append(one)


def _ended(one: Resource, end: str | None) -> Resource:
    if one.get("status") == _COMPLETED and ("end" in one.get("period", {}) or not end):
        return one
    period = dict(one.get("period", {}))
    if end and not ("start" in period and _before(end, period["start"])):
        period["end"] = end
    return {**one, "status": _COMPLETED, **({"period": period} if period else {})}


def _closed(one: Resource) -> Resource:
    return one if one.get("status") == _RESERVED else {**one, "status": _COMPLETED}


def _status(stored: Resource, incoming: Resource, *, reopened: bool, weak: Sequence[str]) -> str:
    kept, said = stored.get("status", "unknown"), incoming.get("status", "unknown")
    if said == "unknown" or ("status" in weak and kept != "unknown"):
        return str(kept)
    if kept in CLOSED and said not in CLOSED and not reopened:
        return str(kept)
    return str(said)


def _begins_again(stored: Resource, incoming: Resource) -> bool:
    end, start = stored.get("period", {}).get("end"), incoming.get("period", {}).get("start")
    return _ends_before_start({"start": start, "end": end})


def _ends_before_start(period: Mapping[str, str | None]) -> bool:
    start, end = period.get("start") or "", period.get("end") or ""
    return bool(end and start) and _before(end, start)


def _before(one: str, other: str) -> bool:
    return interval(one)[1] <= interval(other)[0]


def _place(one: Resource) -> Any:
    location = one.get("location", {})
    return location.get("identifier") or location.get("reference") or location.get("display")


def _last(out: Sequence[Resource], one: Resource) -> int | None:
    place = _place(one)
    return next((n for n in reversed(range(len(out))) if _place(out[n]) == place), None)


def _same_stay(one: Resource, other: Resource) -> bool:
    starts = [stay.get("period", {}).get("start") for stay in (one, other)]
    return _place(one) == _place(other) and (None in starts or starts[0] == starts[1])


def _position(kept: Sequence[Resource], one: Resource) -> int:
    start = one.get("period", {}).get("start")
    for n, other in enumerate(kept):
        period = other.get("period", {})
        begins = period.get("start") or period.get("end")
        if start and begins and _before(start, begins):
            return n
    return next((n for n, other in enumerate(kept) if other.get("status") != _COMPLETED), len(kept))
