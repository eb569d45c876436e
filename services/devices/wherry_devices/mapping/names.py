"""Identifiers, codes and units of payloads as texts to compare, to show if harmless."""

import re
from typing import Any

from wherry_devices.mapping import numbers

_SAFE = re.compile(r"[A-Za-z0-9%/°.\[\]{}_-]{1,24}")
_NAME_CHARS = 256


def name_of(value: Any) -> str:
    """An identifier, code or unit as text: JSON texts and whole numbers; else empty."""
    if isinstance(value, str):
        return value.strip() if len(value) <= _NAME_CHARS else ""
    number = numbers.whole(value)
    return "" if number is None else str(number)


def said(value: Any) -> str:
    """As `name_of`, with true and false as words of their own."""
    return str(value).lower() if isinstance(value, bool) else name_of(value)


def safe(text: str) -> str:
    """A code or unit that may stand in a reason: short, and of the letters that such have."""
    return text if _SAFE.fullmatch(text) else "(not shown)"
