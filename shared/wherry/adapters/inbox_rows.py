"""Arrivals as rows of the inbox's tables, and rows as kept messages."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, Select, select

from wherry import codec
from wherry.adapters.inbox_tables import BRAKED, message, message_state
from wherry.adapters.sealing import CLEAR, Seal, Sealer
from wherry.adapters.sql import label
from wherry.ports import Arrival, Kept, State


def message_row(arrival: Arrival) -> dict[str, Any]:
    """What never changes of a message; its id and time of arrival are still missing."""
    return {
        "source": arrival.source,
        "channel": label(arrival.channel),
        "sender": label(arrival.sender),
        "kind": label(arrival.kind),
        "control_id": label(arrival.control_id),
        "digest": sha256(arrival.body).hexdigest(),
        "body": arrival.body,
        "charset": label(arrival.charset),
        "answer": arrival.answer,
    }


def sealed(row: dict[str, Any], seal: Seal, key_id: str) -> None:
    """Encrypt the body of a row that has its id; the row's identity is part of the seal."""
    row["body"] = seal(row["body"], identity(row["source"], row["id"], row["digest"]))
    row["key_id"] = key_id


def identity(source: str, id_: int, digest: str) -> str:
    """What ties an encrypted body to its row."""
    return f"{source}/{id_}/{digest}"


def state_row(arrival: Arrival) -> dict[str, Any]:
    """How a message stands at first; its id is still missing."""
    return {
        "source": arrival.source,
        "state": (State.ASIDE if arrival.aside else State.WAITING).value,
        "attempts": 0,
        "reason": label(arrival.aside),
        "patient_key": arrival.keys[0] if len(arrival.keys) == 1 else "",
        "patient_keys": codec.encode(arrival.keys).decode(),
        "owner": "",
        "token": "",
        "free_at_s": 0.0,
    }


def state_of(written: str) -> State:
    """A state as others know it: what a brake holds back waits."""
    return State.WAITING if written == BRAKED else State(written)


def all_kept() -> Select[Any]:
    """The statement that reads messages and how they stand; `kept` reads its rows."""
    return select(
        message,
        message_state.c.state,
        message_state.c.attempts,
        message_state.c.reason,
        message_state.c.patient_keys,
        message_state.c.purged_at_s,
        message_state.c.repeats,
    ).join(message_state, message_state.c.message_id == message.c.id)


def kept(row: Row[Any], sealer: Sealer) -> Kept:
    """One row of `all_kept`. Raises: Failure of `Sealer.open`."""
    purged = row.purged_at_s > 0
    return Kept(
        id=row.id,
        source=row.source,
        body=b"" if purged else _opened(row, sealer),
        channel=row.channel,
        sender=row.sender,
        kind=row.kind,
        control_id=row.control_id,
        received_at=datetime.fromtimestamp(row.received_at_s, UTC),
        state=state_of(row.state),
        attempts=row.attempts,
        reason=row.reason,
        keys=tuple(codec.decode(row.patient_keys)),
        charset=row.charset,
        purged=purged,
        answer=row.answer,
        repeats=row.repeats,
    )


def _opened(row: Row[Any], sealer: Sealer) -> bytes:
    if row.key_id == CLEAR:
        return bytes(row.body)
    return sealer.open(row.key_id, row.body, identity(row.source, row.id, row.digest))
