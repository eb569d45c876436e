"""What a person filled in becomes the body of PUT /v1/bindings, or what is wrong at which field."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import request

from wherry.errors import Failure, Kind
from wherry_devices.deps import Deps
from wherry_devices.mapping.binding import Binding
from wherry_devices.mapping.reading import ACCOUNT, DEVICE
from wherry_devices.owning.page_words import moments

KINDS = (DEVICE, ACCOUNT, "key")
_BIND = frozenset(
    {
        *("source", "what", "name", "patient", "valid_from", "valid_to", "verified_by"),
        *("expected_every", "zone"),
    }
)
_END = frozenset({"source", "key", "patient", "valid_from", "ends", "ended_by"})
_MOST_CHARS = 500
FIELDS = {DEVICE: "name", ACCOUNT: "name", "key": "name"}
"""Members of the body that have another name in the form."""


def given_to_bind() -> dict[str, str]:
    """The fields of the form that binds. Raises: Failure(INVALID) for others."""
    return _given(_BIND)


def given_to_end() -> dict[str, str]:
    """The fields of the form that ends a binding. Raises: Failure(INVALID) for others."""
    return _given(_END)


def to_bind(given: Mapping[str, str], zone: ZoneInfo) -> dict[str, Any]:
    """The body that binds; empty fields are left out. Raises: Failure(INVALID) at a field."""
    if given["what"] not in KINDS:
        raise Failure(Kind.INVALID, "one of device, account, key", at="what")
    body: dict[str, Any] = {
        "source": given["source"],
        given["what"]: given["name"],
        "patient": given["patient"],
        "verified_by": given["verified_by"],
    }
    for name in ("valid_from", "valid_to"):
        if given[name]:
            body[name] = instant(given[name], zone, at=name)
    for name in ("expected_every", "zone"):
        if given[name]:
            body[name] = given[name]
    return body


def to_end(given: Mapping[str, str], zone: ZoneInfo) -> dict[str, Any]:
    """The body that ends a binding. Raises: Failure(INVALID) at a field."""
    if not given["ends"]:
        raise Failure(Kind.INVALID, "when does it end?", at="ends")
    return {
        **{name: given[name] for name in ("source", "key", "patient", "valid_from")},
        "valid_to": instant(given["ends"], zone, at="ends"),
        "verified_by": given["ended_by"],
    }


def instant(text: str, zone: ZoneInfo, *, at: str) -> str:
    """A local time of a form as an instant.

    Raises: Failure(INVALID) for what is none, and for an hour that the clocks skip or have twice.
    """
    try:
        naive = datetime.fromisoformat(text)
    except ValueError:
        raise Failure(Kind.INVALID, "a date and a time", at=at) from None
    if naive.tzinfo is not None:
        raise Failure(Kind.INVALID, "a date and a time without an offset", at=at)
    both = {naive.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    if len(both) > 1:
        why = "the clocks change then, so the hour is there twice or not at all; choose another"
        raise Failure(Kind.INVALID, why, at=at)
    return both.pop().isoformat(timespec="seconds")


def conflict(wanted: Mapping[str, Any], key: str, needs: Deps, zone: ZoneInfo) -> str:
    """Which binding stands in the way, in words."""
    start = datetime.fromisoformat(wanted["valid_from"])
    end = datetime.fromisoformat(wanted["valid_to"]) if wanted.get("valid_to") else None
    asked = Binding(key, "", "", start, end, "")
    found = [one for one in needs.bindings.search(key=key) if one.overlaps(asked)]
    told = moments(zone)
    words = [
        f"patient {one.patient} from {told(one.valid_from)}"
        f" {f'to {told(one.valid_to)}' if one.valid_to else 'on'}"
        for one in found
    ]
    return (
        f"It belongs to {' and '.join(words)}. End that binding first, or choose a time outside it."
    )


def _given(known: frozenset[str]) -> dict[str, str]:
    for name in request.form.keys() - known:
        raise Failure(Kind.INVALID, "no such field", at=name[:64])
    return {name: request.form.get(name, "").strip()[:_MOST_CHARS] for name in known}
