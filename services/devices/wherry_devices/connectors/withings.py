"""Withings: answers are JSON, notifications are forms that only say that there is something."""

from typing import Any
from urllib.parse import parse_qsl

from wherry.codec import decode as json
from wherry.errors import Failure, Kind

_MOST = 20


def decode(body: bytes) -> Any:
    """JSON, measure groups without their envelope in one; a form under `notification`.

    Source: developer.withings.com, notifications and measure-getmeas.

    Raises: Failure(INVALID) for anything else.
    """
    if b"=" not in body or body.lstrip()[:1] in (b"{", b"["):
        return _enveloped(json(body))
    try:
        fields = parse_qsl(body.decode("ascii"), strict_parsing=True, max_num_fields=_MOST)
    except ValueError:
        raise Failure(Kind.INVALID, "neither JSON nor a form") from None
    return {"notification": dict(fields)}


def _enveloped(payload: Any) -> Any:
    groups = isinstance(payload, list) and payload
    if groups and all(isinstance(one, dict) and "grpid" in one for one in payload):
        return {"body": {"measuregrps": payload}}
    return payload
