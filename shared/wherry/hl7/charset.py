"""The bytes of one message become text: sender's override, MSH-18, UTF-8, Windows-1252."""

import re
from dataclasses import dataclass

_FALLBACK = "cp1252"

# Source: HL7 table 0211, alternate character sets (v2.8.2). 8859/1 is read as Windows-1252, whose
# extra characters are what such senders mean by bytes 80 to 9F; a bare UNICODE is UTF-8 in
# practice, because a UTF-16 MSH could not have been found.
_CODECS = {
    "": "",
    "ASCII": "ascii",
    "ISO IR6": "ascii",
    "8859/1": "cp1252",
    **{f"8859/{n}": f"iso8859_{n}" for n in (*range(2, 12), *range(13, 17))},
    "UNICODE": "utf-8",
    "UNICODE UTF-8": "utf-8",
    "UTF-8": "utf-8",
    "UTF8": "utf-8",
    "ISO IR14": "iso2022_jp_ext",
    "ISO IR87": "iso2022_jp_ext",
    "ISO IR159": "iso2022_jp_ext",
    "GB 18030-2000": "gb18030",
    "BIG-5": "big5",
    "KS X 1001": "euc_kr",
    "WINDOWS-1252": "cp1252",
}

_SEPARATORS = re.compile(r"[\s_]+")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A message as text, the codec that read it, and a remark when another one was declared."""

    text: str
    codec: str
    remark: str = ""


def codec(declared: str, repetition: str = "~") -> str | None:
    """The Python codec for MSH-18, empty when none is declared, None when it is not known.

    A first repetition of ASCII beside a second one is ISO 2022 code extension: the second counts.
    """
    repetitions = declared.split(repetition) if repetition else [declared]
    names = [_SEPARATORS.sub(" ", name.strip().upper()) for name in repetitions]
    first = _CODECS.get(names[0])
    if len(names) > 1 and first in {"", "ascii"}:
        return _CODECS.get(names[1], first)
    return first


def decode(data: bytes, declared: str, override: str = "", repetition: str = "~") -> Decoded:
    """The text of a message; never fails, because the last resort knows every byte.

    Source: HL7 v2.5.1 §2.15.9.18 (MSH-18).
    """
    asked = override or codec(declared, repetition)
    if not asked:
        remark = "" if asked == "" else "unknown character set"
        return _guessed(data, remark)
    try:
        return Decoded(data.decode(asked), asked)
    except (UnicodeError, LookupError):
        if asked == _FALLBACK:
            return Decoded(_windows(data), _FALLBACK)
        return _guessed(data, "the bytes are not in the declared character set")


def _guessed(data: bytes, remark: str) -> Decoded:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        said = remark or "no character set declared and not UTF-8"
        return Decoded(_windows(data), _FALLBACK, f"{said}; read as Windows-1252")
    return Decoded(text, "utf-8", f"{remark}; read as UTF-8" if remark else "")


def _windows(data: bytes) -> str:
    """Windows-1252 with its five unassigned bytes as control characters, as the web reads it."""
    try:
        return data.decode(_FALLBACK)
    except UnicodeDecodeError:
        return "".join(
            chr(byte) if byte in b"\x81\x8d\x8f\x90\x9d" else bytes((byte,)).decode(_FALLBACK)
            for byte in data
        )
