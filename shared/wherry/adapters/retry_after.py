"""The Retry-After of an answer becomes seconds."""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from wherry.adapters.clock import SystemClock

_SAYS_WHEN = frozenset({429, 503})
_LONGEST_S = 3600.0


def wanted_pause_s(status: int, headers: Mapping[str, str]) -> float:
    """How long a busy server wants to be left alone: 0 when it does not say, an hour at most.

    A date is read by the server's own Date, so that its clock and ours need not agree.
    Source: RFC 9110, 10.2.3 Retry-After; RFC 6585, 4.
    """
    said = headers.get("Retry-After", "").strip() if status in _SAYS_WHEN else ""
    if not said:
        return 0.0
    if said.isascii() and said.isdigit():
        return min(_LONGEST_S, float(said))
    try:
        until = parsedate_to_datetime(said)
        now = parsedate_to_datetime(headers["Date"]) if "Date" in headers else SystemClock().now()
        return min(_LONGEST_S, max(0.0, (until - now).total_seconds()))
    except (TypeError, ValueError, OverflowError):  # no date, or one without a zone
        return 0.0
