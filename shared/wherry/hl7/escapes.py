"""Escape sequences of one leaf become text, and text becomes a leaf that is safe to send."""

import re
from collections.abc import Callable

from wherry.hl7 import controls
from wherry.hl7.delimiters import Delimiters

_HEX = re.compile(r"X(?:[0-9A-Fa-f]{2})+")
_LAYOUT = re.compile(r"\.([A-Za-z]{2})\s?\+?(-?\d{1,6}|)")
_MOST_LINES = 100

# Source: HL7 v2.5.1 §2.7.1, the delimiter escapes; v2.7 §2.7.1 for \P\
_DELIMITERS: dict[str, Callable[[Delimiters], str]] = {
    "F": lambda d: d.field,
    "S": lambda d: d.component,
    "T": lambda d: d.subcomponent,
    "R": lambda d: d.repetition,
    "E": lambda d: d.escape,
    "P": lambda d: d.truncation,
    "H": lambda _: "",  # highlighting on and off: plain text has none
    "N": lambda _: "",
}

# Source: HL7 v2.5.1 §2.7.6, formatted text commands; the number is lines, or spaces for .sk
_LAYOUTS: dict[str, Callable[[int], str]] = {
    "br": lambda _: "\n",
    "sp": lambda n: "\n" * max(1, n),
    "sk": lambda n: " " * n,
    "ce": lambda _: "\n",
    "in": lambda _: "",
    "ti": lambda _: "",
    "fi": lambda _: "",
    "nf": lambda _: "",
}


def unescape(text: str, delimiters: Delimiters, charset: str = "utf-8") -> tuple[str, bool]:
    """The leaf's text, and whether an escape character in it was kept literally.

    Unknown sequences and lone escape characters (paths, 50\\50) stay as they are. Neighbouring
    hexadecimal sequences are one run of bytes in the message's character set.
    Source: HL7 v2.5.1 §2.7.
    """
    escape = delimiters.escape
    parts = text.split(escape) if escape else [text]
    out = [parts[0]]
    odd = False
    at = 1
    while at < len(parts):
        value, end = _sequence(parts, at, delimiters, charset)
        if value is None:
            odd = True
            out += (escape, parts[at])
            at += 1
        else:
            out += (value, parts[end])
            at = end + 1
    return "".join(out), odd


def escape(text: str, delimiters: Delimiters) -> str:
    """The text as a leaf: delimiters escaped, line ends as \\.br\\; unescape gives it back."""
    d = delimiters
    if not d.escape:
        unsafe = d.field + d.component + d.repetition + d.subcomponent + "\r\n"
        return "".join(" " if char in unsafe else char for char in text)
    table = {
        d.escape: "E",
        d.field: "F",
        d.component: "S",
        d.repetition: "R",
        d.subcomponent: "T",
        "\r": ".br",
        "\n": ".br",
    }
    return "".join(
        f"{d.escape}{table[char]}{d.escape}" if char in table else char
        for char in text.replace("\r\n", "\n")
    )


def _sequence(
    parts: list[str], at: int, delimiters: Delimiters, charset: str
) -> tuple[str | None, int]:
    """What the sequence at `at` stands for, None when unknown, and where the next text begins."""
    if at + 1 >= len(parts):
        return None, at
    if not _HEX.fullmatch(parts[at]):
        return _known(parts[at], delimiters), at + 1
    run = parts[at][1:]
    while parts[at + 1] == "" and at + 3 < len(parts) and _HEX.fullmatch(parts[at + 2]):
        at += 2
        run += parts[at][1:]
    try:
        value = bytes.fromhex(run).decode(charset)
    except UnicodeError:
        return None, at
    return (None, at) if controls.are_in(value) else (value, at + 1)


def _known(code: str, delimiters: Delimiters) -> str | None:
    if simple := _DELIMITERS.get(code):
        return simple(delimiters)
    layout = _LAYOUT.fullmatch(code)
    command = _LAYOUTS.get(layout[1].lower()) if layout else None
    if layout is None or command is None:
        return None
    return command(min(int(layout[2] or 0), _MOST_LINES))
