"""A kept message becomes what an operator sees of it: raw beside FHIR, masked unless revealed."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from importlib import import_module
from importlib.util import find_spec
from typing import Any, cast

from wherry.codec import decode
from wherry.errors import Failure
from wherry.hl7.masked import masked
from wherry.masked_json import masked_json
from wherry.ports import Kept

View = Callable[[Kept], Mapping[str, Any]]
"""A kept message → `bundle` or `outcome`, `warnings` and `unmapped`."""


def facts(kept: Kept) -> dict[str, Any]:
    """What is known of a message beside its body."""
    return {
        "id": kept.id,
        "received_at": kept.received_at.isoformat(timespec="milliseconds"),
        "source": kept.source,
        "channel": kept.channel,
        "sender": kept.sender,
        "kind": kept.kind,
        "control_id": kept.control_id,
        "state": kept.state.value,
        "attempts": kept.attempts,
        "reason": kept.reason,
    }


def shown(kept: Kept, view: View | None, *, revealed: bool) -> dict[str, Any]:
    """The facts, the message, and what it is as FHIR; every value an x unless `revealed`."""
    said = dict(view(kept)) if view and not kept.purged else {}
    body = _text(kept.body) if revealed else _shape(kept.body)
    bundle = said.get("bundle")
    return {
        **facts(kept),
        "size_bytes": len(kept.body),
        "sha256": "" if kept.purged else sha256(kept.body).hexdigest(),
        "purged": kept.purged,
        "revealed": revealed,
        "body": body,
        **said,
        **({"bundle": bundle if revealed else masked_json(bundle)} if bundle else {}),
    }


def view_of(source: str) -> View | None:
    """What turns messages of this source into FHIR: `view` of the module wherry_<source>.view.

    None where that service is not installed or has none; shared code knows no service by name.
    """
    package = f"wherry_{source}"
    if not source.isidentifier() or find_spec(package) is None:
        return None
    if find_spec(f"{package}.view") is None:
        return None
    return cast("View", import_module(f"{package}.view").view)


def _shape(body: bytes) -> str:
    try:
        return str(masked_json(decode(body)))
    except Failure:
        return masked(body)


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
