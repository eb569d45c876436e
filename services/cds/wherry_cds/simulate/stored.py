"""Calls in files: redacted before they are written, read with care when they come back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from wherry.codec import decode, encode
from wherry.errors import Failure, Kind
from wherry_cds.simulate.redact import Mask, redacted

VERSION = 1
_SHOWN = ("summary", "indicator")


@dataclass(frozen=True, slots=True)
class Stored:
    """One call that was kept: which service, when, what was sent, and what became of it."""

    name: str
    service: str
    at: datetime
    request: Mapping[str, Any] = field(repr=False)
    status: int
    cards: tuple[Mapping[str, Any], ...]


def write(
    path: Path, *, service: str, request: Mapping[str, Any], mask: Mask, status: int, body: Any
) -> None:
    """Keep a call, redacted, for its owner alone. Raises: FileExistsError."""
    cards = body.get("cards", []) if isinstance(body, dict) else []
    kept = {
        "version": VERSION,
        "service": service,
        "at": mask.moved.isoformat(),
        "request": redacted(request, mask),
        "answer": {
            "status": status,
            "cards": [{name: one[name] for name in _SHOWN if name in one} for one in cards],
        },
    }
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(encode(kept) + b"\n")


def load(path: Path) -> Stored:
    """A call that was kept. Raises: Failure(INVALID) for any other file, without repeating it."""
    try:
        value = decode(path.read_bytes())
        if value["version"] != VERSION:
            raise ValueError
        answer = value["answer"]
        return Stored(
            name=path.name,
            service=str(value["service"]),
            at=datetime.fromisoformat(value["at"]),
            request=dict(value["request"]),
            status=int(answer["status"]),
            cards=tuple(dict(one) for one in answer["cards"]),
        )
    except (Failure, KeyError, TypeError, ValueError):
        raise Failure(
            Kind.INVALID, "no call that `wherry cds call --save` wrote", at=path.name
        ) from None
